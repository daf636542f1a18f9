// A server as a process of its own: started, waited for, ended, and never left behind.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'

const patienceMs = 60_000
const stopTimeoutMs = 10_000
const outputKept = 20_000
/** Short, as how long a server takes to start is measured too. */
const checkMs = 5

/** How a process is started. */
export interface ServerProcessParts {
  readonly command: readonly string[]
  readonly folder: string
  /** All of its variables; those of this process, if none are given. */
  readonly environment?: NodeJS.ProcessEnv
}

/** One run of a server. Ends at the latest when this process ends. */
export class ServerProcess {
  /** As `performance.now()` tells it. */
  readonly startedAt = performance.now()
  readonly #child: ChildProcess
  readonly #killAtExit = () => this.#child.kill('SIGKILL')
  #output = ''

  constructor({ command, folder, environment = process.env }: ServerProcessParts) {
    const [program = '', ...words] = command
    this.#child = spawn(program, words, { cwd: folder, env: environment, stdio: ['ignore', 'pipe', 'pipe'] })
    this.#child.on('error', (error) => this.#keep(`${error.message}\n`))
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => this.#keep(text))
    process.on('exit', this.#killAtExit)
    this.#child.on('exit', () => process.off('exit', this.#killAtExit))
  }

  /** 0 if it could not be started. */
  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** What it has said lately. */
  get output(): string {
    return this.#output
  }

  /** Whether it has gone, or never came. */
  get hasEnded(): boolean {
    return this.#child.pid === undefined || this.#child.exitCode !== null || this.#child.signalCode !== null
  }

  /**
   * Looks again and again, and resolves with what is found first; `output` is what the server has said. Rejects, with
   * that, if it ends before or takes a minute.
   */
  async until<Found>(
    look: (output: string) => Found | undefined | Promise<Found | undefined>,
  ): Promise<Found> {
    const deadline = performance.now() + patienceMs
    for (;;) {
      const found = await look(this.#output)
      if (this.hasEnded || performance.now() > deadline) throw this.#failure()
      if (found !== undefined) return found
      await pause(checkMs)
    }
  }

  /** Ends it with a signal; resolves when it has gone. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    if (this.hasEnded) return
    const ended = once(this.#child, 'exit')
    this.#child.kill(signal)
    await ended
  }

  /** Asks it to end, then makes it end. */
  async stop(): Promise<void> {
    const timer = setTimeout(this.#killAtExit, stopTimeoutMs)
    await this.end('SIGTERM')
    clearTimeout(timer)
  }

  #failure(): Error {
    const happened = this.hasEnded ? 'ended' : 'does not listen'
    return new Error(`${this.#child.spawnargs.join(' ')} ${happened}:\n${this.#output}`)
  }

  #keep(text: string): void {
    this.#output = (this.#output + text).slice(-outputKept)
  }
}
