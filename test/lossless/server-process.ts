// The server as a process of its own, which is killed and started again on the same data.
import { type ChildProcess, spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

const main = join(import.meta.dirname, '..', '..', 'src', 'cli', 'main.ts')
const troubledServer = join(import.meta.dirname, 'troubled-server.ts')
const patienceMs = 60_000

/** What ails the disk. */
export type Trouble = 'full' | 'slow'

/** Balcony, in a folder. */
export class ServerProcess {
  readonly #folder: string
  #child: ChildProcess | undefined
  #port: number | undefined
  #output = ''

  constructor(folder: string, accounts: readonly string[], options: object) {
    this.#folder = folder
    const config = {
      domain: 'localhost',
      firstAccount: false,
      accounts: Object.fromEntries(accounts.map((name) => [name, 'secret'])),
      listen: { starttls: 0, directTls: false },
      login: { requireTls: false, plainWithoutTls: true },
      limits: { stanzasPerSecond: 0, bytesPerSecond: 0 },
      log: { format: 'json', level: 'info' },
      extensions: options,
    }
    writeFileSync(join(folder, 'balcony.config.json'), JSON.stringify(config))
  }

  /** `undefined` while it is down. */
  get port(): number | undefined {
    return this.#port
  }

  /** What it has said lately. */
  get output(): string {
    return this.#output
  }

  /** Resolves when it listens. */
  start(trouble?: Trouble): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const words = trouble === undefined ? [main, 'start'] : [troubledServer, trouble]
    const child = spawn(process.execPath, words, {
      cwd: this.#folder,
      env: { PATH: process.env.PATH },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#child = child
    const fail = () => reject(new Error(`the server does not start:\n${this.#output}`))
    const timer = setTimeout(fail, patienceMs)
    child.stderr.setEncoding('utf8').on('data', (text: string) => this.#note(text))
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#note(text)
      const port =
        this.#port === undefined ? /"event":"started"/.test(this.#output) && portIn(this.#output) : 0
      if (!port) return
      clearTimeout(timer)
      this.#port = port
      resolve()
    })
    child.on('exit', () => {
      clearTimeout(timer)
      this.#port = undefined
      fail()
    })
    return promise
  }

  /** Ends it with a signal; resolves when it has gone. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#child
    this.#port = undefined
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill(signal)
    await ended
    this.#output = ''
  }

  #note(text: string): void {
    this.#output = (this.#output + text).slice(-20_000)
  }
}

function portIn(output: string): number {
  return Number(/"listening":\["127\.0\.0\.1:(\d+)"/.exec(output)?.[1] ?? 0)
}
