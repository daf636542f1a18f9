// How often something may be tried by one party in a while, with bounded memory.
import type { Clock } from './clock.ts'
import { forgetOldest } from './forget-oldest.ts'

/** What an `AttemptLimit` allows. */
export interface AttemptBounds {
  /** Attempts of one key within `windowMs`; 0 for no limit. */
  readonly attempts: number
  readonly windowMs: number
  /** Keys that are remembered; the oldest go first. */
  readonly maxKeys?: number
}

interface Attempts {
  count: number
  readonly until: number
}

const standardMaxKeys = 10_000

/** Counts attempts by key, in windows that begin with a key's first attempt. */
export class AttemptLimit {
  readonly #bounds: AttemptBounds
  readonly #clock: Clock
  readonly #attemptsByKey = new Map<string, Attempts>()

  constructor(bounds: AttemptBounds, clock: Clock) {
    this.#bounds = bounds
    this.#clock = clock
  }

  /** Whether `key` has attempts left. */
  allows(key: string): boolean {
    if (this.#bounds.attempts === 0) return true
    const attempts = this.#current(key)
    return attempts === undefined || attempts.count < this.#bounds.attempts
  }

  /** Counts one attempt of `key`. */
  note(key: string): void {
    const attempts = this.#current(key)
    if (attempts) {
      attempts.count += 1
      return
    }
    if (this.#attemptsByKey.size >= (this.#bounds.maxKeys ?? standardMaxKeys))
      forgetOldest(this.#attemptsByKey)
    this.#attemptsByKey.set(key, { count: 1, until: this.#clock.now() + this.#bounds.windowMs })
  }

  /** Counts one attempt if there was one left, and says whether there was. */
  take(key: string): boolean {
    if (!this.allows(key)) return false
    this.note(key)
    return true
  }

  /** Forgets what `key` has tried. */
  forgive(key: string): void {
    this.#attemptsByKey.delete(key)
  }

  #current(key: string): Attempts | undefined {
    const attempts = this.#attemptsByKey.get(key)
    if (attempts && attempts.until <= this.#clock.now()) {
      this.#attemptsByKey.delete(key)
      return undefined
    }
    return attempts
  }
}
