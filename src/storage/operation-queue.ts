// Operations on their way to a thread: one batch is there, the others wait and become the next.
import type { Waiter } from '../base/waiter.ts'
import { type Asker, WaitingAsker } from './asker.ts'
import type { LateOperation, Operation, Outcome } from './operation.ts'
import { lengthOf } from './operation.ts'
import { errorOf, StorageError } from './storage-error.ts'

/** How much may be under way; values count in characters of JSON. */
export interface QueueLimits {
  /**
   * Operations in a batch, which is what is committed together; more wait for the next. What is asked for in one go is
   * in one batch if it is not more than that.
   */
  readonly maxBatch: number
  /** Values in a batch; a single operation may have more. */
  readonly maxBatchLength: number
  /** Operations that wait; past it they are refused as `overloaded`. */
  readonly maxWaiting: number
  /** Values that wait; past it they are refused as `overloaded`. */
  readonly maxWaitingLength: number
}

interface Waiting {
  readonly operation: Operation
  /** How many had been asked for with it. */
  readonly number: number
  readonly length: number
  /** The job of the event loop in which it was asked for. */
  readonly job: number
  readonly answer: Asker
  /** Of how many refusals all had heard when it was made, if it is to be kept only with all that was asked for before. */
  readonly refusals: number | undefined
}

interface Late {
  readonly operation: LateOperation
  readonly answer: Asker
}

/**
 * Gathers what is asked for while the last batch is being committed. Who asks waits for the answer, and so a slow
 * database slows those who use it and nobody else.
 */
export class OperationQueue {
  readonly #limits: QueueLimits
  readonly #send: (batch: Operation[]) => void
  #waiting: Waiting[] = []
  #waitingLength = 0
  #late: Late[] = []
  /** Whose. */
  readonly #lateOwners = new Set<string>()
  #refusals = 0
  #refusalsAtFlush = 0
  #job = 0
  #isJobOver = true
  readonly #endJob = (): void => {
    this.#isJobOver = true
  }
  /** Who waits for the batch that is there. What they asked for is not held on to. */
  readonly #flushSoon = (): void => this.#flush()
  #sent: Asker[] = []
  /** The number of the first that was sent and has not been answered. */
  #firstSent: number | undefined
  #asked = 0
  #state: 'stopped' | 'idle' | 'scheduled' | 'sent' = 'stopped'
  #onDrained: (() => void) | undefined

  /** `send` takes a batch to the thread, whose answers are to be given to `receive`. Stands until `start`. */
  constructor(limits: QueueLimits, send: (batch: Operation[]) => void) {
    this.#limits = limits
    this.#send = send
  }

  /** Whether nothing is asked for that has not been answered. */
  get isEmpty(): boolean {
    return this.#waiting.length === 0 && this.#sent.length === 0 && this.#late.length === 0
  }

  /** How many operations have been asked for. */
  get asked(): number {
    return this.#asked
  }

  /** How many of these, from the first, have been answered. */
  get answered(): number {
    const open = this.#firstSent ?? this.#waiting[0]?.number
    return open === undefined ? this.#asked : open - 1
  }

  /** Resolves with the answer; the caller knows its type. */
  push(operation: Operation): Promise<unknown> {
    const answer = Promise.withResolvers<unknown>()
    this.#push(operation, answer)
    return answer.promise
  }

  /** The same for an operation that answers nothing; tells `waiter`. */
  pushFor(waiter: Waiter, operation: Operation): void {
    this.#push(operation, new WaitingAsker(waiter))
  }

  /** The same for what is made when the next batch goes; it stands behind all that has been asked for by then. */
  pushLate(operation: LateOperation): Promise<unknown> {
    if (this.#late.length >= this.#limits.maxWaiting) return Promise.reject(this.#overloaded())
    const answer = Promise.withResolvers<unknown>()
    this.#late.push({ operation, answer })
    if (!operation.isLast) this.#lateOwners.add(operation.owner)
    this.#schedule()
    return answer.promise
  }

  /**
   * Makes now what is late and goes before `operation`, which is about to be asked for: what is for the same owner and store. What is
   * to be kept with all others goes behind all.
   */
  makeLateFor(operation: Operation): void {
    // Entries are never late.
    if (this.#late.length === 0 || operation.kind === 'append') return
    const owner = 'owner' in operation ? operation.owner : undefined
    const store = 'store' in operation ? operation.store : undefined
    if (owner !== undefined && !this.#lateOwners.has(owner)) return
    this.#makeThose(
      (late) =>
        !late.isLast &&
        (owner === undefined || late.owner === owner) &&
        (store === undefined || late.store === store),
    )
  }

  /** Lets the first batch go. */
  start(): void {
    this.#state = 'idle'
    this.#schedule()
  }

  /** Takes the outcomes of the batch that was sent last, in its order. */
  receive(outcomes: readonly Outcome[]): void {
    const sent = this.#sent
    this.#sent = []
    this.#firstSent = undefined
    // The next batch goes when the answers have been dealt with and what has come meanwhile has been read: what they lead to
    // is in it, so that there are fewer batches and fewer commits.
    this.#state = 'scheduled'
    setImmediate(this.#flushSoon)
    for (const [index, asker] of sent.entries()) {
      const outcome = outcomes[index] as Outcome
      if ('fault' in outcome) {
        this.#refusals += 1
        asker.reject(errorOf(outcome.fault))
      } else asker.resolve(outcome.answer)
    }
    if (this.isEmpty) this.#onDrained?.()
  }

  /** Refuses all that has not been answered. */
  fail(error: StorageError): void {
    const lost = [...this.#sent, ...[...this.#waiting, ...this.#late].map(({ answer }) => answer)]
    this.#sent = []
    this.#firstSent = undefined
    this.#late = []
    this.#waiting = []
    this.#waitingLength = 0
    this.#state = 'stopped'
    for (const asker of lost) asker.reject(error)
    this.#onDrained?.()
  }

  /** Resolves when all that was asked for has been answered. */
  drained(): Promise<void> {
    if (this.isEmpty) return Promise.resolve()
    return new Promise((resolve) => {
      this.#onDrained = resolve
    })
  }

  #push(operation: Operation, answer: Asker): void {
    const length = lengthOf(operation)
    const { maxWaiting, maxWaitingLength } = this.#limits
    if (this.#waiting.length >= maxWaiting || this.#waitingLength + length > maxWaitingLength) {
      answer.reject(this.#overloaded())
      return
    }
    this.#add(operation, length, answer)
    this.#schedule()
  }

  #overloaded(): StorageError {
    this.#refusals += 1
    const waiting = this.#waiting.length + this.#late.length
    return new StorageError('overloaded', `${waiting} wait for the database`)
  }

  #add(operation: Operation, length: number, answer: Asker, refusals?: number): void {
    this.#waitingLength += length
    this.#asked += 1
    this.#waiting.push({ operation, number: this.#asked, length, job: this.#currentJob(), answer, refusals })
  }

  #makeThose(areMeant: (operation: LateOperation) => boolean, heard?: number): void {
    if (this.#late.length === 0) return
    const late = this.#late
    this.#late = late.filter(({ operation }) => !areMeant(operation))
    if (this.#late.length === 0) this.#lateOwners.clear()
    for (const one of late) if (areMeant(one.operation)) this.#make(one, heard)
  }

  #make({ operation: { make }, answer }: Late, heard: number | undefined): void {
    let operation: Operation | undefined
    try {
      operation = make()
    } catch (error) {
      this.#refusals += 1
      answer.reject(error)
      return
    }
    if (operation) this.#add(operation, lengthOf(operation), answer, heard)
    else answer.resolve(undefined)
  }

  #currentJob(): number {
    if (this.#isJobOver) {
      this.#isJobOver = false
      this.#job += 1
      queueMicrotask(this.#endJob)
    }
    return this.#job
  }

  /**
   * Waits for what comes in the same turn of the event loop, and for what the answers lead to: a batch is a commit, and the fewer
   * the better.
   */
  #schedule(): void {
    if (this.#state !== 'idle' || (this.#waiting.length === 0 && this.#late.length === 0)) return
    this.#state = 'scheduled'
    setImmediate(this.#flushSoon)
  }

  #flush(): void {
    if (this.#state === 'sent' || this.#state === 'stopped') return
    this.#state = 'idle'
    // Of these all have heard; not of what cannot be made now.
    const heard = this.#refusals
    this.#makeThose(({ isLast }) => !isLast)
    this.#makeThose(({ isLast }) => isLast, heard)
    this.#giveUpLast()
    if (this.#waiting.length === 0) {
      if (this.isEmpty) this.#onDrained?.()
      return
    }
    const size = this.#batchSize()
    const taken = size === this.#waiting.length ? this.#waiting : this.#waiting.slice(0, size)
    this.#waiting = size === this.#waiting.length ? [] : this.#waiting.slice(size)
    for (const { length } of taken) this.#waitingLength -= length
    this.#sent = taken.map(({ answer }) => answer)
    this.#firstSent = taken[0]?.number
    this.#state = 'sent'
    this.#send(taken.map(({ operation }) => operation))
  }

  /** What was to be kept only with all before it is not, if one of these has been refused since. */
  #giveUpLast(): void {
    if (this.#refusals === this.#refusalsAtFlush) return
    this.#refusalsAtFlush = this.#refusals
    const isGivenUp = ({ refusals }: Waiting) => refusals !== undefined && refusals !== this.#refusals
    const given = this.#waiting.filter(isGivenUp)
    this.#waiting = this.#waiting.filter((waiting) => !isGivenUp(waiting))
    for (const { length, answer } of given) {
      this.#waitingLength -= length
      answer.resolve(false)
    }
  }

  /** What is asked for in one go is not torn apart, unless it is more than a batch by itself. */
  #batchSize(): number {
    const most = this.#mostOfBatch()
    const next = this.#waiting[most]?.job
    let whole = most
    while (whole > 0 && this.#waiting[whole - 1]?.job === next) whole -= 1
    return whole > 0 ? whole : most
  }

  #mostOfBatch(): number {
    const most = Math.min(this.#waiting.length, this.#limits.maxBatch)
    let length = 0
    for (let size = 0; size < most; size += 1) {
      length += this.#waiting[size]?.length ?? 0
      if (length > this.#limits.maxBatchLength) return Math.max(1, size)
    }
    return most
  }
}
