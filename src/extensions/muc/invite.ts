// XEP-0045 §7.8.2: invitations through the room, and declining them.
import { type Jid, parseJid } from '../../jid/jid.ts'
import { conferenceNamespace, mucUserNamespace } from '../../stanza/namespaces.ts'
import { Message, stanzaNamespace } from '../../stanza/stanza.ts'
import { type Element, element } from '../../xml/element.ts'
import { type Conference, refusal } from './conference.ts'
import type { Room } from './room.ts'
import { roomSecret } from './settings/password.ts'

/** What somebody has to say about an invitation, and how it is passed on. */
export interface InviteParts {
  readonly id?: string | undefined
  readonly reason?: string | undefined
  readonly extra?: readonly Element[]
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

/** An invitation as the room sends it: with the password, if there is one (XEP-0045 §7.8.2). */
export function inviteMessage(
  room: Room,
  to: Jid,
  from: Jid,
  { id, reason, extra = [] }: InviteParts,
): Message {
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
  const why = reason === undefined || reason === '' ? '' : ` (${reason})`
  const body = element('body', stanzaNamespace, {}, `${from} invited you to the room ${room.jid}${why}`)
  const legacy = element('x', conferenceNamespace, { jid: room.jid.toString() }, reason)
  return new Message('normal', { from: room.jid, to, id, children: [x, body, legacy] })
}
