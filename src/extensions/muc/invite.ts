// XEP-0045 §7.8.2: invitations through the room, and declining them.
import { type Jid, parseJid } from '../../jid/jid.ts'
import { Message, stanzaNamespace } from '../../stanza/stanza.ts'
import { type Element, element } from '../../xml/element.ts'
import { isAtLeast } from './affiliation.ts'
import { type Conference, refusal } from './conference.ts'
import { mucUserNamespace } from './namespaces.ts'
import type { Seat } from './occupant.ts'
import type { Room } from './room.ts'
import { allowInvites } from './settings/allow-invites.ts'
import { roomSecret } from './settings/password.ts'

const legacyNamespace = 'jabber:x:conference'

/** What somebody has to say about an invitation, and how it is passed on. */
interface InviteParts {
  readonly id?: string | undefined
  readonly reason?: string | undefined
  readonly extra?: readonly Element[]
}

/**
 * Passes on all invitations of a message, or none.
 * @throws StanzaError if the sender may not invite, or an address is none
 */
export function sendInvites(
  conference: Conference,
  room: Room,
  sender: Seat,
  message: Message,
  x: Element,
): void {
  const invites = x.elements('invite')
  if (invites.length > conference.options.invites) {
    throw refusal(room, 'not-acceptable', `at most ${conference.options.invites} invitations at a time`)
  }
  const invitees = invites.map((invite) => inviteeOf(room, invite))
  checkMayInvite(room, sender, invitees)
  for (const [index, invite] of invites.entries()) {
    const parts: InviteParts = {
      id: message.id,
      reason: invite.child('reason')?.text.slice(0, conference.options.reasonLength),
      // XEP-0045 §7.9: a one-to-one chat that goes on here.
      extra: invite.elements('continue'),
    }
    conference.send(inviteMessage(room, invitees[index] as Jid, sender.occupant.jid, parts))
  }
}

/** Invites somebody in the name of `from`, an occupant or the room. */
export function inviteTo(conference: Conference, room: Room, invitee: Jid, from: Jid, reason?: string): void {
  // A domain can be on a list, but nobody reads its messages.
  if (invitee.local !== '') conference.send(inviteMessage(room, invitee, from, { reason }))
}

/**
 * Passes a decline on to whoever invited, if it is an occupant: the room carries no messages to others.
 */
export function passDecline(conference: Conference, room: Room, message: Message, decline: Element): void {
  const to = parseJid(decline.attribute('to') ?? '')
  if (!to) throw refusal(room, 'jid-malformed', 'to whom?')
  const reason = decline.child('reason')
  const passed = element(
    'x',
    mucUserNamespace,
    {},
    element('decline', mucUserNamespace, { from: message.from.bare.toString() }, reason),
  )
  const answer = new Message('normal', { from: room.jid, id: message.id, children: [passed] })
  const seats = to.bare.equals(room.jid)
    ? [...(room.occupant(to.resource)?.seats.values() ?? [])]
    : [...room.seats.values()].filter(({ jid }) => jid.bare.equals(to.bare))
  for (const seat of seats) conference.send(answer.with({ to: seat.jid }))
}

function inviteeOf(room: Room, invite: Element): Jid {
  const invitee = parseJid(invite.attribute('to') ?? '')
  // XEP-0045 §7.8.2: the room tells who invites somebody that cannot be.
  if (!invitee || invitee.local === '') throw refusal(room, 'item-not-found', 'nobody has that address')
  return invitee
}

// XEP-0045 §7.8.2: into a room for members only, only those invite who may change its list.
function checkMayInvite(room: Room, sender: Seat, invitees: readonly Jid[]): void {
  const { occupant } = sender
  if (isAtLeast(room.affiliationOf(occupant.bare), 'admin')) return
  if (occupant.role !== 'moderator' && !room.config.get(allowInvites)) {
    throw refusal(room, 'forbidden', 'you may not invite others')
  }
  if (invitees.every((invitee) => room.admits(room.affiliationOf(invitee)))) return
  throw refusal(room, 'forbidden', 'only admins invite those who may not enter')
}

function inviteMessage(room: Room, to: Jid, from: Jid, { id, reason, extra = [] }: InviteParts): Message {
  const password = room.config.get(roomSecret)
  const x = element(
    'x',
    mucUserNamespace,
    {},
    element(
      'invite',
      mucUserNamespace,
      { from: from.toString() },
      element('reason', mucUserNamespace, {}, reason),
      ...extra,
    ),
    password === '' ? undefined : element('password', mucUserNamespace, {}, password),
  )
  // For clients that know neither: words, and the address as it was written before XEP-0249.
  const body = element('body', stanzaNamespace, {}, `${from} invited you to the room ${room.jid}`)
  const legacy = element('x', legacyNamespace, { jid: room.jid.toString() }, reason)
  return new Message('normal', { from: room.jid, to, id, children: [x, body, legacy] })
}
