// How a connection to an SQLite file is made, and a file where there is none.
import { closeSync, openSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { pageBytes } from './file-limit.ts'
import { assertOurs, isCurrent, migrate } from './migrations.ts'
import { ServerLock } from './server-lock.ts'

/** How long to wait for another process that is writing. */
const busyTimeoutMs = 5000
/** To what the log of changes is cut back once its content is in the file. */
const maxIdleLogBytes = 16 * 1024 * 1024

/**
 * Connects to the file at `path`, which is made where it is missing unless it is only to be read.
 * @throws Error of SQLite or of the system, and StorageError `corrupt` if it is some other program's
 */
export function connect(path: string, readOnly: boolean): DatabaseSync {
  if (path !== ':memory:' && !readOnly) makeFile(path)
  const database = new DatabaseSync(path, { readOnly, timeout: busyTimeoutMs })
  if (readOnly) return database
  assertOurs(database, path)
  database.exec(`
    pragma page_size = ${pageBytes};
    pragma journal_mode = wal;
    pragma synchronous = full;
    pragma journal_size_limit = ${maxIdleLogBytes};
  `)
  return database
}

/** What it will hold is nobody else's business: only its owner gets rights, and SQLite's other files have the same. */
function makeFile(path: string): void {
  try {
    // Never opens a file that is there: closing it again would drop the locks that this process has on it.
    closeSync(openSync(path, 'wx', 0o600))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

/**
 * Brings tables up to date, but not those of a server that has the file: they must not be changed under it.
 * @throws StorageError `in-use` where that would be so
 */
export function migrateBesideServer(database: DatabaseSync, path: string): void {
  if (isCurrent(database)) return
  const lock = new ServerLock(path)
  try {
    migrate(database, path)
  } finally {
    lock.release()
  }
}
