// Where clients connect: ports with STARTTLS or direct TLS, each with its streams.
import { createServer, type Server, type Socket } from 'node:net'
import { openPort, type PortAddress } from '../base/open-port.ts'
import type { HttpKind } from '../http/port.ts'
import { AcceptedStream, type StreamSettings } from '../stream/accepted-stream.ts'
import type { CapReached, ConnectionCaps } from '../stream/caps.ts'
import { OpenStreams } from '../stream/open-streams.ts'
import { StreamError } from '../stream/stream-error.ts'
import { type Tap, TappedTransport } from '../stream/tapped-transport.ts'
import { type SecureContexts, TcpTransport } from '../stream/tcp.ts'
import type { Transport } from '../stream/transport.ts'

/** How a port is spoken to: XMPP that can begin TLS (RFC 6120 §5), TLS first (XEP-0368), or the web in clear or after TLS. */
export type ListenerKind = StreamListenerKind | HttpKind
/** Those that are spoken to in XMPP itself. */
export type StreamListenerKind = 'starttls' | 'direct-tls'

/** Where and how to listen. */
export interface ListenOptions<Kind = ListenerKind> extends PortAddress {
  readonly kind: Kind
}

/** What all listeners of a server share. */
export interface ListenerParts {
  readonly settings: StreamSettings
  readonly contexts: SecureContexts
  readonly caps: ConnectionCaps
  /** Is shown all traffic, decrypted; for development. */
  readonly tap?: Tap | undefined
}

/** A port that clients can connect to. */
export interface Listener {
  readonly kind: ListenerKind
  readonly address: string
  readonly port: number
  /** Connections that are open. */
  readonly connections: number
  /**
   * Accepts nobody any more and ends all streams with `error`, by default `system-shutdown`.
   * Resolves when their connections are gone; the limit `closingMs` bounds that.
   */
  close(error?: StreamError): Promise<void>
}

/**
 * Opens a port.
 * @throws Error if it cannot be had, or for direct TLS without a certificate
 */
export async function listen(
  options: ListenOptions<StreamListenerKind>,
  parts: ListenerParts,
): Promise<Listener> {
  if (options.kind === 'direct-tls' && !parts.contexts.contextOf(''))
    throw new Error('direct TLS needs a certificate')
  const listener = new TcpListener(options.kind, parts)
  await listener.open(options)
  return listener
}

class TcpListener implements Listener {
  readonly kind: StreamListenerKind
  readonly #parts: ListenerParts
  readonly #streams: OpenStreams
  readonly #server: Server
  #accepted = 0
  address = ''
  port = 0

  constructor(kind: StreamListenerKind, parts: ListenerParts) {
    this.kind = kind
    this.#parts = parts
    this.#streams = new OpenStreams(parts.settings.clock, parts.caps)
    this.#server = createServer((socket) => this.#accept(socket))
  }

  get connections(): number {
    return this.#streams.size
  }

  async open(options: ListenOptions<StreamListenerKind>): Promise<void> {
    const { log } = this.#parts.settings
    const failed = (error: unknown) => log.error('listener-failed', { port: this.port, error })
    const { address, port } = await openPort(this.#server, options, failed)
    this.address = address
    this.port = port
    log.info('listening', { kind: this.kind, address, port })
  }

  async close(error = new StreamError('system-shutdown')): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#server.close(() => resolve())
    await this.#streams.closeAll(error)
    await promise
  }

  #accept(socket: Socket): void {
    const { settings, contexts, caps } = this.#parts
    const address = socket.remoteAddress
    if (address === undefined) {
      // The peer is gone already.
      socket.destroy()
      return
    }
    const cap = caps.admit(address)
    if (cap) {
      this.#refuse(socket, address, cap)
      return
    }
    const isDirectTls = this.kind === 'direct-tls'
    const transport = new TcpTransport(socket, {
      contexts,
      keepAliveMs: settings.limits.keepAliveMs,
      isDirectTls,
    })
    new AcceptedStream(this.#tapped(transport), settings, this.#streams)
  }

  #tapped(transport: Transport): Transport {
    const { tap } = this.#parts
    if (!tap) return transport
    this.#accepted += 1
    return new TappedTransport(transport, tap, `${this.port}/${this.#accepted}`)
  }

  /** As cheaply as possible: refusing must not cost more than accepting. */
  #refuse(socket: Socket, address: string, cap: CapReached): void {
    this.#parts.settings.log.warn('connection-refused', { address, cap })
    socket.on('error', () => {})
    if (this.kind === 'starttls') socket.write(refusal)
    socket.destroySoon()
  }
}

// RFC 6120 §4.9.3.17, with the header that has to come before it.
const refusal =
  "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>" +
  "<stream:error><resource-constraint xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>"
