// The queue before a database, with a database in memory behind it that works when the test says so.
import { Engine } from '../src/storage/engine.ts'
import type { Operation } from '../src/storage/operation.ts'
import { OperationQueue, type QueueLimits } from '../src/storage/operation-queue.ts'

const roomy: QueueLimits = { maxBatch: 100, maxBatchLength: 1000, maxWaiting: 1000, maxWaitingLength: 10_000 }

/** A queue that is not started yet, and its batches. */
export interface PatientQueue {
  readonly queue: OperationQueue
  readonly batches: Operation[][]
  /** Has the engine do the first batch, whose size it answers. */
  work(): Promise<number | undefined>
}

/** A queue whose batches lie there until `work` is called. */
export function patientQueue(limits: Partial<QueueLimits> = {}): PatientQueue {
  const engine = new Engine({ path: ':memory:' })
  const batches: Operation[][] = []
  const queue = new OperationQueue({ ...roomy, ...limits }, (batch) => batches.push(batch))
  const work = async () => {
    const batch = batches.shift()
    if (batch) queue.receive(engine.run(batch))
    await turn()
    return batch?.length
  }
  return { queue, batches, work }
}

/** Lets promise jobs run, and a queue send its batch. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
