// Balcony itself, as a process of its own.
import { mkdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { logInToWebSocket, logInToXmpp } from '../generator/login.ts'
import { describeCommit } from '../results.ts'
import { writeAccounts } from './balcony-accounts.ts'
import { writeCertificate } from './certificate.ts'
import { startServer } from './process.ts'
import type { ServerKind } from './server.ts'

const program = fileURLToPath(new URL('./balcony-server.ts', import.meta.url))

const compiled = join(tmpdir(), 'balcony-bench-compiled')
const heapChecks = 500
const heapCheckMs = 20

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
    async start({ accounts, passwordIterations, isArchived, isWebSocket, isTls }) {
      let heapFile = ''
      const prepare = async (folder: string, port: number) => {
        const file = join(folder, 'data.db')
        // Here and not in the server, so that its memory at the start is that of a server that has just started.
        await writeAccounts(file, accounts, passwordIterations)
        if (isTls) await writeCertificate(folder)
        heapFile = join(folder, 'heap')
        const kind = isWebSocket ? 'http' : isTls ? 'direct-tls' : 'starttls'
        const words = [file, String(port), kind, isArchived ? 'archive' : '']
        // As the `balcony` command does: from the second start on, nothing is compiled again.
        return ['env', `NODE_COMPILE_CACHE=${compiled}`, process.execPath, ...nodeOptions, program, ...words]
      }
      const logIn = isWebSocket ? logInToWebSocket : logInToXmpp
      const server = await startServer({ name: 'balcony', logIn, isTls, prepare })
      return { ...server, heapMib: () => readHeap(server.pid, heapFile) }
    },
  }
}

/** The program writes the size of its heap into a file when it is told to, which takes it a moment. */
async function readHeap(pid: number, file: string): Promise<number> {
  await rm(file, { force: true })
  process.kill(pid, 'SIGUSR2')
  for (let check = 0; check < heapChecks; check += 1) {
    await sleep(heapCheckMs)
    const bytes = await readFile(file, 'utf8').catch(() => '')
    if (bytes !== '') return Number(bytes) / 1024 / 1024
  }
  throw new Error('the server does not tell the size of its heap')
}
