// The program of a storage thread: opens the file it is given, then commits one batch after the other.
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import type { FromThread, ToThread } from './database-thread.ts'
import { Engine } from './engine.ts'
import { StorageError } from './storage-error.ts'

function work(port: MessagePort): void {
  const say = (message: FromThread) => port.postMessage(message)
  let engine: Engine | undefined
  port.on('message', (message: ToThread) => {
    if (message === 'open') {
      try {
        engine = new Engine(workerData)
        say({ opened: true })
      } catch (error) {
        if (!(error instanceof StorageError)) throw error
        const { condition, message, cause } = error
        say({ fault: { condition, message, cause } })
      }
    } else if (message === 'close') {
      engine?.close()
      port.close()
    } else if (engine) say(engine.run(message))
  })
}

if (!parentPort) throw new Error('to be started as a worker thread')
work(parentPort)
