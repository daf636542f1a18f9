// XEP-0441 §2.1: an account's wishes, as elements.
import { type Jid, parseJid } from '../../jid/jid.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import { type Element, element } from '../../xml/element.ts'
import { namespace } from '../archive-query/archive-query.ts'

/** §2.1.1: whose messages are archived of those that are in neither list. */
export const policies = ['always', 'roster', 'never'] as const
export type Policy = (typeof policies)[number]

/** What is archived for an account. */
export interface ArchivePreferences {
  readonly policy: Policy
  readonly always: readonly Jid[]
  readonly never: readonly Jid[]
}

export function preferencesElement({ policy, always, never }: ArchivePreferences): Element {
  const list = (name: string, addresses: readonly Jid[]) =>
    element(
      name,
      namespace,
      {},
      ...addresses.map((address) => element('jid', namespace, {}, address.toString())),
    )
  return element('prefs', namespace, { default: policy }, list('always', always), list('never', never))
}

/**
 * Reads a `<prefs/>`; a list that is missing is empty.
 * @throws StanzaError bad-request or jid-malformed
 */
export function parsePreferences(prefs: Element): ArchivePreferences {
  const policy = policies.find((name) => name === prefs.attribute('default'))
  if (!policy) throw new StanzaError('bad-request', `\`default\` is one of ${policies.join(', ')}`)
  return { policy, always: addressesOf(prefs, 'always'), never: addressesOf(prefs, 'never') }
}

function addressesOf(prefs: Element, name: string): Jid[] {
  const byText = new Map<string, Jid>()
  for (const { text } of prefs.child(name)?.elements('jid') ?? []) {
    const address = parseJid(text.trim())
    if (!address) throw new StanzaError('jid-malformed', `\`${name}\` has what is no address`)
    byText.set(address.toString(), address)
  }
  return [...byText.values()]
}
