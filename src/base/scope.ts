// What was registered, so that it can be undone as one.

/** Takes back one registration. Calling it twice does nothing more. */
export type Undo = () => void

/** A list of undos; closing it runs them backwards, newest first. */
export class Scope {
  #undos: Undo[] | undefined = []

  get isClosed(): boolean {
    return this.#undos === undefined
  }

  /** Adds `undo`; on a closed scope it runs at once. Returns it, so that it can be called earlier. */
  keep(undo: Undo): Undo {
    if (this.#undos) this.#undos.push(undo)
    else undo()
    return undo
  }

  /**
   * Runs every undo, newest first, even if some throw.
   * @throws AggregateError of what the undos threw
   */
  close(): void {
    const undos = this.#undos ?? []
    this.#undos = undefined
    const errors: unknown[] = []
    for (const undo of undos.reverse()) {
      try {
        undo()
      } catch (error) {
        errors.push(error)
      }
    }
    if (errors.length > 0) throw new AggregateError(errors, 'closing a scope failed')
  }
}
