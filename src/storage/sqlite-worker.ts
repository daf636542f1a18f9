// The program of a storage thread: opens the file it is given, then commits one batch after the other.
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import type { FromThread, ToThread } from './database-thread.ts'
import { Engine } from './engine.ts'
import { packOutcomes, unpackBatch } from './packed.ts'
import { StorageError } from './storage-error.ts'

/** How long entries of archives may wait to be put where they belong, while there is little to do. */
const settleAfterMs = 1000

function work(port: MessagePort): void {
  const say = (message: FromThread) => port.postMessage(message)
  let engine: Engine | undefined
  /** Whether it has been said, of all that is known there. */
  let wasSettled = false
  let timer: NodeJS.Timeout | undefined
  const settleLater = (): void => {
    if (!engine?.isSettled) timer ??= setTimeout(settle, settleAfterMs)
    else if (!wasSettled) {
      wasSettled = true
      say('settled')
    }
  }
  const settle = (): void => {
    timer = undefined
    engine?.settle()
    settleLater()
  }
  port.on('message', (message: ToThread) => {
    if (message === 'open') {
      try {
        engine = new Engine(workerData)
        say({ opened: true })
        settleLater()
      } catch (error) {
        if (!(error instanceof StorageError)) throw error
        const { condition, message, cause } = error
        say({ fault: { condition, message, cause } })
      }
    } else if (message === 'close') {
      clearTimeout(timer)
      engine?.close()
      port.close()
    } else if (engine) {
      const batch = unpackBatch(message)
      say(packOutcomes(engine.run(batch)))
      wasSettled &&= !batch.some(({ kind }) => kind === 'append')
      settleLater()
    }
  })
}

if (!parentPort) throw new Error('to be started as a worker thread')
work(parentPort)
