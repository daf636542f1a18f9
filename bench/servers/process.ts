// Server processes: started on a processor of their own, and never left behind.
import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, whenListening } from '../../test/peers/ports.ts'
import { ServerProcess } from '../../test/peers/server-process.ts'
import type { LogIn } from '../generator/login.ts'
import type { RunningServer } from './server.ts'

/** The processor of the server and that of the generator. */
const serverProcessor = 0
const generatorProcessor = 1

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
    const pin = canPin() ? ['taskset', '-c', String(serverProcessor)] : []
    const command = [...pin, ...(await prepare(folder.path, port))]
    server = new ServerProcess({ command, folder: folder.path })
    await server.until(() => whenListening(port))
    return { pid: server.pid, port, isTls, logIn, startedAt: server.startedAt, stop }
  } catch (error) {
    await stop()
    throw error
  }
}
