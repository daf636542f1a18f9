// Being told what came of something, without a promise.

/** Who waits for something to be kept, and is told once what came of that. Where there are many, it costs less than a promise. */
export interface Waiter {
  /** It would survive a loss of power now. */
  kept(): void
  /** It could not be kept. */
  refused(error: unknown): void
}
