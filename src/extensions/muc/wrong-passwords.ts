// Guessing passwords is slow: wrong ones count for a while, per account and per room.
import { AttemptLimit } from '../../base/attempt-limit.ts'
import type { Clock } from '../../base/clock.ts'

/** How many wrong passwords, in how long, of how many. */
export interface WrongPasswordLimits {
  readonly perAccount: number
  readonly perRoom: number
  readonly windowMs: number
  /** Accounts and rooms remembered; the oldest are forgotten first. */
  readonly remembered: number
}

/** Counts of wrong passwords. */
export class WrongPasswords {
  readonly #ofAccounts: AttemptLimit
  readonly #inRooms: AttemptLimit

  constructor({ perAccount, perRoom, windowMs, remembered }: WrongPasswordLimits, clock: Clock) {
    this.#ofAccounts = new AttemptLimit({ attempts: perAccount, windowMs, maxKeys: remembered }, clock)
    this.#inRooms = new AttemptLimit({ attempts: perRoom, windowMs, maxKeys: remembered }, clock)
  }

  /** Whether this account has guessed wrong too often at this room. */
  isAccountBlocked(room: string, account: string): boolean {
    return !this.#ofAccounts.allows(keyOf(room, account))
  }

  /** Whether too many have guessed wrong at this room: then strangers have to wait. */
  isRoomBlocked(room: string): boolean {
    return !this.#inRooms.allows(room)
  }

  /** Counts a wrong password. */
  add(room: string, account: string): void {
    this.#ofAccounts.note(keyOf(room, account))
    this.#inRooms.note(room)
  }

  /** Forgets what an account got wrong: it knew in the end. */
  clear(room: string, account: string): void {
    this.#ofAccounts.forgive(keyOf(room, account))
  }
}

// A space cannot stand in a bare address.
function keyOf(room: string, account: string): string {
  return `${room} ${account}`
}
