// The mark of the one server that works on a file, which no crash leaves behind.
import { existsSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { StorageError } from './storage-error.ts'

/** A server that is just going down gets this long. */
const patienceMs = 500

/**
 * Held while a server works on a file: what it knows of its accounts and rooms would be wrong if a second one
 * changed them. It is SQLite's lock on an empty file of its own, `data.db.lock`, which the system takes away when
 * the process ends, however it ends. The file stays: removing it would let two hold it.
 */
export class ServerLock {
  readonly #database: DatabaseSync

  /** @throws StorageError `in-use` if another holds it */
  constructor(path: string) {
    this.#database = new DatabaseSync(`${path}.lock`, { timeout: patienceMs })
    try {
      this.#database.exec('begin exclusive')
    } catch (cause) {
      this.#database.close()
      throw new StorageError('in-use', `${path}: another server has this file open`, { cause })
    }
  }

  /** Whether a server works on the file at `path` now. */
  static isHeld(path: string): boolean {
    if (!existsSync(`${path}.lock`)) return false
    try {
      new ServerLock(path).release()
      return false
    } catch (error) {
      if (error instanceof StorageError) return true
      throw error
    }
  }

  release(): void {
    this.#database.close()
  }
}
