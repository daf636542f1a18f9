// A connection over TCP, with TLS from the start, later, or never.
import type { Socket } from 'node:net'
import { type SecureContext, TLSSocket, type TLSSocketOptions } from 'node:tls'
import { acceptingTls } from './accepting-tls.ts'
import { certificateAddresses } from './client-certificate.ts'
import type { ChannelBindingType } from './sasl/channel-binding.ts'
import { TlsBindings } from './tls-bindings.ts'
import type { Transport, TransportReceiver } from './transport.ts'

// TLS keeps a buffer of 1 KiB for either direction, and one of 16 KiB beside it once more has gone through at a time. What TLS adds
// to a piece fits in too.
const pieceBytes = 900

/** The ALPN protocol of direct TLS for clients (XEP-0368 §5). */
export const clientProtocol = 'xmpp-client'

/** Who has the certificates. */
export interface SecureContexts {
  /** Whether clients may show a certificate of their own (XEP-0178). */
  readonly asksForCertificates?: boolean
  /** The context for a domain as it stands in SNI or in a stream header, or else the one for all others. */
  contextOf(domain: string): SecureContext | undefined
}

/** How a connection that was accepted is treated. */
export interface TcpOptions {
  readonly contexts: SecureContexts
  /** Idle time after which TCP asks whether the peer is still there; 0 for never. */
  readonly keepAliveMs: number
  /** Direct TLS (XEP-0368): the handshake comes first. */
  readonly isDirectTls?: boolean
}

/** A socket as a transport. */
export class TcpTransport implements Transport {
  readonly remoteAddress: string
  readonly #contexts: SecureContexts
  #socket: Socket
  #receiver: TransportReceiver | undefined
  #isSecure = false
  /** While TLS is to begin and nothing of it has come: nothing that is written now could be read. */
  #awaitsTls = false
  #bindings: TlsBindings | undefined

  /** Takes a socket just accepted. */
  constructor(socket: Socket, options: TcpOptions) {
    // IPv4 on a port that also takes IPv6 is shown as what it is.
    this.remoteAddress = (socket.remoteAddress ?? '').replace(/^::ffff:(?=\d+\.)/i, '')
    this.#contexts = options.contexts
    this.#socket = socket
    socket.setNoDelay(true)
    if (options.keepAliveMs > 0) socket.setKeepAlive(true, options.keepAliveMs)
    socket.on('error', ignore)
    socket.on('close', this.#closed)
    if (options.isDirectTls) this.#beginWithTls()
    else socket.on('data', this.#came)
  }

  /** A client that names protocols must name XMPP's. */
  #beginWithTls(): void {
    this.#isSecure = true
    this.#whenTlsComes(() => this.#secure({ ...this.#tlsOptions(''), ALPNCallback: chooseProtocol }))
  }

  get isSecure(): boolean {
    return this.#isSecure
  }

  get serverName(): string | undefined {
    const name = this.#socket instanceof TLSSocket ? this.#socket.servername : undefined
    return typeof name === 'string' && name !== '' ? name : undefined
  }

  get certificateAddresses(): readonly string[] {
    return this.#socket instanceof TLSSocket ? certificateAddresses(this.#socket) : []
  }

  channelBinding(type: ChannelBindingType): Uint8Array | undefined {
    if (!(this.#socket instanceof TLSSocket) || !this.#isSecure) return undefined
    this.#bindings ??= new TlsBindings(this.#socket)
    return this.#bindings.of(type)
  }

  get bufferedBytes(): number {
    return this.#socket.writableLength
  }

  /** Whether there is a certificate and no TLS yet. */
  get canStartTls(): boolean {
    const isClear = !this.#awaitsTls && !(this.#socket instanceof TLSSocket)
    return isClear && this.#contexts.contextOf('') !== undefined
  }

  receive(receiver: TransportReceiver): void {
    this.#receiver = receiver
  }

  write(bytes: Uint8Array | string): boolean {
    if (this.#awaitsTls) return true
    this.#socket.write(this.#isSecure ? this.#cutInTwo(bytes) : bytes, this.#written)
    return this.#socket.writableLength === 0
  }

  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  end(): void {
    this.#socket.end()
  }

  destroy(): void {
    this.#socket.destroy()
  }

  startTls(domain: string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#socket.off('data', this.#came)
    this.#whenTlsComes(() => {
      this.#secure(this.#tlsOptions(domain)).once('secure', () => {
        this.#isSecure = true
        resolve()
      })
    })
    return promise
  }

  trust(): void {
    this.#bindings = undefined
  }

  readonly #came = (bytes: Uint8Array): void => this.#receiver?.onBytes(bytes)

  readonly #closed = (): void => this.#receiver?.onClose(this.#socket.errored ?? undefined)

  readonly #written = (): void => {
    if (this.#socket.writableLength === 0 && !this.#socket.destroyed) this.#receiver?.onDrain()
  }

  /** Writes the first piece of what makes two, and answers the rest. More than two Node would put together again. */
  #cutInTwo(bytes: Uint8Array | string): Uint8Array | string {
    if (typeof bytes === 'string' || bytes.length <= pieceBytes || bytes.length > 2 * pieceBytes) return bytes
    this.#socket.write(bytes.subarray(0, pieceBytes))
    return bytes.subarray(pieceBytes)
  }

  /** A client without a certificate, or with one that nobody trusts, logs in by other means. */
  #tlsOptions(domain: string): TLSSocketOptions {
    const requestCert = this.#contexts.asksForCertificates === true
    return { ...acceptingTls(this.#contexts, domain), requestCert, rejectUnauthorized: false }
  }

  /**
   * Begins TLS when the first bytes of it are there, and with them. Who never speaks costs no TLS; and TLS that has to
   * read them by itself takes a buffer of 64 KiB for that, which it keeps.
   */
  #whenTlsComes(begin: () => void): void {
    const socket = this.#socket
    this.#awaitsTls = true
    socket.once('readable', () => {
      this.#awaitsTls = false
      if (socket.readableLength > 0) {
        cutInPieces(socket)
        begin()
      }
      // It is the end that has come.
      else socket.resume()
    })
  }

  /** Puts TLS above the socket; what comes below it is no longer ours to see. */
  #secure(options: TLSSocketOptions): TLSSocket {
    this.#socket.off('close', this.#closed)
    const secured = new TLSSocket(this.#socket, options)
    secured.disableRenegotiation()
    this.#socket = secured
    secured.on('data', this.#came)
    secured.on('error', ignore)
    // Of what is amiss with TLS the socket of a server would end by itself: a failed handshake, a renegotiation.
    secured.on('_tlsError', destroyWith)
    secured.on('close', this.#closed)
    return secured
  }
}

/** Lets what has come be read in pieces. */
function cutInPieces(socket: Socket): void {
  const bytes: Buffer = socket.read()
  const last = bytes.length - (bytes.length % pieceBytes)
  for (let start = last; start >= 0; start -= pieceBytes)
    socket.unshift(bytes.subarray(start, start + pieceBytes))
}

// What was amiss is told by `errored` when the socket has closed.
function ignore(): void {}

function destroyWith(this: Socket, error: Error): void {
  this.destroy(error)
}

// Answering nothing refuses the handshake with `no_application_protocol` (RFC 7301 §3.2).
function chooseProtocol({ protocols }: { protocols: string[] }): string | undefined {
  return protocols.includes(clientProtocol) ? clientProtocol : undefined
}
