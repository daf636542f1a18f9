// A wire that can be cut: passes bytes on to a port of this machine until it is told to break all connections.
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { TestContext } from 'node:test'

/** A port that leads to another one. */
export interface Wire {
  readonly port: number
  /** Breaks what is connected; new connections are passed on as before. */
  cut(): void
}

/** Lays a wire to `port`; it ends with the test. */
export async function wireTo(t: TestContext, port: number): Promise<Wire> {
  const sockets = new Set<Socket>()
  const cut = () => sockets.forEach((socket) => void socket.destroy())
  const keep = (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
  }
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1')
    keep(near)
    keep(far)
    near.pipe(far).pipe(near)
    near.on('close', () => far.destroy())
    far.on('close', () => near.destroy())
  })
  t.after(() => {
    server.close()
    cut()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { port: (server.address() as AddressInfo).port, cut }
}
