// XEP-0045 §7.2.15 and §8.1: what a room is talking about.
import { parseJid } from '../../jid/jid.ts'
import { delay } from '../../stanza/delay.ts'
import { Message, stanzaNamespace } from '../../stanza/stanza.ts'
import { type Element, element } from '../../xml/element.ts'
import { type Conference, refusal } from './conference.ts'
import type { RoomMessage } from './lines.ts'
import { messageMarks } from './marks.ts'
import type { Room } from './room.ts'
import { changeSubject } from './settings/change-subject.ts'

/** The message that tells those who enter of the subject, empty where there is none. */
export function subjectMessage(conference: Conference, room: Room): Message {
  const { subject } = room
  const by = subject?.by === undefined ? undefined : parseJid(subject.by)
  const from = (subject && room.jid.withResource(subject.nick)) ?? room.jid
  return new Message('groupchat', {
    from,
    children: subject
      ? [
          ...subject.elements,
          ...(by ? messageMarks(conference, room, by) : []),
          delay(room.jid, subject.when),
        ]
      : [element('subject', stanzaNamespace)],
  })
}

/** The rules for subjects as steps of the message line. */
export function addSubjectRules(conference: Conference): void {
  conference.message.add('check', (item) => checkSubject(conference, item))
  conference.message.add('archive', (item) => setSubject(conference, item))
}

function checkSubject({ options }: Conference, { room, seat, message, isSubjectChange }: RoomMessage): void {
  if (!isSubjectChange) return
  const { role } = seat.occupant
  const isAllowed = role === 'moderator' || (role === 'participant' && room.config.get(changeSubject))
  if (!isAllowed) throw refusal(room, 'forbidden', 'only moderators set the subject here')
  let length = 0
  for (const subject of subjectsOf(message)) length += subject.text.length
  if (length > options.subjectLength) {
    throw refusal(room, 'not-acceptable', `a subject has at most ${options.subjectLength} characters`)
  }
}

function setSubject(
  { rooms }: Conference,
  { room, seat, message, isSubjectChange, when }: RoomMessage,
): void {
  if (!isSubjectChange) return
  const elements = subjectsOf(message)
  room.subject = { elements, nick: seat.occupant.nick, by: seat.occupant.bare.toString(), when }
  rooms.saveLater(room)
}

function subjectsOf(message: Message): Element[] {
  return message.elements().filter((child) => child.is('subject', stanzaNamespace))
}
