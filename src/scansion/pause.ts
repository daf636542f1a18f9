// Waiting that keeps the process alive: a performance with no socket open for a moment is not over.
import type { Clock } from '../base/clock.ts'

/** The machine's clock, with timers that hold the process, unlike the server's own. */
export const holdingClock: Clock = {
  now: () => Date.now(),
  after(delayMs, action) {
    const timer = setTimeout(action, delayMs)
    return { cancel: () => clearTimeout(timer) }
  },
}

/** Resolves after `ms` milliseconds of `clock`. */
export function pause(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => void clock.after(ms, resolve))
}
