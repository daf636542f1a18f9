// One connection to an SQLite file: opened, brought up to date, and given batches to commit.
import type { DatabaseSync } from 'node:sqlite'
import { connect, migrateBesideServer } from './connection.ts'
import { FileLimit } from './file-limit.ts'
import { migrate } from './migrations.ts'
import { isRemoval, isWrite, type Kind, type Operation, type Outcome } from './operation.ts'
import { ServerLock } from './server-lock.ts'
import { storageErrorOf } from './sqlite-error.ts'
import { errorOf, type Fault } from './storage-error.ts'
import { Tables } from './tables.ts'

/** How a connection is opened. */
export interface EngineOptions {
  /** The file, or `:memory:`. */
  readonly path: string
  /** Only reads, on a file that another engine has opened. */
  readonly readOnly?: boolean
  /** Beside a server that may have the file: without the mark of one. */
  readonly isShared?: boolean
  /** Bytes that the file may grow to. */
  readonly maxFileBytes?: number | undefined
}

/** Putting so many entries into the indexes of their archives takes some 20 ms, for which others wait. */
const mostArrivals = 8192
/**
 * What an entry takes in indexes at the very most: it may split a page of each of the four, and id, party and resource may each
 * be as long as a page.
 */
const pagesOfArrival = 8

/** Carries out batches of operations, each batch in one transaction; blocks the thread that it is on. */
export class Engine {
  readonly #path: string
  readonly #database: DatabaseSync
  readonly #tables: Tables
  readonly #mostArrivals: number
  readonly #fileLimit: FileLimit | undefined
  readonly #lock: ServerLock | undefined

  /** @throws StorageError that says why the file cannot be used */
  constructor(options: EngineOptions) {
    const { path, readOnly = false, isShared = false, maxFileBytes } = options
    this.#path = path
    let database: DatabaseSync | undefined
    try {
      if (path !== ':memory:' && !readOnly && !isShared) this.#lock = new ServerLock(path)
      database = connect(path, readOnly)
      if (isShared) migrateBesideServer(database, path)
      else if (!readOnly) migrate(database, path)
      // A server does not know of what a tool leaves, and has to find it at once.
      this.#mostArrivals = path === ':memory:' || isShared ? 0 : mostArrivals
      this.#tables = new Tables(database, this.#mostArrivals)
      if (maxFileBytes !== undefined && !readOnly) this.#fileLimit = new FileLimit(database, maxFileBytes)
      this.#database = database
      // What was left by a kill; and who opens a file beside a server sees what is there.
      if (!readOnly) this.settle()
    } catch (error) {
      database?.close()
      this.#lock?.release()
      throw storageErrorOf(error, path)
    }
  }

  /**
   * Does all in order, and makes it lasting with one commit. What fails leaves the others as they are; should
   * the commit itself fail, each is tried again by itself, so that only what cannot be kept is refused.
   */
  run(operations: readonly Operation[]): Outcome[] {
    const isReading = !operations.some(isWrite)
    if (isReading && this.isSettled) return this.#read(operations)
    const refusal = this.#begin()
    if (refusal) return operations.map(() => refusal)
    let outcomes: Outcome[] = []
    const fault = this.#commit(operations.every(mayExceed), () => {
      outcomes = this.#attemptAll(operations)
    })
    // What was read is true, even if the indexes that were made for it cannot be kept because the disk is full.
    if (!fault || (isReading && outcomes.length > 0)) return outcomes
    if (operations.length === 1) return [fault]
    return inTurn(operations, (operation) => this.run([operation])[0] as Outcome)
  }

  /** Whether all entries are in the indexes of their archives, where alone another connection sees them. */
  get isSettled(): boolean {
    return this.#tables.isSettled
  }

  /** Puts entries that have come into the indexes of their archives. If that cannot be done now, they wait on. */
  settle(): void {
    if (this.#begin()) return
    this.#commit(true, () => {
      this.#fileLimit?.setFor({ mayExceed: true })
      this.#tables.settle()
    })
  }

  /** Entries that still wait are there for whoever opens the file next. */
  close(): void {
    if (!this.isSettled) this.settle()
    this.#database.close()
    this.#lock?.release()
  }

  /** What is read is of one moment, whatever others write: a page of an archive takes several statements. */
  #read(operations: readonly Operation[]): Outcome[] {
    this.#database.exec('begin')
    const outcomes = operations.map((operation) => this.#attempt(operation))
    try {
      this.#database.exec('commit')
    } catch {
      // After a read that failed, for a reason that its outcome tells.
      if (this.#database.isTransaction) this.#database.exec('rollback')
    }
    return outcomes
  }

  /** Answers why it cannot be begun. */
  #begin(): { fault: Fault } | undefined {
    try {
      this.#database.exec('begin immediate')
      return undefined
    } catch (error) {
      return this.#failed(error)
    }
  }

  /** Ends what was begun, with `action` in it; answers the error for which none of it was kept. */
  #commit(mayExceed: boolean, action: () => void): { fault: Fault } | undefined {
    try {
      this.#tables.begin()
      action()
      this.#fileLimit?.setFor({ mayExceed })
      this.#tables.end(this.#mostWaiting())
      this.#database.exec('commit')
      return undefined
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('rollback')
      this.#tables.rolledBack(error)
      return this.#failed(error)
    }
  }

  /** How many entries may wait to be put into indexes: no more than there will be room for, so that all can be read. */
  #mostWaiting(): number {
    if (!this.#fileLimit) return this.#mostArrivals
    return Math.min(this.#mostArrivals, Math.floor(this.#fileLimit.room() / pagesOfArrival))
  }

  #attemptAll(operations: readonly Operation[]): Outcome[] {
    return inTurn(operations, (operation) => {
      const outcome = this.#attempt(operation)
      // After some errors SQLite rolls back of its own accord, with all that went before.
      if ('fault' in outcome && !this.#database.isTransaction) throw errorOf(outcome.fault)
      return outcome
    })
  }

  #failed(error: unknown): { fault: Fault } {
    const { condition, message, cause } = storageErrorOf(error, this.#path)
    return { fault: { condition, message, cause } }
  }

  #attempt(operation: Operation<Kind>): Outcome {
    try {
      this.#fileLimit?.setFor({ mayExceed: mayExceed(operation) })
      return { answer: this.#tables.do(operation) }
    } catch (error) {
      return this.#failed(error)
    }
  }
}

/** Does one after the other, but not what is to be kept only with all before it where one of these is not. */
function inTurn(operations: readonly Operation[], action: (operation: Operation) => Outcome): Outcome[] {
  let isOneRefused = false
  return operations.map((operation) => {
    if (isOneRefused && operation.kind === 'setLast') return { answer: false }
    const outcome = action(operation)
    isOneRefused ||= 'fault' in outcome
    return outcome
  })
}

/** Whether an operation makes room in the end, or only puts in order what is there. */
function mayExceed(operation: Operation): boolean {
  return isRemoval(operation) || !isWrite(operation)
}
