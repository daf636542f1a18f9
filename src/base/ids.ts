// Randomness as a parameter: ids nobody can guess, or, in tests, ids that repeat.
import { randomBytes } from 'node:crypto'

/** A source of random values. */
export interface Ids {
  /** An id for a stanza, stream or resource: 120 random bits as 20 characters of base64url. */
  id(): string
  /**
   * An id that is behind all those it was asked for before, in the order of ASCII; those of a later time, `now` in milliseconds
   * since 1970, are behind those of an earlier one. 66 of its bits are random.
   */
  ordered(now: number): string
  /** `size` random bytes. */
  bytes(size: number): Buffer
}

const poolBytes = 4096
const idBytes = 15

// In the order of ASCII, as those of base64url are not.
const digits = Buffer.from('-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz')
const orderedLength = 20
/** Digits that say when, until the year 2248. */
const timeLength = 9
/** Ids that can be told apart in a millisecond; further ones look as if they came in the next. */
const idsPerMs = 1024

/** Ids from the system's cryptographic generator, drawn in batches. */
export class SystemIds implements Ids {
  #pool: Buffer = Buffer.alloc(0)
  #used = 0
  #lastOrdered = 0

  id(): string {
    const start = this.#take(idBytes)
    return this.#pool.toString('base64url', start, start + idBytes)
  }

  ordered(now: number): string {
    const start = this.#take(orderedLength)
    const pool = this.#pool
    // A clock that is set back does not change the order.
    this.#lastOrdered = Math.max(Math.floor(now * idsPerMs), this.#lastOrdered + 1)
    let left = this.#lastOrdered
    for (let place = timeLength - 1; place >= 0; place -= 1) {
      const next = Math.floor(left / digits.length)
      pool[start + place] = digits[left - next * digits.length] as number
      left = next
    }
    for (let place = timeLength; place < orderedLength; place += 1)
      pool[start + place] = digits[(pool[start + place] as number) % digits.length] as number
    return pool.toString('latin1', start, start + orderedLength)
  }

  bytes(size: number): Buffer {
    return randomBytes(size)
  }

  /** Where the next `size` unused bytes of the pool begin. */
  #take(size: number): number {
    if (this.#used + size > this.#pool.length) {
      this.#pool = randomBytes(poolBytes)
      this.#used = 0
    }
    this.#used += size
    return this.#used - size
  }
}

/** Ids that count, for tests: `id-1`, `id-2`, … */
export class CountingIds implements Ids {
  #count = 0

  id(): string {
    this.#count += 1
    return `id-${this.#count}`
  }

  ordered(): string {
    this.#count += 1
    return `id-${String(this.#count).padStart(6, '0')}`
  }

  bytes(size: number): Buffer {
    this.#count += 1
    return Buffer.alloc(size, this.#count)
  }
}
