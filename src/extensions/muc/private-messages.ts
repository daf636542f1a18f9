// XEP-0045 §7.5: messages to one occupant.
import type { Jid } from '../../jid/jid.ts'
import { mucUserNamespace } from '../../stanza/namespaces.ts'
import type { Message } from '../../stanza/stanza.ts'
import { element } from '../../xml/element.ts'
import type { Role } from './affiliation.ts'
import { type Conference, refusal } from './conference.ts'
import { inNameOf } from './messages.ts'
import type { Seat } from './occupant.ts'
import type { Room } from './room.ts'
import { allowPm } from './settings/allow-pm.ts'

const mark = element('x', mucUserNamespace)

/**
 * Hands a message on to an occupant, to all its clients.
 * @throws StanzaError if there is no such occupant, or the sender may not
 */
export function sendPrivateMessage(conference: Conference, room: Room, sender: Seat, message: Message): void {
  // XEP-0045 §7.5: what is said to everybody is not said to one.
  if (message.type === 'groupchat') throw refusal(room, 'bad-request', 'send that to the room itself')
  const { resource } = message.to as Jid
  const receiver = room.occupant(resource)
  if (!receiver) throw refusal(room, 'item-not-found', 'nobody here has that nick')
  if (!maySend(room, sender.occupant.role)) {
    throw refusal(room, 'forbidden', 'private messages are not allowed to you here')
  }
  conference.paces.speak(room, sender.occupant)
  const passed = inNameOf(conference, room, sender, message, mark)
  for (const seat of receiver.seats.values()) conference.send(passed.with({ to: seat.jid }))
}

function maySend(room: Room, role: Role): boolean {
  switch (room.config.get(allowPm)) {
    case 'anyone':
      return true
    case 'participants':
      return role === 'participant' || role === 'moderator'
    case 'moderators':
      return role === 'moderator'
    case 'none':
      return false
  }
}
