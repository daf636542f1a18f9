// XEP-0050: the commands with which those who run a service of rooms change its own list.
import type { ScopedHost } from '../../host/scoped-host.ts'
import { form, type SubmittedForm } from '../../stanza/form.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import type { Command } from '../commands/commands.ts'
import type { Blocklist } from './blocklist.ts'
import { hashOfText } from './hashed-address.ts'

/** What the commands change. */
export interface OwnList {
  readonly list: Blocklist
  /** Addresses in one command. */
  readonly mostAtATime: number
  readonly onAdded: (hashes: readonly string[]) => void
}

/** Blocks addresses. */
export function blockCommand(host: ScopedHost, { list, mostAtATime, onAdded }: OwnList): Command {
  return addressesCommand(host, 'block-addresses', 'Block addresses in all rooms', async (form) => {
    const added = await list.add(hashesIn(form, mostAtATime))
    onAdded(added)
    return `${added.length} blocked; ${list.size} are on the list.`
  })
}

/** Takes addresses off the list. */
export function unblockCommand(host: ScopedHost, { list, mostAtATime }: OwnList): Command {
  return addressesCommand(host, 'unblock-addresses', 'Block addresses no longer', async (form) => {
    const removed = await list.remove(hashesIn(form, mostAtATime))
    return `${removed.length} no longer blocked; ${list.size} are on the list.`
  })
}

function addressesCommand(
  host: ScopedHost,
  node: string,
  name: string,
  submit: (form: SubmittedForm) => Promise<string>,
): Command {
  return {
    node,
    name,
    isAllowed: (from) => host.isAdmin(from),
    start: () => ({
      form: form({
        type: 'form',
        title: name,
        fields: [
          {
            var: 'addresses',
            type: 'text-multi',
            label: 'Addresses, domains or their hashes',
            isRequired: true,
          },
        ],
      }),
      submit: async (submitted) => ({ note: { type: 'info', text: await submit(submitted) } }),
    }),
  }
}

function hashesIn({ values }: SubmittedForm, most: number): string[] {
  const given = (values.get('addresses') ?? []).filter((text) => text.trim() !== '')
  if (given.length === 0) throw new StanzaError('not-acceptable', 'no address is named')
  if (given.length > most) throw new StanzaError('policy-violation', `at most ${most} addresses at a time`)
  return given.map((text) => {
    const hash = hashOfText(text)
    if (hash === undefined) throw new StanzaError('not-acceptable', `${text.slice(0, 100)} is no address`)
    return hash
  })
}
