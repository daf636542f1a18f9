// XEP-0124: how BOSH sessions are offered. Times are seconds, as they are in the protocol.

/** Bounds of one session. */
export interface BoshLimits {
  /** The longest that a request is held. */
  readonly waitSeconds: number
  /** The most requests that are held at a time; one more may be under way. */
  readonly hold: number
  /** Without a request, after which a session is over. */
  readonly inactivitySeconds: number
  /** The same for clients that poll. */
  readonly pollingInactivitySeconds: number
  /** Between two empty requests. */
  readonly pollingSeconds: number
  /** The longest pause that a client may ask for. */
  readonly maxPauseSeconds: number
  /** How often a request with the same id may come again. */
  readonly repeats: number
}

/** What is good for a server on the internet. */
export const defaultBoshLimits: BoshLimits = Object.freeze({
  waitSeconds: 60,
  // Some clients ask for two and then have no connection left to send with.
  hold: 1,
  inactivitySeconds: 60,
  pollingInactivitySeconds: 120,
  pollingSeconds: 2,
  maxPauseSeconds: 100,
  repeats: 10,
})
