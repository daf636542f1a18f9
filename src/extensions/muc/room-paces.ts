// XEP-0045 §14.6: how fast accounts, occupants and rooms may go. Who is too fast is told to wait.
import type { Clock } from '../../base/clock.ts'
import type { Jid } from '../../jid/jid.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import type { Occupant } from './occupant.ts'
import type { MucOptions } from './options.ts'
import { type Pace, Paces, takeTurn } from './pace.ts'
import type { Room } from './room.ts'

/** The paces of one service of rooms. Each method takes a turn, and throws a `StanzaError` if it is too early for one. */
export class RoomPaces {
  readonly #clock: Clock
  readonly #creations: Paces
  readonly #joins: Paces
  readonly #presences: Pace
  readonly #messages: Pace
  readonly #roomMessages: Pace

  constructor(clock: Clock, options: MucOptions) {
    this.#clock = clock
    const { roomsPerHour, pacesKept } = options
    this.#creations = new Paces({ perSecond: roomsPerHour / 3600, atOnce: roomsPerHour }, pacesKept)
    this.#joins = new Paces({ perSecond: options.joinsPerSecond, atOnce: options.joinsAtOnce }, pacesKept)
    this.#presences = { perSecond: options.presencesPerSecond, atOnce: options.presencesAtOnce }
    this.#messages = { perSecond: options.messagesPerSecond, atOnce: options.messagesAtOnce }
    this.#roomMessages = { perSecond: options.roomMessagesPerSecond, atOnce: options.roomMessagesAtOnce }
  }

  /** An account makes a room. */
  create(room: Jid, account: Jid): void {
    if (!this.#creations.take(account.toString(), this.#clock.now())) throw tooFast(room, 'you make rooms')
  }

  /** An account enters a room. */
  join(room: Jid, account: Jid): void {
    if (!this.#joins.take(account.toString(), this.#clock.now())) throw tooFast(room, 'you enter rooms')
  }

  /** An occupant changes its presence or nick. */
  changePresence(room: Room, occupant: Occupant): void {
    const due = takeTurn(occupant.presenceDue, this.#clock.now(), this.#presences)
    if (due === undefined) throw tooFast(room.jid, 'your presence changes')
    occupant.presenceDue = due
  }

  /** An occupant says something, to everybody or not, at `now` (milliseconds). */
  speak(room: Room, occupant: Occupant, now = this.#clock.now()): void {
    const due = takeTurn(occupant.messageDue, now, this.#messages)
    if (due === undefined) throw tooFast(room.jid, 'you speak')
    occupant.messageDue = due
  }

  /** A room hears something at `now` (milliseconds). */
  hear(room: Room, now: number): void {
    const due = takeTurn(room.messageDue, now, this.#roomMessages)
    if (due === undefined) throw tooFast(room.jid, 'people speak here')
    room.messageDue = due
  }
}

function tooFast(by: Jid, what: string): StanzaError {
  return new StanzaError('policy-violation', `${what} too fast; try again later`, { by, type: 'wait' })
}
