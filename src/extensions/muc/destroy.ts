// XEP-0045 §10.9: the end of a room.
import type { Jid } from '../../jid/jid.ts'
import { mucUserNamespace } from '../../stanza/namespaces.ts'
import { type Element, element } from '../../xml/element.ts'
import type { Conference } from './conference.ts'
import { ownLeaving } from './presence.ts'
import type { Room } from './room.ts'

/** Why a room ends, and where its occupants may go. */
export interface Destruction {
  readonly venue?: Jid
  /** The password of the other room. */
  readonly password?: string | undefined
  readonly reason?: string | undefined
}

/** Sends everybody away and forgets the room. Resolves when it would not come back. */
export function destroyRoom(
  conference: Conference,
  room: Room,
  destruction: Destruction = {},
): Promise<void> {
  const extra = destroyElement(destruction)
  // XEP-0045 §10.9: each client hears of its own leaving only.
  for (const seat of [...room.seats.values()]) conference.send(ownLeaving(conference, room, seat, { extra }))
  for (const seat of [...room.seats.values()]) room.unseat(seat)
  return conference.rooms.remove(room)
}

/** XEP-0045 §11: the service stops, and says so to everybody; rooms that last are kept. */
export function leaveAllForShutdown(conference: Conference): void {
  for (const room of conference.rooms.loaded) {
    for (const seat of [...room.seats.values()])
      conference.send(ownLeaving(conference, room, seat, { codes: [332] }))
    for (const seat of [...room.seats.values()]) room.unseat(seat)
    conference.rooms.settle(room)
  }
}

function destroyElement({ venue, password, reason }: Destruction): Element {
  return element(
    'destroy',
    mucUserNamespace,
    { jid: venue?.toString() },
    reason === undefined ? undefined : element('reason', mucUserNamespace, {}, reason),
    password === undefined ? undefined : element('password', mucUserNamespace, {}, password),
  )
}
