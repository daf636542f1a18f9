// The yardstick: what Node's own sockets can do when nothing is checked.
import { fileURLToPath } from 'node:url'
import { logInToRelay } from '../generator/login.ts'
import { startServer } from './process.ts'
import type { ServerKind } from './server.ts'

const program = fileURLToPath(new URL('../relay.ts', import.meta.url))

/** `bench/relay.ts` under the Node that runs the benchmark. */
export const relay: ServerKind = {
  name: 'relay',
  isRelay: true,
  prepare: async () => `relay on Node ${process.version}`,
  start() {
    const prepare = async (_folder: string, port: number) => [process.execPath, program, String(port)]
    return startServer({ name: 'relay', logIn: logInToRelay, prepare })
  },
}
