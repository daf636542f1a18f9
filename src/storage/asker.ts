// Who waits for an operation: with a promise, or without one.
import type { Waiter } from '../base/waiter.ts'

/** Who is told what came of an operation. */
export interface Asker {
  resolve(answer: unknown): void
  reject(error: unknown): void
}

/** A waiter in the place of a promise. What it throws is a bug, but must not keep others from being told. */
export class WaitingAsker implements Asker {
  readonly #waiter: Waiter

  constructor(waiter: Waiter) {
    this.#waiter = waiter
  }

  resolve(): void {
    try {
      this.#waiter.kept()
    } catch (error) {
      this.#throwLater(error)
    }
  }

  reject(reason: unknown): void {
    try {
      this.#waiter.refused(reason)
    } catch (error) {
      this.#throwLater(error)
    }
  }

  #throwLater(error: unknown): void {
    queueMicrotask(() => {
      throw error
    })
  }
}
