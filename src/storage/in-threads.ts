// Operations carried out by two threads on one file: one that writes, and one that only reads.
import type { Waiter } from '../base/waiter.ts'
import { DatabaseThread } from './database-thread.ts'
import { type Answer, type Executor, isWrite, type LateOperation, type Operation } from './operation.ts'
import type { QueueLimits } from './operation-queue.ts'
import { StorageError } from './storage-error.ts'

/** How a file is used by an executor. */
export interface FileOptions {
  readonly path: string
  readonly isShared: boolean
  readonly maxFileBytes: number | undefined
  readonly limits: QueueLimits
}

/** Answers of a batch of reads come together, so a batch is kept short. */
const maxReadBatch = 64
/** Owners with writes that are remembered after these have been answered. */
const maxAnswered = 1000

/**
 * Reads do not wait for the commits of others: they go to a connection of their own, which sees what has been
 * committed. A read of an owner with writes under way goes behind these, and is answered after their commit; so does one of
 * entries that the writer has not put into their indexes yet.
 */
export class InThreadsExecutor implements Executor {
  readonly #writer: DatabaseThread
  readonly #reader: DatabaseThread
  /** The number of the last write of an owner, in the order in which the writer was asked; some have been answered. */
  readonly #lastWriteByOwner = new Map<string, number>()
  #lastWrite = 0
  /** Whether only the writer knows entries that a former process left. */
  #isOldUnsettled = true
  /** Who has entries that only the writer knows. */
  readonly #unsettled = new Set<string>()
  #opened: Promise<void> | undefined
  #closed: Promise<void> | undefined

  constructor({ path, isShared, maxFileBytes, limits }: FileOptions) {
    this.#writer = new DatabaseThread({ path, isShared, maxFileBytes }, limits, () => this.#noteSettled())
    this.#reader = new DatabaseThread({ path, readOnly: true }, { ...limits, maxBatch: maxReadBatch })
  }

  open(): Promise<void> {
    if (this.#closed) return Promise.reject(closedError())
    this.#opened ??= this.#open()
    return this.#opened
  }

  execute<O extends Operation>(operation: O): Promise<Answer<O['kind']>> {
    if (this.#closed) return Promise.reject(closedError())
    // If it cannot be opened, what has been asked for is refused for that reason.
    if (!this.#opened) this.open().catch(() => {})
    return this.#dispatch(operation) as Promise<Answer<O['kind']>>
  }

  executeFor(waiter: Waiter, operation: Operation): void {
    if (this.#closed) {
      waiter.refused(closedError())
      return
    }
    if (!this.#opened) this.open().catch(() => {})
    this.#writer.makeLateFor(operation)
    this.#writer.executeFor(waiter, operation)
    this.#noteWrite(operation, this.#writer.asked)
  }

  executeLate(late: LateOperation): Promise<unknown> {
    if (this.#closed) return Promise.reject(closedError())
    if (!this.#opened) this.open().catch(() => {})
    return this.#writer.executeLate({
      ...late,
      make: () => {
        const operation = late.make()
        if (operation) this.#noteWrite(operation, this.#writer.asked + 1)
        return operation
      },
    })
  }

  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #open(): Promise<void> {
    this.#reader.start()
    try {
      await this.#writer.open()
      await this.#reader.open()
    } catch (error) {
      this.#writer.fail(error as StorageError)
      this.#reader.fail(error as StorageError)
      throw error
    }
  }

  #dispatch(operation: Operation): Promise<unknown> {
    this.#writer.makeLateFor(operation)
    if (isWrite(operation)) return this.#write(operation)
    const isWriters = this.#hasWrites(operation) || this.#isUnsettled(operation)
    return (isWriters ? this.#writer : this.#reader).execute(operation)
  }

  #write(operation: Operation): Promise<unknown> {
    const answer = this.#writer.execute(operation)
    this.#noteWrite(operation, this.#writer.asked)
    return answer
  }

  /** `number` counts what the writer is asked for. */
  #noteWrite(operation: Operation, number: number): void {
    const owner = ownerOf(operation)
    if (operation.kind === 'append') this.#unsettled.add(owner)
    this.#lastWrite = number
    this.#lastWriteByOwner.set(owner, number)
    if (this.#lastWriteByOwner.size > maxAnswered + number - this.#writer.answered) this.#forgetAnswered()
  }

  #hasWrites(operation: Operation): boolean {
    const last = 'owner' in operation ? this.#lastWriteByOwner.get(operation.owner) : this.#lastWrite
    return last !== undefined && last > this.#writer.answered
  }

  #isUnsettled(operation: Operation): boolean {
    if (operation.kind !== 'find' && operation.kind !== 'countEntries') return false
    return this.#isOldUnsettled || this.#unsettled.has(operation.owner)
  }

  #noteSettled(): void {
    this.#isOldUnsettled = false
    this.#forgetAnswered()
    for (const owner of this.#unsettled) if (!this.#lastWriteByOwner.has(owner)) this.#unsettled.delete(owner)
  }

  #forgetAnswered(): void {
    const { answered } = this.#writer
    for (const [owner, last] of this.#lastWriteByOwner)
      if (last <= answered) this.#lastWriteByOwner.delete(owner)
  }

  // The writer goes last, because the last connection of all puts the log into the file and removes it.
  async #close(): Promise<void> {
    if (!this.#opened) return
    await this.#opened.catch(() => {})
    await this.#reader.close()
    await this.#writer.close()
  }
}

function ownerOf(operation: Operation): string {
  return 'owner' in operation ? operation.owner : ''
}

function closedError(): StorageError {
  return new StorageError('closed', 'the driver has been closed')
}
