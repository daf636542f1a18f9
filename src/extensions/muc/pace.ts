// How often somebody may do something before being asked to wait: one number of state for each who does it.
import { forgetOldest } from '../../base/forget-oldest.ts'

/** So many a second in the long run, and so many at once after a pause. */
export interface Pace {
  /** 0: as many as one likes. */
  readonly perSecond: number
  readonly atOnce: number
}

/** Milliseconds by which sums of fractions may be off. */
const rounding = 0.5

/**
 * Takes one turn at `now` (milliseconds). `due` is what the last turn answered, 0 before the first.
 * @returns when as many turns are due as were taken; `undefined`: it is too early, and no turn was taken
 */
export function takeTurn(due: number, now: number, { perSecond, atOnce }: Pace): number | undefined {
  if (perSecond === 0) return 0
  const intervalMs = 1000 / perSecond
  const ahead = due - now
  // Further ahead than turns can be: the clock was set back, and nobody waits for that.
  const from = ahead > 0 && ahead < (atOnce + 1) * intervalMs ? due : now
  return from - now > (atOnce - 1) * intervalMs + rounding ? undefined : from + intervalMs
}

/** The paces of many, by key; of those who came first, the oldest are forgotten. */
export class Paces {
  readonly #pace: Pace
  readonly #remembered: number
  readonly #dueByKey = new Map<string, number>()

  constructor(pace: Pace, remembered: number) {
    this.#pace = pace
    this.#remembered = remembered
  }

  /** Takes one turn of `key` at `now` (milliseconds), and says whether there was one. */
  take(key: string, now: number): boolean {
    const due = takeTurn(this.#dueByKey.get(key) ?? 0, now, this.#pace)
    if (due === undefined) return false
    this.#dueByKey.delete(key)
    if (due > now) this.#dueByKey.set(key, due)
    if (this.#dueByKey.size > this.#remembered) forgetOldest(this.#dueByKey)
    return true
  }
}
