// XEP-0045 §7.4: messages to everybody in a room.
import { mucUserNamespace } from '../../stanza/namespaces.ts'
import type { Message } from '../../stanza/stanza.ts'
import type { Element, Node } from '../../xml/element.ts'
import { type Conference, refusal } from './conference.ts'
import { belongsToHistory, isForgedDelay } from './history.ts'
import type { RoomMessage } from './lines.ts'
import { messageMarks, withoutMarks } from './marks.ts'
import type { Seat } from './occupant.ts'
import type { Room } from './room.ts'
import { historyLength } from './settings/history-length.ts'

/** The standard's own rules as steps of the message line. */
export function addMessageRules(conference: Conference): void {
  const line = conference.message
  line.add('check', checkVoice)
  line.add('check', ({ room, seat, when }) => {
    conference.paces.speak(room, seat.occupant, when)
    conference.paces.hear(room, when)
  })
  line.add('stamp', (item) => stamp(conference, item))
  line.add('archive', (item) => keep(conference, item))
  line.add('deliver', (item) => deliver(conference, item))
}

// XEP-0045 §7.4: in a moderated room, visitors listen.
function checkVoice({ room, seat }: RoomMessage): void {
  if (seat.occupant.role === 'visitor') throw refusal(room, 'forbidden', 'you have no voice here')
}

function stamp(conference: Conference, item: RoomMessage): void {
  item.message = inNameOf(conference, item.room, item.seat, item.message)
}

/** A message as the room passes it on: from the occupant, with what the room says of it, `extra` behind the rest. */
export function inNameOf(
  conference: Conference,
  room: Room,
  { occupant }: Seat,
  message: Message,
  ...extra: Element[]
): Message {
  const marks = messageMarks(conference, room, occupant.bare)
  const children = [...cleaned(conference, message, room), ...extra, ...marks]
  return message.with({ from: occupant.jid, to: undefined, children })
}

/** What a client may not say in the room's name is left out: `muc#user`, marks, and when the room heard it. */
function cleaned(conference: Conference, message: Message, room: Room): readonly Node[] {
  const children = message.children.filter(
    (node) => typeof node !== 'string' && !node.is('x', mucUserNamespace) && !isForgedDelay(node, room.jid),
  )
  return withoutMarks(conference, room, 'all', children)
}

function keep(conference: Conference, { room, message, when, isSubjectChange }: RoomMessage): void {
  if (isSubjectChange || !belongsToHistory(message)) return
  const most = Math.min(conference.options.historyLength, room.config.get(historyLength))
  room.history.add(message, when, most, conference.historyKeeper?.keeps(room))
}

function deliver(conference: Conference, item: RoomMessage): void {
  const { message } = item
  conference.news.flush(item.room)
  let slow: Promise<void>[] | undefined
  for (const seat of item.targets) {
    const pending = conference.share(message, seat.jid)
    if (!pending) continue
    slow ??= []
    slow.push(pending)
  }
  if (slow) item.slow = Promise.all(slow)
}
