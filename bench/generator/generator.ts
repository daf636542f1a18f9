// All connections of one run of a scenario.
import { Connection, type Port } from './connection.ts'

const readBufferBytes = 256 * 1024

/** Opens connections, closes them all in the end, and says so when one is lost in between. */
export class Generator {
  /** Rejects as soon as a connection is lost; never resolves. */
  readonly failed: Promise<never>
  readonly #port: Port
  readonly #readBuffer = Buffer.allocUnsafe(readBufferBytes)
  readonly #connections = new Set<Connection>()
  readonly #fail: (error: Error) => void

  constructor(port: Port) {
    const { promise, reject } = Promise.withResolvers<never>()
    // Nobody may be waiting at the moment of the failure; who waits later still gets it.
    promise.catch(() => {})
    this.failed = promise
    this.#fail = reject
    this.#port = port
  }

  connect(): Connection {
    const connection = new Connection(this.#port, this.#readBuffer, this.#fail)
    this.#connections.add(connection)
    return connection
  }

  /** Closes one connection before the end of the run. */
  end(connection: Connection): void {
    this.#connections.delete(connection)
    connection.end()
  }

  /** Ends all connections at once, so that no socket stays in TIME_WAIT: `using`. */
  [Symbol.dispose](): void {
    for (const connection of this.#connections) connection.reset()
    this.#connections.clear()
  }

  /** Waits `ms` milliseconds, or rejects when a connection is lost meanwhile. */
  async pause(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, ms)
    await Promise.race([promise, this.failed]).finally(() => clearTimeout(timer))
  }
}
