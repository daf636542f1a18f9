// A token bucket: how much may come, and how long to wait when it was more.
import type { Rate } from './limits.ts'

/** What one peer has left of a rate. */
export class TokenBucket {
  readonly #rate: Rate
  #tokens: number
  #at: number

  /** A full bucket. `now` in milliseconds. */
  constructor(rate: Rate, now: number) {
    this.#rate = rate
    this.#tokens = rate.burst
    this.#at = now
  }

  /** Takes `cost`, be it more than there is; answers how many milliseconds nothing more should be taken. */
  take(cost: number, now: number): number {
    const refilled = this.#tokens + (Math.max(0, now - this.#at) * this.#rate.perSecond) / 1000
    this.#tokens = Math.min(refilled, this.#rate.burst) - cost
    this.#at = now
    return this.#tokens >= 0 ? 0 : Math.ceil((-this.#tokens * 1000) / this.#rate.perSecond)
  }
}
