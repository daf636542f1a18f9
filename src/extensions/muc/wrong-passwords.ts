// Guessing passwords is slow: wrong ones count for a while, per account and per room.

interface Count {
  wrong: number
  readonly since: number
}

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
  readonly #limits: WrongPasswordLimits
  readonly #byAccount = new Map<string, Count>()
  readonly #byRoom = new Map<string, Count>()

  constructor(limits: WrongPasswordLimits) {
    this.#limits = limits
  }

  /** Whether this account has guessed wrong too often at this room. */
  isAccountBlocked(room: string, account: string, now: number): boolean {
    return this.#countOf(this.#byAccount, keyOf(room, account), now) >= this.#limits.perAccount
  }

  /** Whether too many have guessed wrong at this room: then strangers have to wait. */
  isRoomBlocked(room: string, now: number): boolean {
    return this.#countOf(this.#byRoom, room, now) >= this.#limits.perRoom
  }

  /** Counts a wrong password. */
  add(room: string, account: string, now: number): void {
    this.#count(this.#byAccount, keyOf(room, account), now)
    this.#count(this.#byRoom, room, now)
  }

  /** Forgets what an account got wrong: it knew in the end. */
  clear(room: string, account: string): void {
    this.#byAccount.delete(keyOf(room, account))
  }

  #countOf(counts: Map<string, Count>, key: string, now: number): number {
    const count = counts.get(key)
    if (!count) return 0
    if (now - count.since < this.#limits.windowMs) return count.wrong
    counts.delete(key)
    return 0
  }

  #count(counts: Map<string, Count>, key: string, now: number): void {
    const isCounting = this.#countOf(counts, key, now) > 0
    const count = isCounting ? counts.get(key) : undefined
    if (count) {
      count.wrong += 1
      return
    }
    if (counts.size >= this.#limits.remembered) {
      const oldest = counts.keys().next()
      if (!oldest.done) counts.delete(oldest.value)
    }
    counts.set(key, { wrong: 1, since: now })
  }
}

// A space cannot stand in a bare address.
function keyOf(room: string, account: string): string {
  return `${room} ${account}`
}
