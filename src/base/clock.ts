// Time as a parameter: the system's clock, and one that is set by hand.

/** A timer that has been set and may be cancelled; cancelling twice, or after it fired, does nothing. */
export interface Timer {
  cancel(): void
}

/** Where the server takes its time from. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  now(): number
  /** Calls `action` once, `delayMs` milliseconds from now. Does not keep the process alive. */
  after(delayMs: number, action: () => void): Timer
}

/** The clock of the machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, action) {
    const timer = setTimeout(action, delayMs)
    timer.unref()
    return { cancel: () => clearTimeout(timer) }
  },
}

interface HeldTimer {
  at: number
  action: () => void
}

/** A clock that stands still until it is moved, so that a test of an hour takes no time. */
export class ManualClock implements Clock {
  #now: number
  readonly #timers = new Set<HeldTimer>()

  constructor(startMs = Date.UTC(2026, 0, 1)) {
    this.#now = startMs
  }

  now(): number {
    return this.#now
  }

  after(delayMs: number, action: () => void): Timer {
    const timer = { at: this.#now + delayMs, action }
    this.#timers.add(timer)
    return { cancel: () => this.#timers.delete(timer) }
  }

  /** Moves time forward by `ms`, firing what falls due on the way in the order in which it falls due. */
  advance(ms: number): void {
    const end = this.#now + ms
    for (let next = this.#nextDue(end); next; next = this.#nextDue(end)) {
      this.#timers.delete(next)
      this.#now = Math.max(this.#now, next.at)
      next.action()
    }
    this.#now = end
  }

  #nextDue(end: number): HeldTimer | undefined {
    let first: HeldTimer | undefined
    for (const timer of this.#timers) {
      if (timer.at <= end && (!first || timer.at < first.at)) first = timer
    }
    return first
  }
}
