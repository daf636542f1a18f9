// XEP-0045 §7.8.2: occupants who invite others through the room.
import { type Jid, parseJid } from '../../jid/jid.ts'
import type { Message } from '../../stanza/stanza.ts'
import type { Element } from '../../xml/element.ts'
import { isAtLeast } from './affiliation.ts'
import { checkAffiliationEdits } from './affiliation-check.ts'
import { applyAffiliationEdits } from './affiliation-edit.ts'
import { type Conference, refusal } from './conference.ts'
import { inviteMessage } from './invite.ts'
import type { Seat } from './occupant.ts'
import type { Room } from './room.ts'
import { allowInvites } from './settings/allow-invites.ts'

interface Invite {
  readonly to: Jid
  readonly element: Element
}

/**
 * Passes on all invitations of a message, or none. Whom an admin invites into a room for members only becomes one.
 * @throws StanzaError if the sender may not invite, or an address is none
 */
export function sendInvites(
  conference: Conference,
  room: Room,
  sender: Seat,
  message: Message,
  x: Element,
): void | Promise<void> {
  conference.paces.speak(room, sender.occupant)
  const elements = x.elements('invite')
  if (elements.length > conference.options.invites) {
    throw refusal(room, 'not-acceptable', `at most ${conference.options.invites} invitations at a time`)
  }
  const invites = elements.map((element) => ({ to: inviteeOf(room, element), element }))
  const isAdmin = isAtLeast(room.affiliationOf(sender.occupant.bare), 'admin')
  checkMayInvite(room, sender, isAdmin, invites)
  const strangers = invites.filter(({ to }) => !room.admits(room.affiliationOf(to)))
  const added = strangers.map(({ to }) => ({ jid: to.bare, affiliation: 'member' as const }))
  if (added.length > 0) checkAffiliationEdits(conference, room, sender.jid, added)
  for (const invite of invites) send(conference, room, sender, message, invite)
  if (added.length === 0) return
  applyAffiliationEdits(
    conference,
    room,
    added,
    { jid: sender.jid.toString(), nick: sender.occupant.nick },
    { invites: false },
  )
  return conference.rooms.save(
    room,
    added.map(({ jid }) => jid.toString()),
  )
}

function send(conference: Conference, room: Room, sender: Seat, { id }: Message, invite: Invite): void {
  const reason = invite.element.child('reason')?.text.slice(0, conference.options.reasonLength)
  // XEP-0045 §7.9: a one-to-one chat that goes on here.
  const extra = invite.element.elements('continue')
  conference.send(inviteMessage(room, invite.to, sender.occupant.jid, { id, reason, extra }))
}

function inviteeOf(room: Room, invite: Element): Jid {
  const invitee = parseJid(invite.attribute('to') ?? '')
  // XEP-0045 §7.8.2: the room tells who invites somebody that cannot be.
  if (!invitee || invitee.local === '') throw refusal(room, 'item-not-found', 'nobody has that address')
  return invitee
}

// XEP-0045 §7.8.2: into a room for members only, only those invite who may change its list.
function checkMayInvite(room: Room, { occupant }: Seat, isAdmin: boolean, invites: readonly Invite[]): void {
  if (invites.some(({ to }) => room.affiliationOf(to) === 'outcast')) {
    throw refusal(room, 'forbidden', 'whoever is banned is not invited')
  }
  if (isAdmin) return
  if (occupant.role !== 'moderator' && !room.config.get(allowInvites)) {
    throw refusal(room, 'forbidden', 'you may not invite others')
  }
  if (invites.every(({ to }) => room.admits(room.affiliationOf(to)))) return
  throw refusal(room, 'forbidden', 'only admins invite those who may not enter')
}
