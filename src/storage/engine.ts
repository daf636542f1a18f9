// One connection to an SQLite file: opened, brought up to date, and given batches to commit.
import { closeSync, openSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { migrate } from './migrations.ts'
import { isWrite, type Kind, type Operation, type Outcome } from './operation.ts'
import { type StorageCondition, StorageError } from './storage-error.ts'
import { Tables } from './tables.ts'

/** How a connection is opened. */
export interface EngineOptions {
  /** The file, or `:memory:`. */
  readonly path: string
  /** Only reads, on a file that another engine has opened. */
  readonly readOnly?: boolean
  /** Bytes that the file may grow to. */
  readonly maxFileBytes?: number
}

/** How long to wait for another process that is writing. */
const busyTimeoutMs = 5000
const pageBytes = 4096
/** To what the log of changes is cut back once its content is in the file. */
const maxIdleLogBytes = 16 * 1024 * 1024

/** Carries out batches of operations, each batch in one transaction; blocks the thread that it is on. */
export class Engine {
  readonly #path: string
  readonly #database: DatabaseSync
  readonly #tables: Tables

  /** @throws StorageError that says why the file cannot be used */
  constructor(options: EngineOptions) {
    this.#path = options.path
    let database: DatabaseSync | undefined
    try {
      database = connect(options)
      if (!options.readOnly) migrate(database, this.#path)
      this.#tables = new Tables(database)
      this.#database = database
    } catch (error) {
      database?.close()
      throw storageErrorOf(error, this.#path)
    }
  }

  /**
   * Does all in order, and makes it lasting with one commit. What fails leaves the others as they are; should
   * the commit itself fail, each is tried again by itself, so that only what cannot be kept is refused.
   */
  run(operations: readonly Operation[]): Outcome[] {
    if (!operations.some(isWrite)) return operations.map((operation) => this.#attempt(operation))
    const outcomes = this.#together(operations)
    if (Array.isArray(outcomes)) return outcomes
    if (operations.length === 1) return [outcomes]
    return operations.map((operation) => this.run([operation])[0] as Outcome)
  }

  close(): void {
    this.#database.close()
  }

  /** The outcomes, or the one error for which none of it was kept. */
  #together(operations: readonly Operation[]): Outcome[] | { error: Error } {
    try {
      this.#database.exec('begin immediate')
    } catch (error) {
      const outcome = { error: storageErrorOf(error, this.#path) }
      return operations.map(() => outcome)
    }
    const outcomes: Outcome[] = []
    for (const operation of operations) {
      const outcome = this.#attempt(operation)
      // After some errors SQLite rolls back of its own accord, with all that went before.
      if ('error' in outcome && !this.#database.isTransaction) return this.#rolledBack(outcome.error)
      outcomes.push(outcome)
    }
    try {
      this.#database.exec('commit')
      return outcomes
    } catch (error) {
      return this.#rolledBack(error)
    }
  }

  #rolledBack(error: unknown): { error: Error } {
    if (this.#database.isTransaction) this.#database.exec('rollback')
    this.#tables.forget()
    return { error: storageErrorOf(error, this.#path) }
  }

  #attempt(operation: Operation<Kind>): Outcome {
    try {
      return { answer: this.#tables.do(operation) }
    } catch (error) {
      return { error: storageErrorOf(error, this.#path) }
    }
  }
}

function connect({ path, readOnly = false, maxFileBytes }: EngineOptions): DatabaseSync {
  // What the file holds is nobody else's business: made here with the owner's rights only, which the log inherits.
  if (path !== ':memory:' && !readOnly) closeSync(openSync(path, 'a', 0o600))
  const database = new DatabaseSync(path, { readOnly, timeout: busyTimeoutMs })
  if (readOnly) return database
  database.exec(`
    pragma page_size = ${pageBytes};
    pragma journal_mode = wal;
    pragma synchronous = full;
    pragma journal_size_limit = ${maxIdleLogBytes};
  `)
  if (maxFileBytes !== undefined) {
    database.exec(`pragma max_page_count = ${Math.max(1, Math.floor(maxFileBytes / pageBytes))}`)
  }
  return database
}

/** https://www.sqlite.org/rescode.html */
const conditionsByCode: Readonly<Record<number, StorageCondition>> = {
  5: 'busy',
  6: 'busy',
  8: 'unopenable',
  11: 'corrupt',
  13: 'full',
  14: 'unopenable',
  18: 'too-big',
  26: 'corrupt',
}
const uniqueViolation = 2067

function storageErrorOf(error: unknown, path: string): StorageError {
  if (error instanceof StorageError) return error
  const { message, errcode, code } = error as Error & { errcode?: number; code?: string }
  return new StorageError(conditionOf(errcode, code), `${path}: ${message}`, { cause: error })
}

function conditionOf(errcode: number | undefined, code: string | undefined): StorageCondition {
  if (errcode === uniqueViolation) return 'duplicate'
  if (errcode !== undefined) return conditionsByCode[errcode & 0xff] ?? 'failed'
  // What opening a file throws has the name of the system's error, such as ENOENT.
  return code?.startsWith('E') && !code.startsWith('ERR_') ? 'unopenable' : 'failed'
}
