// Several statements that happen together or not at all, inside a transaction that goes on either way.
import type { DatabaseSync } from 'node:sqlite'

/** A savepoint on one connection; not to be nested. */
export class Savepoint {
  readonly #database: DatabaseSync

  constructor(database: DatabaseSync) {
    this.#database = database
  }

  /** Runs `action`; if `isNeeded`, what it did is taken back when it throws. */
  around(isNeeded: boolean, action: () => void): void {
    if (!isNeeded) {
      action()
      return
    }
    this.#database.exec('savepoint compound')
    try {
      action()
    } catch (error) {
      // SQLite may have rolled the whole transaction back of its own accord.
      if (this.#database.isTransaction) this.#database.exec('rollback to compound; release compound')
      throw error
    }
    this.#database.exec('release compound')
  }
}
