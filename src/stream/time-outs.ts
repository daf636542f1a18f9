// How long a stream may take, be silent or be stuck, counted in sweeps so that no stream needs a timer.
import type { StreamLimits } from './limits.ts'
import type { StreamState } from './stream.ts'

/** What a stream has come to: an end with that text, the end of our patience while closing, or time for a sign of life. */
export type TimeOut = 'keep-alive' | 'never-closed' | 'login-too-long' | 'silent' | 'stalled'

/** Milliseconds that have passed on one stream. */
export class TimeOuts {
  readonly #limits: StreamLimits
  readonly #keepAliveMs: number
  #stateMs = 0
  #silentMs = 0
  #unsentMs = 0
  #stalledMs = 0

  /** `keepAliveMs` goes before the limit of that name where it is sooner. */
  constructor(limits: StreamLimits, keepAliveMs = Number.POSITIVE_INFINITY) {
    this.#limits = limits
    this.#keepAliveMs = keepAliveMs
  }

  /** Bytes have come. */
  heard(): void {
    this.#silentMs = 0
  }

  /** Something is sent. */
  said(): void {
    this.#unsentMs = 0
  }

  /** What was sent has left. */
  drained(): void {
    this.#stalledMs = 0
  }

  /** The stream begins to close. */
  closing(): void {
    this.#stateMs = 0
  }

  /** Another `elapsedMs` milliseconds have passed; `isWaiting` says whether something waits to be sent. */
  pass(elapsedMs: number, state: StreamState, isWaiting: boolean): TimeOut | undefined {
    this.#stateMs += elapsedMs
    this.#silentMs += elapsedMs
    this.#unsentMs += elapsedMs
    this.#stalledMs = isWaiting ? this.#stalledMs + elapsedMs : 0
    const limits = this.#limits
    if (state === 'closing') return isPast(limits.closingMs, this.#stateMs) ? 'never-closed' : undefined
    if (isPast(limits.stallMs, this.#stalledMs)) return 'stalled'
    if (state !== 'bound') {
      if (isPast(limits.negotiationSilenceMs, this.#silentMs)) return 'silent'
      return isPast(limits.negotiationMs, this.#stateMs) ? 'login-too-long' : undefined
    }
    if (isPast(limits.silenceMs, this.#silentMs)) return 'silent'
    const keepAliveMs = Math.min(limits.keepAliveMs, this.#keepAliveMs)
    return isPast(keepAliveMs, Math.min(this.#silentMs, this.#unsentMs)) ? 'keep-alive' : undefined
  }
}

function isPast(limitMs: number, ms: number): boolean {
  return limitMs > 0 && ms >= limitMs
}
