// Opening a port.
import { once } from 'node:events'
import type { Server } from 'node:net'

/** Where a port is. */
export interface PortAddress {
  /** The address of an interface, or a name that leads to one. */
  readonly host: string
  /** 0 for any that is free. */
  readonly port: number
}

/**
 * Opens a port, and says which it is. Once it is open, `failed` is told of errors.
 * @throws Error if the port cannot be had
 */
export async function openPort(
  server: Server,
  { host, port }: PortAddress,
  failed: (error: unknown) => void,
): Promise<{ address: string; port: number }> {
  server.listen({ host, port })
  await once(server, 'listening')
  server.on('error', failed)
  const bound = server.address()
  return typeof bound === 'object' && bound ? bound : { address: host, port }
}
