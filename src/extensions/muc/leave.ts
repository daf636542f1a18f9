// XEP-0045 §7.14: leaving a room, by one's own will or by another's.
import { type Message, type Presence, stanzaNamespace } from '../../stanza/stanza.ts'
import { element } from '../../xml/element.ts'
import type { Affiliation } from './affiliation.ts'
import type { Conference } from './conference.ts'
import type { Occupant, Seat } from './occupant.ts'
import {
  announceLeaving,
  announceOwnLeaving,
  announceToOthersLater,
  announceToSelf,
  contentOf,
  ownLeaving,
} from './presence.ts'
import type { Room } from './room.ts'
import type { Notice } from './user-element.ts'

/** A client leaves; with its last client the occupant does. */
export function leave(conference: Conference, room: Room, seat: Seat, notice: Notice): void {
  const { occupant } = seat
  if (occupant.seats.size === 1) {
    announceOwnLeaving(conference, room, occupant, notice)
    room.unseat(seat)
    return
  }
  conference.send(ownLeaving(conference, room, seat, notice))
  room.unseat(seat)
  // Another client's presence may stand for the occupant now, and who sees addresses sees one less.
  announceToSelf(conference, room, occupant)
  announceToOthersLater(conference, room, occupant)
}

/** A client says that it leaves; its `<status/>` is passed on. */
export function leaveByPresence(conference: Conference, room: Room, seat: Seat, presence: Presence): void {
  leave(conference, room, seat, { content: contentOf(conference, room, presence) })
}

/** XEP-0045 §18.1.2 and §11: a client could not be reached, and everybody is told by what error. */
export function removeGhost(conference: Conference, room: Room, seat: Seat, error: Message | Presence): void {
  const text = element('status', stanzaNamespace, {}, `Kicked: ${errorWords(room, error)}`)
  leave(conference, room, seat, { codes: [333], content: { children: [text] } })
}

/** What an error says. Its text may name addresses: it is told only where those are no secret. */
function errorWords(room: Room, stanza: Message | Presence): string {
  const parts = stanza.child('error')?.elements() ?? []
  const condition = parts.find(({ name }) => name !== 'text')?.name.replaceAll('-', ' ') ?? 'presence error'
  const text = parts.find(({ name }) => name === 'text')?.text.slice(0, longestText)
  return text && room.isNonAnonymous ? `${condition}: ${text}` : condition
}

/** Takes an occupant with all its clients out of the room, and tells everybody, it first. */
export function removeOccupant(
  conference: Conference,
  room: Room,
  occupant: Occupant,
  notice: Notice,
  affiliation?: Affiliation,
): void {
  announceLeaving(conference, room, occupant, notice, affiliation)
  for (const seat of [...occupant.seats.values()]) room.unseat(seat)
}

/** Characters of an error's text that others are told. */
const longestText = 200

const ghostConditions: ReadonlySet<string> = new Set([
  'gone',
  'item-not-found',
  'recipient-unavailable',
  'redirect',
  'remote-server-not-found',
  'remote-server-timeout',
  'service-unavailable',
])

/** Whether an error that came back says that its sender is not there (XEP-0045 §18.1.2). */
export function isGhostError(stanza: Message | Presence): boolean {
  const error = stanza.child('error')
  return error?.children.some((node) => typeof node !== 'string' && ghostConditions.has(node.name)) ?? false
}
