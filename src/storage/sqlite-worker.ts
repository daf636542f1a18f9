// The program of a storage thread: opens the file it is given, then commits one batch after the other.
import { parentPort, workerData } from 'node:worker_threads'
import type { FromThread, ToThread } from './database-thread.ts'
import { Engine } from './engine.ts'
import { StorageError } from './storage-error.ts'

if (!parentPort) throw new Error('to be started as a worker thread')
const port = parentPort
const say = (message: FromThread) => port.postMessage(message)

try {
  const engine = new Engine(workerData)
  port.on('message', (message: ToThread) => {
    if (message === 'close') {
      engine.close()
      port.close()
    } else say(engine.run(message))
  })
  say({ opened: true })
} catch (error) {
  if (!(error instanceof StorageError)) throw error
  const { condition, message, cause } = error
  say({ fault: { condition, message, cause } })
}
