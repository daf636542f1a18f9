// A child process that listens: started, killed and started again.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createConnection, createServer } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'

const patienceMs = 60_000
const outputKept = 20_000

/** How the process is started. */
export interface ChildParts {
  readonly command: readonly string[]
  readonly folder: string
  readonly environment?: Readonly<Record<string, string>>
  /** Resolves with the port, once it listens there; asked until it does. `output` is what it has said. */
  readonly portOf: (output: string) => number | undefined | Promise<number | undefined>
}

/** One process at a time. */
export class Child {
  #process: ChildProcess | undefined
  #port: number | undefined
  #output = ''

  /** `undefined` while it is down. */
  get port(): number | undefined {
    return this.#port
  }

  /** What it has said lately. */
  get output(): string {
    return this.#output
  }

  /** Resolves when it listens; rejects if it ends before, or takes a minute. */
  async start({ command, folder, environment, portOf }: ChildParts): Promise<void> {
    const [program = '', ...words] = command
    this.#output = ''
    const child = spawn(program, words, {
      cwd: folder,
      env: { PATH: process.env.PATH, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#process = child
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => this.#note(text))
    child.on('error', (error) => this.#note(error.message))
    child.on('exit', () => {
      this.#port = undefined
    })
    const deadline = performance.now() + patienceMs
    for (;;) {
      const port = await portOf(this.#output)
      if (hasEnded(child) || performance.now() > deadline)
        throw new Error(`the server does not start:\n${this.#output}`)
      if (port !== undefined) {
        this.#port = port
        return
      }
      await pause(10)
    }
  }

  /** Ends it with a signal; resolves when it has gone. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#process
    this.#port = undefined
    if (!child || hasEnded(child)) return
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
  }

  #note(text: string): void {
    this.#output = (this.#output + text).slice(-outputKept)
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null
}

/** A port of 127.0.0.1 on which nobody listens at present. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** The port again, if somebody listens there. */
export function whenAccepting(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port })
    const answer = (value: number | undefined) => {
      socket.destroy()
      resolve(value)
    }
    socket.once('connect', () => answer(port)).once('error', () => answer(undefined))
  })
}
