// XEP-0045 §7.2.2, §7.14: who came, changed and left in one turn of the event loop; the others are told when it ends.
import type { Jid } from '../../jid/jid.ts'
import type { Presence } from '../../stanza/stanza.ts'
import type { Occupant } from './occupant.ts'
import type { Room } from './room.ts'

/** Makes an occupant's presence for those who see its real address, or for those who do not. */
export type MakePresence = (showsJid: boolean) => Presence

/** One occupant of whom something is to be told. */
interface News {
  readonly make: MakePresence
  /** It concerns clients whose seats were made after this one… */
  readonly after: number
  /** …up to this one; who sat down later was shown the room as it was then. */
  readonly upTo: number
  /** The seat with which the occupant came, if that has not been told yet. */
  readonly arrival: number | undefined
}

/**
 * What the others have still to be told. However often an occupant changes within a turn, its last state is told once;
 * who comes and goes within it is no news to those who never saw it; and those who leave together are not told of each
 * other. All that a client gets stays in order if `flush` is called before anything else is said in the room.
 */
export class PresenceNews {
  readonly #send: (presence: Presence, to: Jid) => void
  readonly #newsByRoom = new Map<Room, Map<Occupant, News>>()
  #told: PromiseWithResolvers<void> | undefined
  readonly #flushAll = (): void => {
    for (const room of [...this.#newsByRoom.keys()]) this.flush(room)
    this.#told?.resolve()
    this.#told = undefined
  }

  constructor(send: (presence: Presence, to: Jid) => void) {
    this.#send = send
  }

  /** Whether there is nothing to be told in any room. */
  get isEmpty(): boolean {
    return this.#newsByRoom.size === 0
  }

  /** Resolves when all that is to be told in a room has been; `undefined` if there is nothing. */
  toldIn(room: Room): Promise<void> | undefined {
    return this.#newsByRoom.has(room) ? this.#told?.promise : undefined
  }

  /** The others are to see an occupant as it is at the end of the turn; `isNew`: it has just come. */
  shows(room: Room, occupant: Occupant, isNew: boolean, make: MakePresence): void {
    const upTo = room.lastSeatKey
    const known = this.#newsByRoom.get(room)?.get(occupant)
    this.#note(room, occupant, { make, after: 0, upTo, arrival: isNew ? upTo : known?.arrival })
  }

  /** The others are to see that an occupant is gone. */
  leaves(room: Room, occupant: Occupant, make: MakePresence): void {
    const upTo = room.lastSeatKey
    const arrival = this.#newsByRoom.get(room)?.get(occupant)?.arrival
    if (arrival === upTo) this.#newsByRoom.get(room)?.delete(occupant)
    else this.#note(room, occupant, { make, after: arrival ?? 0, upTo, arrival: undefined })
  }

  /** Tells the others in a room now. */
  flush(room: Room): void {
    if (this.#newsByRoom.size === 0) return
    const newsByOccupant = this.#newsByRoom.get(room)
    if (!newsByOccupant) return
    this.#newsByRoom.delete(room)
    for (const seat of room.seats.values()) {
      const showsJid = room.showsJidsTo(seat.occupant.role)
      for (const [occupant, news] of newsByOccupant) {
        if (occupant === seat.occupant || seat.key > news.upTo || seat.key <= news.after) continue
        this.#send(news.make(showsJid), seat.jid)
      }
    }
  }

  #note(room: Room, occupant: Occupant, news: News): void {
    let newsByOccupant = this.#newsByRoom.get(room)
    if (!newsByOccupant) {
      newsByOccupant = new Map()
      this.#newsByRoom.set(room, newsByOccupant)
    }
    newsByOccupant.set(occupant, news)
    if (this.#told) return
    this.#told = Promise.withResolvers()
    setImmediate(this.#flushAll)
  }
}
