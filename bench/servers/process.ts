// Server processes: started on a processor of their own, and never left behind.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { LogIn } from '../generator/login.ts'
import type { RunningServer } from './server.ts'

/** The processor of the server and that of the generator. */
const serverProcessor = 0
const generatorProcessor = 1
const startTimeoutMs = 30_000
const stopTimeoutMs = 10_000
const outputKept = 4_000
/** Short, as how long a server takes to start is measured too. */
const portCheckMs = 5

/** Whether server and generator can be given a processor each. */
export function canPin(): boolean {
  // Not `availableParallelism`, which counts one when this process has been pinned.
  if (cpus().length < 2) return false
  try {
    execFileSync('taskset', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** Keeps this process and its threads on the generator's processor. */
export function pinGenerator(): void {
  if (canPin()) execFileSync('taskset', ['-a', '-c', '-p', String(generatorProcessor), String(process.pid)])
}

/** A process on the server's processor. Ends at the latest when this process ends. */
class ServerProcess {
  readonly startedAt = performance.now()
  readonly #child: ChildProcess
  readonly #killAtExit = () => this.#child.kill('SIGKILL')
  #output = ''

  constructor(command: readonly string[], folder: string) {
    const pin = canPin() ? ['taskset', '-c', String(serverProcessor)] : []
    const [program = '', ...args] = [...pin, ...command]
    this.#child = spawn(program, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
    this.#child.on('error', (error) => this.#keep(`${error.message}\n`))
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => this.#keep(text))
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => this.#keep(text))
    process.on('exit', this.#killAtExit)
    this.#child.on('exit', () => process.off('exit', this.#killAtExit))
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  #keep(text: string): void {
    this.#output = (this.#output + text).slice(-outputKept)
  }

  get #hasEnded(): boolean {
    return this.#child.pid === undefined || this.#child.exitCode !== null || this.#child.signalCode !== null
  }

  /** Resolves when something listens on the port; rejects when the process ends before. */
  async waitForPort(port: number): Promise<void> {
    const end = performance.now() + startTimeoutMs
    while (!(await accepts(port))) {
      if (this.#hasEnded) throw new Error(`${this.#child.spawnargs.join(' ')} ended:\n${this.#output}`)
      if (performance.now() > end) throw new Error(`nothing listens on port ${port}:\n${this.#output}`)
      await sleep(portCheckMs)
    }
  }

  /** Asks the process to end, then makes it end. */
  async stop(): Promise<void> {
    if (this.#hasEnded) return
    const ended = once(this.#child, 'exit')
    this.#child.kill('SIGTERM')
    const timer = setTimeout(this.#killAtExit, stopTimeoutMs)
    await ended
    clearTimeout(timer)
  }
}

/** The folder of one run of a server. Is removed at the latest when this process ends. */
class ServerFolder {
  readonly path: string
  readonly #removeAtExit = () => rmSync(this.path, { recursive: true, force: true })

  constructor(path: string) {
    this.path = path
    process.on('exit', this.#removeAtExit)
  }

  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true })
    process.off('exit', this.#removeAtExit)
  }
}

/** How a server is started. */
export interface ServerStart {
  readonly name: string
  readonly logIn: LogIn
  readonly isTls?: boolean
  /**
   * Writes what the server needs into its folder and answers the command that makes it listen on the port. It runs
   * in that folder, which is removed in the end.
   */
  prepare(folder: string, port: number): Promise<readonly string[]>
}

/** Starts a server and waits until it accepts connections. */
export async function startServer({
  name,
  logIn,
  isTls = false,
  prepare,
}: ServerStart): Promise<RunningServer> {
  const folder = new ServerFolder(await mkdtemp(join(tmpdir(), `balcony-bench-${name}-`)))
  let server: ServerProcess | undefined
  const stop = async () => {
    await server?.stop()
    await folder.remove()
  }
  try {
    const port = await freePort()
    server = new ServerProcess(await prepare(folder.path, port), folder.path)
    await server.waitForPort(port)
    return { pid: server.pid, port, isTls, logIn, startedAt: server.startedAt, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port })
    socket.on('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}

/** Below the ports that Linux hands out by itself, so that nobody else is given the same one meanwhile. */
const portRange = { first: 20_000, count: 12_000 }

/** A port of this machine that nobody listens on at the moment. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = portRange.first + Math.floor(Math.random() * portRange.count)
    if (await isFree(port)) return port
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.on('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
