// A thread with a connection of its own, and the queue before it.
import { Worker } from 'node:worker_threads'
import type { Waiter } from '../base/waiter.ts'
import type { EngineOptions } from './engine.ts'
import type { LateOperation, Operation } from './operation.ts'
import { OperationQueue, type QueueLimits } from './operation-queue.ts'
import { type PackedBatch, type PackedOutcomes, packBatch, unpackOutcomes } from './packed.ts'
import { errorOf, type Fault, StorageError } from './storage-error.ts'

/**
 * What the thread says: first that the file is open, or why not; then the outcomes of each batch; and when all entries of
 * archives that are in the file or were told of are where other connections find them.
 */
export type FromThread = { readonly opened: true } | { readonly fault: Fault } | PackedOutcomes | 'settled'
/** What the thread is told: first to open the file. */
export type ToThread = 'open' | PackedBatch | 'close'

/** Runs an engine on a thread, so that waiting for the disk stops nobody else. */
export class DatabaseThread {
  readonly #options: EngineOptions
  readonly #queue: OperationQueue
  readonly #onSettled: () => void
  #worker: Worker | undefined
  #opened: Promise<void> | undefined
  #failure: StorageError | undefined
  /** How many operations are in the batch that is there. */
  #sent = 0

  /** `onSettled` is called when all entries of archives that were acknowledged can be seen by other connections. */
  constructor(options: EngineOptions, limits: QueueLimits, onSettled: () => void = () => {}) {
    this.#options = options
    this.#onSettled = onSettled
    this.#queue = new OperationQueue(limits, (batch) => this.#send(batch))
  }

  /** Starts the thread, so that it is ready by the time that it is told to open the file. */
  start(): void {
    // The flags of this process, such as `--input-type`, are not for another program.
    this.#worker ??= new Worker(workerFile(), { workerData: this.#options, name: 'storage', execArgv: [] })
  }

  /** Opens the file, once; rejects with a `StorageError` if it cannot be used. */
  open(): Promise<void> {
    this.#opened ??= this.#open()
    return this.#opened
  }

  /** Resolves with the answer; the caller knows its type. */
  execute(operation: Operation): Promise<unknown> {
    return this.#failure ? Promise.reject(this.#failure) : this.#queue.push(operation)
  }

  /** The same for an operation that answers nothing; tells `waiter`. */
  executeFor(waiter: Waiter, operation: Operation): void {
    if (this.#failure) waiter.refused(this.#failure)
    else this.#queue.pushFor(waiter, operation)
  }

  /** The same for what is made when it goes. */
  executeLate(late: LateOperation): Promise<unknown> {
    return this.#failure ? Promise.reject(this.#failure) : this.#queue.pushLate(late)
  }

  /** Makes what is late and goes before an operation that is about to be asked for. */
  makeLateFor(operation: Operation): void {
    this.#queue.makeLateFor(operation)
  }

  /** How many operations have been asked for. */
  get asked(): number {
    return this.#queue.asked
  }

  /** How many of these have been answered, in their order. */
  get answered(): number {
    return this.#queue.answered
  }

  /** Refuses what has been asked for and what will be. The first reason stays. */
  fail(error: StorageError): void {
    this.#failure ??= error
    this.#queue.fail(this.#failure)
  }

  /** Waits for the answers, then ends the thread. */
  async close(): Promise<void> {
    const worker = this.#worker
    if (!worker) return
    await this.#queue.drained()
    worker.ref()
    if (this.#failure) {
      await worker.terminate()
      return
    }
    const ended = new Promise((resolve) => worker.once('exit', resolve))
    worker.postMessage('close' satisfies ToThread)
    await ended
  }

  #open(): Promise<void> {
    this.start()
    const worker = this.#worker as Worker
    return new Promise((resolve, reject) => {
      const fail = (error: StorageError) => {
        this.fail(error)
        reject(this.#failure)
      }
      worker.on('message', (message: FromThread) => {
        if (message === 'settled') this.#onSettled()
        else if (message === 'done' || Array.isArray(message)) this.#receive(message)
        else if ('opened' in message) {
          worker.unref()
          this.#queue.start()
          resolve()
        } else fail(errorOf(message.fault))
      })
      worker.on('error', (cause) => fail(new StorageError('failed', 'the storage thread failed', { cause })))
      worker.on('exit', () => fail(new StorageError('closed', 'the storage thread has ended')))
      worker.postMessage('open' satisfies ToThread)
    })
  }

  /** The thread keeps the process alive only while something is asked of it. */
  #send(batch: Operation[]): void {
    this.#worker?.ref()
    this.#sent = batch.length
    this.#worker?.postMessage(packBatch(batch) satisfies ToThread)
  }

  #receive(outcomes: PackedOutcomes): void {
    this.#queue.receive(unpackOutcomes(outcomes, this.#sent))
    // The next batch holds on to it again; what is late may come to nothing.
    this.#worker?.unref()
  }
}

/** Beside this file, as source or as built. */
function workerFile(): URL {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  return new URL(`./sqlite-worker.${extension}`, import.meta.url)
}
