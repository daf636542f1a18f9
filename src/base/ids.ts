// Randomness as a parameter: ids nobody can guess, or, in tests, ids that repeat.
import { randomBytes } from 'node:crypto'

/** A source of random values. */
export interface Ids {
  /** An id for a stanza, stream or resource: 120 random bits as 20 characters of base64url. */
  id(): string
  /** `size` random bytes. */
  bytes(size: number): Buffer
}

const poolBytes = 4096
const idBytes = 15

/** Ids from the system's cryptographic generator, drawn in batches. */
export class SystemIds implements Ids {
  #pool: Buffer = Buffer.alloc(0)
  #used = 0

  id(): string {
    if (this.#used + idBytes > this.#pool.length) {
      this.#pool = randomBytes(poolBytes)
      this.#used = 0
    }
    this.#used += idBytes
    return this.#pool.toString('base64url', this.#used - idBytes, this.#used)
  }

  bytes(size: number): Buffer {
    return randomBytes(size)
  }
}

/** Ids that count, for tests: `id-1`, `id-2`, … */
export class CountingIds implements Ids {
  #count = 0

  id(): string {
    this.#count += 1
    return `id-${this.#count}`
  }

  bytes(size: number): Buffer {
    this.#count += 1
    return Buffer.alloc(size, this.#count)
  }
}
