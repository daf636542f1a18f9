// Operations carried out by two threads on one file: one that writes, and one that only reads.
import { DatabaseThread } from './database-thread.ts'
import { type Answer, type Executor, isWrite, type Operation } from './operation.ts'
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

/**
 * Reads do not wait for the commits of others: they go to a connection of their own, which sees what has been
 * committed. A read of an owner with writes under way goes behind these, and is answered after their commit; so does one of
 * entries that the writer has not put into their indexes yet.
 */
export class InThreadsExecutor implements Executor {
  readonly #writer: DatabaseThread
  readonly #reader: DatabaseThread
  readonly #writesByOwner = new Map<string, number>()
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
    if (isWrite(operation)) return this.#write(operation)
    const isWriters = this.#hasWrites(operation) || this.#isUnsettled(operation)
    return (isWriters ? this.#writer : this.#reader).execute(operation)
  }

  async #write(operation: Operation): Promise<unknown> {
    const owner = ownerOf(operation)
    this.#writesByOwner.set(owner, (this.#writesByOwner.get(owner) ?? 0) + 1)
    if (operation.kind === 'append') this.#unsettled.add(owner)
    try {
      return await this.#writer.execute(operation)
    } finally {
      const left = (this.#writesByOwner.get(owner) ?? 0) - 1
      if (left > 0) this.#writesByOwner.set(owner, left)
      else this.#writesByOwner.delete(owner)
    }
  }

  #hasWrites(operation: Operation): boolean {
    return 'owner' in operation ? this.#writesByOwner.has(operation.owner) : this.#writesByOwner.size > 0
  }

  #isUnsettled(operation: Operation): boolean {
    if (operation.kind !== 'find' && operation.kind !== 'countEntries') return false
    return this.#isOldUnsettled || this.#unsettled.has(operation.owner)
  }

  #noteSettled(): void {
    this.#isOldUnsettled = false
    for (const owner of this.#unsettled) if (!this.#writesByOwner.has(owner)) this.#unsettled.delete(owner)
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
