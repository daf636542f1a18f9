// Balcony itself, as a process of its own.
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { logInToXmpp } from '../generator/login.ts'
import { describeCommit } from '../results.ts'
import { freePort, ServerProcess } from './process.ts'
import type { ServerKind } from './server.ts'

const program = fileURLToPath(new URL('./balcony-server.ts', import.meta.url))

/** Balcony from this checkout, under the Node that runs the benchmark. */
export const balcony = balconyUnder([])

/** Balcony, writing a CPU profile into the folder at the end of each run. */
export function profileBalcony(folder: string): ServerKind {
  return balconyUnder(['--cpu-prof', '--cpu-prof-dir', folder], folder)
}

function balconyUnder(nodeOptions: readonly string[], neededFolder?: string): ServerKind {
  return {
    name: 'balcony',
    isRelay: false,
    async prepare() {
      if (neededFolder !== undefined) await mkdir(neededFolder, { recursive: true })
      return `Balcony ${describeCommit()} on Node ${process.version}`
    },
    async start({ accounts, passwordIterations }) {
      const folder = await mkdtemp(join(tmpdir(), 'bench-balcony-'))
      const port = await freePort()
      const needs = [join(folder, 'data.db'), port, accounts, passwordIterations].map(String)
      const server = new ServerProcess(process.execPath, [...nodeOptions, program, ...needs])
      const stop = async () => {
        await server.stop()
        await rm(folder, { recursive: true, force: true })
      }
      try {
        await server.waitForPort(port)
      } catch (error) {
        await stop()
        throw error
      }
      return { pid: server.pid, port, logIn: logInToXmpp, stop }
    },
  }
}
