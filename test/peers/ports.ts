// Ports of this machine: one that is free, and whether somebody listens on one.
import { connect, createServer } from 'node:net'

/** Below the ports that Linux hands out by itself, so that nobody else is given the same one meanwhile. */
const portRange = { first: 20_000, count: 12_000 }

/** A port of 127.0.0.1 that nobody listens on at the moment. */
export async function freePort(): Promise<number> {
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

/** The port again, if somebody listens there. */
export function whenListening(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port })
    const answer = (value: number | undefined) => {
      socket.destroy()
      resolve(value)
    }
    socket.once('connect', () => answer(port)).once('error', () => answer(undefined))
  })
}
