// A server that is started again and again, on the data that it left.
import { ServerProcess } from '../../peers/server-process.ts'

/** How it is started. */
export interface StartParts {
  readonly command: readonly string[]
  readonly folder: string
  /** Answers the port, once it listens there; asked until it does. `output` is what it has said. */
  readonly portOf: (output: string) => number | undefined | Promise<number | undefined>
}

/** One process at a time. */
export class Restartable {
  #process: ServerProcess | undefined
  #port: number | undefined

  /** `undefined` while it is down. */
  get port(): number | undefined {
    return this.#process?.hasEnded ? undefined : this.#port
  }

  /** What it has said lately. */
  get output(): string {
    return this.#process?.output ?? ''
  }

  /** Resolves when it listens; rejects if it ends before, or takes a minute. */
  async start({ command, folder, portOf }: StartParts): Promise<void> {
    this.#process = new ServerProcess({ command, folder, environment: { PATH: process.env.PATH } })
    this.#port = await this.#process.until(portOf)
  }

  /** Ends it with a signal; resolves when it has gone. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    this.#port = undefined
    await this.#process?.end(signal)
  }
}
