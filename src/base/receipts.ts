// What must be done before something that came in counts as dealt with.

/** Promises that are waited for before an acknowledgement. They must not reject. */
export class Receipts {
  #open: Promise<unknown>[] | undefined

  add(promise: Promise<unknown>): void {
    if (this.#open) this.#open.push(promise)
    else this.#open = [promise]
  }

  /** Resolves once all that was added since the last call is done; `undefined` if nothing was. */
  take(): Promise<unknown> | undefined {
    const open = this.#open
    this.#open = undefined
    return open && Promise.all(open)
  }
}
