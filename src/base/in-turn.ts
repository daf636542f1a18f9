// What has a name deals with one thing at a time: what comes meanwhile waits, in order of arrival.

type Action = () => void | Promise<void>

interface Waiting {
  readonly action: Action
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** Runs actions of one name one after the other. Those of different names do not wait for each other. */
export class InTurn {
  /** Names that are busy, with what waits. */
  readonly #waitingByName = new Map<string, Waiting[] | undefined>()

  /** Whether something is under way for a name. */
  isBusy(name: string): boolean {
    return this.#waitingByName.has(name)
  }

  /**
   * Runs `action` now, or after those that were given before it for this name. It has ended when it returns, or when
   * its promise has settled; it is told of its own fault only.
   */
  run(name: string, action: Action): void | Promise<void> {
    if (this.#waitingByName.has(name)) {
      return new Promise((resolve, reject) => this.#wait(name, { action, resolve, reject }))
    }
    this.#waitingByName.set(name, undefined)
    let result: void | Promise<void>
    try {
      result = action()
    } catch (error) {
      this.#next(name)
      throw error
    }
    if (result) return result.finally(() => this.#next(name))
    this.#next(name)
  }

  #wait(name: string, waiting: Waiting): void {
    const list = this.#waitingByName.get(name)
    if (list) list.push(waiting)
    else this.#waitingByName.set(name, [waiting])
  }

  #next(name: string): void {
    for (;;) {
      const waiting = this.#waitingByName.get(name)?.shift()
      if (!waiting) {
        this.#waitingByName.delete(name)
        return
      }
      try {
        const result = waiting.action()
        if (result) {
          result.then(waiting.resolve, waiting.reject).finally(() => this.#next(name))
          return
        }
        waiting.resolve()
      } catch (error) {
        waiting.reject(error)
      }
    }
  }
}
