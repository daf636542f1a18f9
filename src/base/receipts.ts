// What must be done before something that came in counts as dealt with.

/** What one thing that came in waits for. */
export class Receipt {
  #open = 0
  #doubts = 0
  #isRefused = false
  #onDone: (() => void) | undefined

  /** Whether nothing is waited for any more. */
  get isDone(): boolean {
    return this.#open === 0
  }

  /** Whether it will be done as soon as all is kept that the storage has been asked to keep so far. */
  get isBeingKept(): boolean {
    return this.#doubts === 0
  }

  /** One more thing is waited for. */
  hold(): void {
    this.#doubts += 1
    this.#open += 1
  }

  /** One of them is done. */
  release(): void {
    this.#doubts -= 1
    this.kept()
  }

  /** Something is waited for that the storage has been asked to keep. */
  holdWrite(): void {
    this.#open += 1
  }

  /** That is kept. */
  kept(): void {
    this.#open -= 1
    if (this.#open === 0) this.#onDone?.()
  }

  /** It waits for more than that, or it could not be kept. */
  doubt(): void {
    this.#doubts += 1
  }

  /** Several may refuse the same; answers whether this is the first, who is to say so. */
  refuse(): boolean {
    const isFirst = !this.#isRefused
    this.#isRefused = true
    return isFirst
  }

  /** Calls `action` when it is done, which it is not yet. */
  whenDone(action: () => void): void {
    this.#onDone = action
  }
}

/** What is waited for before an acknowledgement. */
export class Receipts {
  #current: Receipt | undefined

  /** Waits for `promise`, which must not reject. */
  add(promise: Promise<unknown>): void {
    const receipt = this.hold()
    void promise.then(() => receipt.release())
  }

  /** One more thing is waited for, until the receipt is released once. */
  hold(): Receipt {
    this.#current ??= new Receipt()
    this.#current.hold()
    return this.#current
  }

  /** Something is waited for that the storage has been asked to keep, until the receipt is told that it is kept. */
  holdWrite(): Receipt {
    this.#current ??= new Receipt()
    this.#current.holdWrite()
    return this.#current
  }

  /** What has been waited for since the last call; `undefined` if it was nothing. */
  take(): Receipt | undefined {
    const taken = this.#current
    this.#current = undefined
    return taken
  }
}
