// Operations carried out at once, on the thread that asks: for databases in memory.
import type { Waiter } from '../base/waiter.ts'
import { Engine } from './engine.ts'
import type { Answer, Executor, LateOperation, Operation, Outcome } from './operation.ts'
import { errorOf, StorageError } from './storage-error.ts'

/** An executor without a thread or a file; what it holds is gone when it is closed. */
export class InThreadExecutor implements Executor {
  readonly #engine = new Engine({ path: ':memory:' })
  #isClosed = false
  /** Whether something was refused, of which those who asked for it have not heard yet. */
  #hasRefused = false

  async open(): Promise<void> {
    if (this.#isClosed) throw new StorageError('closed', 'the driver has been closed')
  }

  async execute<O extends Operation>(operation: O): Promise<Answer<O['kind']>> {
    if (this.#isClosed) throw new StorageError('closed', 'the driver has been closed')
    const [outcome] = this.#engine.run([operation]) as [Outcome]
    if ('fault' in outcome) throw this.#refused(errorOf(outcome.fault))
    return outcome.answer as Answer<O['kind']>
  }

  executeFor(waiter: Waiter, operation: Operation): void {
    this.execute(operation).then(
      () => waiter.kept(),
      (error: unknown) => waiter.refused(error),
    )
  }

  /** Nothing waits here: it goes at once. */
  async executeLate({ isLast, make }: LateOperation): Promise<unknown> {
    if (isLast && this.#hasRefused) return false
    const operation = this.#made(make)
    return operation && this.execute(operation)
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#engine.close()
  }

  #made(make: LateOperation['make']): Operation | undefined {
    try {
      return make()
    } catch (error) {
      throw this.#refused(error)
    }
  }

  /** Notes that something is refused with `error`, which is answered. */
  #refused(error: unknown): unknown {
    this.#hasRefused = true
    setImmediate(() => {
      this.#hasRefused = false
    })
    return error
  }
}
