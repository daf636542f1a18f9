// XEP-0045 §7.10: registering with a room, which makes a member with a nick of one's own.
import type { Jid } from '../../jid/jid.ts'
import { form, formIn } from '../../stanza/form.ts'
import { registerNamespace } from '../../stanza/namespaces.ts'
import type { Iq } from '../../stanza/stanza.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import { type Element, element } from '../../xml/element.ts'
import { type Affiliation, isAtLeast } from './affiliation.ts'
import { applyAffiliationEdits } from './affiliation-edit.ts'
import { type Conference, refusal } from './conference.ts'
import { mucRegisterForm } from './namespaces.ts'
import { checkNick } from './nick.ts'
import { askForMembership, nickField } from './registration-requests.ts'
import type { Room } from './room.ts'
import { registration } from './settings/registration.ts'

/** Answers jabber:iq:register for every room. */
export function addRegistration(conference: Conference): void {
  conference.iq.add('get', registerNamespace, 'query', (iq, room) => requirements(room, iq.from))
  conference.iq.add('set', registerNamespace, 'query', (iq, room) => set(conference, room, iq))
}

function requirements(room: Room, from: Jid): Element {
  checkMayRegister(room, from)
  const nick = room.affiliations.entry(from.bare.toString())?.nick
  if (nick !== undefined) {
    return element(
      'query',
      registerNamespace,
      {},
      element('registered', registerNamespace),
      element('username', registerNamespace, {}, nick),
    )
  }
  const field = { var: nickField, type: 'text-single', label: 'Nickname', isRequired: true } as const
  return element(
    'query',
    registerNamespace,
    {},
    form({ type: 'form', formType: mucRegisterForm, fields: [field] }),
  )
}

function set(conference: Conference, room: Room, iq: Iq): Promise<void> {
  const affiliation = checkMayRegister(room, iq.from)
  const query = iq.payload
  if (query?.child('remove')) {
    // A member's registration is the membership; what admins and owners are does not come from it.
    const remaining = isAtLeast(affiliation, 'admin') ? affiliation : 'none'
    return edit(conference, room, iq.from.bare, remaining, null)
  }
  const submitted = formIn(query)
  const nick = submitted?.values.get(nickField)?.[0]
  if (submitted?.type !== 'submit' || submitted.formType !== mucRegisterForm || !nick) {
    throw new StanzaError('bad-request', `a form of ${mucRegisterForm} with a nick is needed`)
  }
  const wanted = room.jid.withResource(nick)
  if (!wanted) throw new StanzaError('jid-malformed', 'that is no nick')
  checkNick(conference, room, wanted, iq.from)
  if (affiliation !== 'none') return edit(conference, room, iq.from.bare, affiliation, wanted.resource)
  if (room.config.get(registration) === 'approval') {
    return askForMembership(conference, room, iq.from, wanted.resource)
  }
  checkAddition(conference, room)
  return edit(conference, room, iq.from.bare, 'member', wanted.resource)
}

/** XEP-0045 §7.10: who is not on the lists comes on them by registering only where the room says so. */
function checkMayRegister(room: Room, from: Jid): Affiliation {
  const affiliation = room.affiliations.entry(from.bare.toString())?.affiliation ?? 'none'
  // A ban of the whole domain is not to be got round.
  if (affiliation === 'outcast' || room.affiliationOf(from) === 'outcast')
    throw new StanzaError('forbidden', 'you are banned from this room')
  if (affiliation === 'none' && room.config.get(registration) === 'closed') {
    throw new StanzaError('registration-required', 'admins of the room choose its members')
  }
  return affiliation
}

function checkAddition({ options }: Conference, room: Room): void {
  if (room.affiliations.size >= options.affiliations) {
    throw refusal(
      room,
      'resource-constraint',
      `the lists of a room have at most ${options.affiliations} addresses`,
    )
  }
}

function edit(
  conference: Conference,
  room: Room,
  jid: Jid,
  affiliation: Affiliation,
  nick: string | null,
): Promise<void> {
  // Whoever does this oneself needs neither an invitation nor to be told.
  applyAffiliationEdits(conference, room, [{ jid, affiliation, nick }], undefined, { invites: false })
  return conference.rooms.save(room, [jid.toString()])
}
