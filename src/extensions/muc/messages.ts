// XEP-0045 §7.4: messages to everybody in a room.
import type { Message } from '../../stanza/stanza.ts'
import type { Node } from '../../xml/element.ts'
import { type Conference, refusal } from './conference.ts'
import { belongsToHistory, isForgedDelay } from './history.ts'
import { RoomMessage } from './lines.ts'
import { mucUserNamespace } from './namespaces.ts'
import type { Seat } from './occupant.ts'
import type { Room } from './room.ts'
import { historyLength } from './settings/history-length.ts'

/** The standard's own rules as steps of the message line. */
export function addMessageRules(conference: Conference): void {
  const line = conference.message
  line.add('check', checkVoice)
  line.add('stamp', stamp)
  line.add('archive', (item) => keep(conference, item))
  line.add('deliver', (item) => deliver(conference, item))
}

/** Sends a groupchat message of an occupant through the room. */
export function receiveGroupchat(
  conference: Conference,
  room: Room,
  seat: Seat,
  message: Message,
): RoomMessage {
  return new RoomMessage(room, seat, message, conference.host.clock.now())
}

// XEP-0045 §7.4: in a moderated room, visitors listen.
function checkVoice({ room, seat }: RoomMessage): void {
  if (seat.occupant.role === 'visitor') throw refusal(room, 'forbidden', 'you have no voice here')
}

function stamp(item: RoomMessage): void {
  const { room, message, seat } = item
  item.message = message.with({ from: seat.occupant.jid, to: undefined, children: cleaned(message, room) })
}

/** What a client may not say in the room's name is left out: `muc#user`, and when the room heard it. */
export function cleaned(message: Message, room: Room): readonly Node[] {
  return message.children.filter(
    (node) => typeof node !== 'string' && !node.is('x', mucUserNamespace) && !isForgedDelay(node, room.jid),
  )
}

function keep({ options }: Conference, { room, message, when, isSubjectChange }: RoomMessage): void {
  if (isSubjectChange || !belongsToHistory(message)) return
  room.history.add(message, when, Math.min(options.historyLength, room.config.get(historyLength)))
}

function deliver(conference: Conference, item: RoomMessage): void {
  const { message } = item
  let slow: Promise<void>[] | undefined
  for (const seat of item.targets) {
    const pending = conference.send(message.with({ to: seat.jid }))
    if (!pending) continue
    slow ??= []
    slow.push(pending)
  }
  if (slow) item.slow = Promise.all(slow)
}
