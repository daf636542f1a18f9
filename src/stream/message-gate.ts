// Messages on their way in, kept while nothing is to come.

/** Passes messages on, or keeps them while it is paused. */
export class MessageGate {
  readonly #deliver: (message: Uint8Array) => void
  #kept: Uint8Array[] = []
  #isPaused = false
  /** Bytes that are kept. */
  bytes = 0

  constructor(deliver: (message: Uint8Array) => void) {
    this.#deliver = deliver
  }

  get isPaused(): boolean {
    return this.#isPaused
  }

  /** Takes a message; its bytes must not change any more. */
  take(message: Uint8Array): void {
    if (this.#isPaused || this.#kept.length > 0) {
      this.#kept.push(message)
      this.bytes += message.length
    } else this.#deliver(message)
  }

  pause(): void {
    this.#isPaused = true
  }

  /** Passes on what was kept, as far as it is not paused again on the way. */
  resume(): void {
    this.#isPaused = false
    while (this.#kept.length > 0 && !this.#isPaused) {
      const message = this.#kept.shift() as Uint8Array
      this.bytes -= message.length
      this.#deliver(message)
    }
  }

  /** Throws away what is kept. */
  clear(): void {
    this.#kept = []
    this.bytes = 0
  }
}
