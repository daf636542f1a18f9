// XEP-0045 §8.2: occupants that the service itself takes out of its rooms.
import type { Conference } from './conference.ts'
import { removeOccupant } from './leave.ts'
import type { Occupant } from './occupant.ts'
import type { Room } from './room.ts'

/** Takes all occupants that `isOut` out of all rooms, each room in its turn; everybody in it is told why. */
export function expel(
  conference: Conference,
  isOut: (room: Room, occupant: Occupant) => boolean,
  reason: string,
): void {
  const { rooms, inTurn, host } = conference
  for (const room of rooms.loaded) {
    if (room.isEmpty) continue
    const turn = inTurn.run(room.local, () => {
      for (const occupant of [...room.occupantsByNick.values()]) {
        if (isOut(room, occupant)) removeOccupant(conference, room, occupant, { codes: [307], reason })
      }
      rooms.settle(room)
    })
    turn?.catch((error: unknown) => host.log.error('occupants could not be expelled', { error }))
  }
}
