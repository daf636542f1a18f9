// A server of the system's package, which takes part with its own way of keeping things.
import { freePort, whenListening } from '../../peers/ports.ts'
import { Restartable } from './restartable.ts'
import type { TestedServer } from './server.ts'

/** What it is. */
export interface InstalledParts {
  readonly folder: string
  readonly conditions: readonly string[]
  /** Writes what it needs into the folder, before the first start; answers the command that makes it listen on the port. */
  prepare(port: number): Promise<readonly string[]>
}

/** Such a server; at every start on the same port. */
export class InstalledServer implements TestedServer {
  readonly conditions: readonly string[]
  readonly knowsTroubles = false
  readonly #parts: InstalledParts
  readonly #server = new Restartable()
  #start: { readonly port: number; readonly command: readonly string[] } | undefined

  constructor(parts: InstalledParts) {
    this.conditions = parts.conditions
    this.#parts = parts
  }

  get port(): number | undefined {
    return this.#server.port
  }

  get output(): string {
    return this.#server.output
  }

  async start(): Promise<void> {
    this.#start ??= await this.#prepare()
    const { port, command } = this.#start
    await this.#server.start({ command, folder: this.#parts.folder, portOf: () => whenListening(port) })
  }

  end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    return this.#server.end(signal)
  }

  async #prepare() {
    const port = await freePort()
    return { port, command: await this.#parts.prepare(port) }
  }
}
