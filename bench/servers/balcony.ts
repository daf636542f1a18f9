// Balcony itself, as a process of its own.
import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { logInToWebSocket, logInToXmpp } from '../generator/login.ts'
import { describeCommit } from '../results.ts'
import { writeAccounts } from './balcony-accounts.ts'
import { startServer } from './process.ts'
import type { ServerKind } from './server.ts'

const program = fileURLToPath(new URL('./balcony-server.ts', import.meta.url))

/** Balcony from this checkout, under the Node that runs the benchmark, with the flag that `npm start` gives it. */
export const balcony = balconyUnder(['--max-semi-space-size=4'])

/** Balcony, writing a CPU profile into the folder at the end of each run. */
export function profileBalcony(folder: string): ServerKind {
  const kind = balconyUnder(['--max-semi-space-size=4', '--cpu-prof', '--cpu-prof-dir', resolve(folder)])
  const prepare = async () => {
    await mkdir(folder, { recursive: true })
    return kind.prepare()
  }
  return { ...kind, prepare }
}

function balconyUnder(nodeOptions: readonly string[]): ServerKind {
  return {
    name: 'balcony',
    isRelay: false,
    prepare: async () => `Balcony ${describeCommit()} on Node ${process.version}`,
    start({ accounts, passwordIterations, isArchived, isWebSocket }) {
      const prepare = async (folder: string, port: number) => {
        const file = join(folder, 'data.db')
        // Here and not in the server, so that its memory at the start is that of a server that has just started.
        await writeAccounts(file, accounts, passwordIterations)
        const words = [file, String(port), isArchived ? 'archive' : '', isWebSocket ? 'websocket' : '']
        return [process.execPath, ...nodeOptions, program, ...words]
      }
      return startServer({ name: 'balcony', logIn: isWebSocket ? logInToWebSocket : logInToXmpp, prepare })
    },
  }
}
