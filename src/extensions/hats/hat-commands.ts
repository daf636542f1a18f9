// XEP-0317 §3.2-3.7: the commands with which hats are made, given and listed.
import { type Jid, parseJid } from '../../jid/jid.ts'
import { type Field, form, type SubmittedForm } from '../../stanza/form.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import type { Element } from '../../xml/element.ts'
import type { Command, Completed } from '../commands/commands.ts'
import { isAtLeast, type Room } from '../muc/muc.ts'
import type { Hat, RoomHats } from './room-hats.ts'

const formType = 'urn:xmpp:hats:commands'
const nodePrefix = 'urn:xmpp:hats:commands:'

/** What the commands work on. */
export interface HatSite {
  readonly room: Room
  readonly hats: RoomHats
  /** Resolves when what has changed is kept. */
  keep(): Promise<void>
  /** Shows everybody what an account wears now. */
  showAgain(account: Jid): void
}

/** The commands of one room, by node. */
export function hatCommands(site: HatSite): ReadonlyMap<string, Command> {
  const all = [create(site), destroy(site), assign(site), unassign(site), list(site), listAssigned(site)]
  return new Map(all.map((command) => [command.node, command]))
}

function create({ hats, keep, ...site }: HatSite): Command {
  const fields = (): Field[] => [
    { var: 'hats#title', type: 'text-single', label: 'Title of the hat', isRequired: true },
    { var: 'hats#uri', type: 'text-single', label: 'URI of the hat', isRequired: true },
    { var: 'hats#hue', type: 'text-single', label: 'Hue of the hat' },
  ]
  return asking('create', 'Create a hat', site.room, fields, async (submitted) => {
    const uri = fieldValue(submitted, 'hats#uri')
    const hue = fieldValue(submitted, 'hats#hue')
    hats.put({ uri, title: fieldValue(submitted, 'hats#title'), ...(hue === '' ? {} : { hue }) })
    showAll(site, hats.wearersOf(uri))
    await keep()
  })
}

function destroy({ hats, keep, ...site }: HatSite): Command {
  const fields = () => [hatField(hats.all)]
  return asking('destroy', 'Destroy a hat', site.room, fields, async (submitted) => {
    // The form in the text has another name for the field than what is submitted there.
    const uri = fieldValue(submitted, 'hats#uri') || fieldValue(submitted, 'hat')
    showAll(site, hats.destroy(uri))
    await keep()
  })
}

function assign({ room, hats, keep, showAgain }: HatSite): Command {
  const fields = () => [addressField, hatField(hats.all)]
  return asking('assign', 'Assign a hat', room, fields, async (submitted) => {
    const account = addressOf(submitted)
    hats.assign(account, fieldValue(submitted, 'hats#uri'))
    showAgain(account)
    await keep()
  })
}

function unassign({ room, hats, keep, showAgain }: HatSite): Command {
  const fields = () => [addressField, hatField(hats.all)]
  return asking('unassign', 'Take a hat away', room, fields, async (submitted) => {
    const account = addressOf(submitted)
    hats.unassign(account, fieldValue(submitted, 'hats#uri'))
    showAgain(account)
    await keep()
  })
}

/** §3.4: what hats there are is for those who are in the room, or could be. */
function list({ room, hats }: HatSite): Command {
  const mayRead = (from: Jid) => room.roleOf(from) !== 'none'
  return telling('list', 'List hats', mayRead, () =>
    table(
      'Hats',
      ['hats#title', 'hats#uri', 'hats#hue'],
      hats.all.map((hat) => [hat.title, hat.uri, hat.hue ?? '']),
    ),
  )
}

/** §3.7: who wears what names real addresses. */
function listAssigned({ room, hats }: HatSite): Command {
  const mayRead = (from: Jid) => {
    if (isAtLeast(room.affiliationOf(from), 'admin')) return true
    const role = room.roleOf(from)
    return role !== 'none' && room.showsJidsTo(role)
  }
  return telling('list-assigned', 'List who wears hats', mayRead, () =>
    table(
      'Assigned hats',
      ['hats#jid', 'hats#uri', 'hats#title', 'hats#hue'],
      hats.worn.map(({ jid, hat }) => [jid, hat.uri, hat.title, hat.hue ?? '']),
    ),
  )
}

/** A command for admins of the room that has one form and ends without words. */
function asking(
  name: string,
  title: string,
  room: Room,
  fields: () => readonly Field[],
  act: (submitted: SubmittedForm) => Promise<void>,
): Command {
  return {
    node: nodePrefix + name,
    name: title,
    isAllowed: (from) => isAtLeast(room.affiliationOf(from), 'admin'),
    start: () => ({
      form: form({ type: 'form', formType, title, fields: fields() }),
      async submit(submitted): Promise<Completed> {
        await act(submitted)
        return {}
      },
    }),
  }
}

function telling(
  name: string,
  title: string,
  isAllowed: (from: Jid) => boolean,
  tell: () => Element,
): Command {
  return { node: nodePrefix + name, name: title, isAllowed, start: () => ({ result: tell() }) }
}

function table(title: string, names: readonly string[], rows: readonly (readonly string[])[]): Element {
  return form({ type: 'result', title, table: { columns: names.map((name) => ({ var: name })), rows } })
}

const addressField: Field = { var: 'hats#jid', type: 'jid-single', label: 'Who wears it', isRequired: true }

function hatField(all: readonly Hat[]): Field {
  const options = all.map(({ title, uri }) => ({ label: title, value: uri }))
  return { var: 'hats#uri', type: 'list-single', label: 'The hat', options, isRequired: true }
}

function fieldValue({ values }: SubmittedForm, name: string): string {
  return values.get(name)?.[0] ?? ''
}

function addressOf(submitted: SubmittedForm): Jid {
  const jid = parseJid(fieldValue(submitted, 'hats#jid'))
  if (!jid?.local) throw new StanzaError('not-acceptable', 'there is no such address')
  return jid.bare
}

function showAll({ showAgain }: Pick<HatSite, 'showAgain'>, addresses: readonly string[]): void {
  for (const address of addresses) {
    const account = parseJid(address)
    if (account) showAgain(account)
  }
}
