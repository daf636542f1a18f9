// When accounts were removed or given another password: log-ins that were under way then come to nothing.

/** Accounts that are remembered; log-ins from before the oldest change among them are begun anew. */
export const rememberedChanges = 1000

/** Counts changes of accounts. */
export class AccountChanges {
  readonly #lastByLocal = new Map<string, number>()
  #count = 0
  #forgotten = 0

  /** How many there have been. */
  get count(): number {
    return this.#count
  }

  /** An account has changed. */
  note(local: string): void {
    this.#count += 1
    this.#lastByLocal.delete(local)
    this.#lastByLocal.set(local, this.#count)
    if (this.#lastByLocal.size <= rememberedChanges) return
    for (const [oldest, count] of this.#lastByLocal) {
      this.#forgotten = count
      this.#lastByLocal.delete(oldest)
      break
    }
  }

  /** Whether an account has, or may have, changed behind the first `count` changes. */
  hasChanged(local: string, count: number): boolean {
    return count < this.#forgotten || (this.#lastByLocal.get(local) ?? 0) > count
  }
}
