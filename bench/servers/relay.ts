// The yardstick: what Node's own sockets can do when nothing is checked.
import { fileURLToPath } from 'node:url'
import { logInToRelay } from '../generator/login.ts'
import { freePort, ServerProcess } from './process.ts'
import type { ServerKind } from './server.ts'

const program = fileURLToPath(new URL('../relay.ts', import.meta.url))

/** `bench/relay.ts` under the Node that runs the benchmark. */
export const relay: ServerKind = {
  name: 'relay',
  isRelay: true,
  prepare: async () => `Node ${process.version}`,
  async start() {
    const port = await freePort()
    const server = new ServerProcess(process.execPath, [program, String(port)])
    await server.waitForPort(port)
    return { pid: server.pid, port, logIn: logInToRelay, stop: () => server.stop() }
  },
}
