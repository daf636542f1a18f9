// A place of the server itself on the web, as opposed to what extensions mount.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Visitor } from './visitor.ts'

/** Something of the server itself at one path, for all domains. */
export interface Endpoint {
  readonly path: string
  handle(request: IncomingMessage, response: ServerResponse, visitor: Visitor): void
  /** Takes over a connection (RFC 9110 §7.8). Absent: no. */
  upgrade?(request: IncomingMessage, socket: Duplex, head: Buffer, visitor: Visitor): void
}
