// A port of the HTTP server: connections are counted, wrapped in TLS where that is due, and handed over.
import { createServer, type Server, type Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { openPort, type PortAddress } from '../base/open-port.ts'
import { acceptingTls } from '../stream/accepting-tls.ts'
import type { ConnectionCaps } from '../stream/caps.ts'
import type { SecureContexts } from '../stream/tcp.ts'
import type { HttpServer } from './http.ts'

/** HTTP as it is, or after TLS. */
export type HttpKind = 'http' | 'https'

/** Where and how to listen. */
export interface HttpPortOptions extends PortAddress {
  readonly kind: HttpKind
}

/** For answers that are under way when a port is closed. */
const graceMs = 1_000
const sweepMs = 20

/** One port. */
export class HttpPort {
  readonly kind: HttpKind
  readonly #http: HttpServer
  readonly #contexts: SecureContexts
  readonly #caps: ConnectionCaps
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  address = ''
  port = 0

  /** `caps` counts the connections of all ports. */
  constructor(kind: HttpKind, http: HttpServer, contexts: SecureContexts, caps: ConnectionCaps) {
    this.kind = kind
    this.#http = http
    this.#contexts = contexts
    this.#caps = caps
    this.#server = createServer({ noDelay: true }, (socket) => this.#accept(socket))
  }

  /** Connections that are open. */
  get connections(): number {
    return this.#sockets.size
  }

  /** @throws Error if the port cannot be had */
  async open(options: HttpPortOptions): Promise<void> {
    const { log } = this.#http
    const failed = (error: unknown) => log.error('listener-failed', { port: this.port, error })
    const { address, port } = await openPort(this.#server, options, failed)
    this.address = address
    this.port = port
    log.info('listening', { kind: this.kind, address, port })
  }

  /** Accepts nobody any more; resolves when all connections are gone, which are cut if their answers take too long. */
  async close(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#server.close(() => resolve())
    const sweep = setInterval(() => this.#http.server.closeIdleConnections(), sweepMs)
    const grace = setTimeout(() => {
      for (const socket of this.#sockets) socket.destroy()
    }, graceMs)
    this.#http.server.closeIdleConnections()
    await promise
    clearInterval(sweep)
    clearTimeout(grace)
  }

  #accept(socket: Socket): void {
    const address = socket.remoteAddress
    // The peer is gone already.
    if (address === undefined) return void socket.destroy()
    const counted = this.#http.proxies.trusts(address) ? undefined : address
    const cap = this.#caps.admit(counted)
    if (cap) {
      this.#http.log.warn('connection-refused', { address, cap, kind: this.kind })
      return void socket.destroy()
    }
    this.#sockets.add(socket)
    socket.on('error', () => {})
    socket.once('close', () => {
      this.#sockets.delete(socket)
      this.#caps.release(counted, false)
    })
    this.#http.server.emit('connection', this.kind === 'https' ? this.#secured(socket) : socket)
  }

  /** Puts TLS above the connection, which ends if the handshake takes too long. */
  #secured(socket: Socket): TLSSocket {
    const secured = new TLSSocket(socket, {
      ...acceptingTls(this.#contexts, ''),
      ALPNProtocols: ['http/1.1'],
    })
    secured.disableRenegotiation()
    const late = setTimeout(() => socket.destroy(), this.#http.limits.headersMs)
    secured.once('secure', () => clearTimeout(late))
    secured.once('close', () => clearTimeout(late))
    secured.on('_tlsError', () => socket.destroy())
    secured.on('error', () => socket.destroy())
    return secured
  }
}
