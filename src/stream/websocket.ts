// RFC 7395: a connection over WebSocket. `ws` reads and keeps the protocol; what is sent goes straight to the socket.
import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import type { Clock } from '../base/clock.ts'
import { escapeAttribute } from '../xml/serialize.ts'
import { TokenBucket } from './bucket.ts'
import type { Framing } from './framing.ts'
import type { AnswerHeader } from './header.ts'
import type { StreamLimits } from './limits.ts'
import { MessageGate } from './message-gate.ts'
import { framingNamespace } from './message-reader.ts'
import type { StreamError } from './stream-error.ts'
import type { Transport, TransportReceiver } from './transport.ts'
import { mostHeadBytes, writeTextFrame } from './websocket-frame.ts'

/** Proxies commonly end what is silent for a minute. */
const keepAliveMs = 45_000
// RFC 6455 §7.4.1.
const normalClosure = 1000
const unsupportedData = 1003
const policyViolation = 1008
const messageTooBig = 1009
/** Pings that a peer may send. */
const pings = { perSecond: 1, burst: 20 }

/** What is known of a connection that was accepted. */
export interface WebSocketOptions {
  readonly remoteAddress: string
  readonly isSecure: boolean
  /** What may come in one message before a resource is bound is `xmlBeforeLogin.elementBytes`. */
  readonly limits: StreamLimits
  readonly clock: Clock
}

/** A WebSocket as a transport. */
export class WebSocketTransport implements Transport, Framing {
  readonly remoteAddress: string
  readonly isSecure: boolean
  readonly keepAliveMs = keepAliveMs
  readonly headBytes = mostHeadBytes
  readonly #webSocket: WebSocket
  readonly #socket: Duplex
  readonly #limits: StreamLimits
  readonly #clock: Clock
  readonly #pings: TokenBucket
  #receiver: TransportReceiver | undefined
  #error: Error | undefined
  /** Keeps at most what was in the socket's last chunk. */
  readonly #incoming = new MessageGate((message) => this.#receiver?.onBytes(message))
  #isClosed = false
  /** Bytes of a message that is not whole yet, roughly; counted until a resource is bound. */
  #unreadBytes = 0

  /** Takes a connection just opened, with `ws` not to answer pings; `socket` is the one below it. */
  constructor(webSocket: WebSocket, socket: Duplex, options: WebSocketOptions) {
    this.remoteAddress = options.remoteAddress
    this.isSecure = options.isSecure
    this.#limits = options.limits
    this.#clock = options.clock
    this.#pings = new TokenBucket(pings, options.clock.now())
    this.#webSocket = webSocket
    this.#socket = socket
    webSocket.on('message', (bytes: Buffer, isBinary: boolean) => this.#take(bytes, isBinary))
    webSocket.on('ping', (payload: Buffer) => this.#answer(payload))
    webSocket.on('pong', () => this.#receiver?.onBytes(nothing))
    webSocket.on('error', (error) => {
      this.#error = error
    })
    webSocket.on('close', () => this.#closed())
    socket.on('data', this.#count)
  }

  get framing(): Framing {
    return this
  }

  get bufferedBytes(): number {
    return this.#socket.writableLength
  }

  receive(receiver: TransportReceiver): void {
    this.#receiver = receiver
  }

  write(bytes: Uint8Array | string): boolean {
    const payload = typeof bytes === 'string' ? Buffer.from(bytes) : bytes
    const frame = Buffer.allocUnsafe(payload.length + mostHeadBytes)
    return this.send(frame.subarray(0, writeTextFrame('', payload, frame, 0)))
  }

  encode(text: string, rest: Uint8Array, room: Buffer, at: number): number {
    return writeTextFrame(text, rest, room, at)
  }

  send(frames: Uint8Array): boolean {
    if (this.#webSocket.readyState !== this.#webSocket.OPEN) return true
    this.#socket.write(frames, this.#written)
    return this.#socket.writableLength === 0
  }

  /** RFC 7395 §3.4. */
  header({ id, from, to }: AnswerHeader): readonly string[] {
    let text = `<open xmlns='${framingNamespace}' id='${escapeAttribute(id)}'`
    if (from !== undefined) text += ` from='${escapeAttribute(from)}'`
    if (to !== undefined) text += ` to='${escapeAttribute(to)}'`
    return [`${text} version='1.0' xml:lang='en'/>`]
  }

  /** RFC 7395 §3.5, and §3.6.1 for who is to go elsewhere. */
  footer(error: StreamError | undefined, errorTexts: readonly string[]): readonly string[] {
    const elsewhere = error?.condition === 'see-other-host' ? error.details.address : undefined
    if (elsewhere === undefined || !/^wss?:/.test(elsewhere))
      return [...errorTexts, `<close xmlns='${framingNamespace}'/>`]
    return [`<close xmlns='${framingNamespace}' see-other-uri='${escapeAttribute(elsewhere)}'/>`]
  }

  isFooter(message: Uint8Array): boolean {
    return message.length > 6 && closeTag.equals(message.subarray(0, closeTag.length))
  }

  keepAlive(): void {
    if (this.#webSocket.readyState === this.#webSocket.OPEN) this.#webSocket.ping()
  }

  trust(): void {
    this.#socket.off('data', this.#count)
  }

  pause(): void {
    this.#incoming.pause()
    this.#webSocket.pause()
  }

  resume(): void {
    this.#incoming.resume()
    if (!this.#incoming.isPaused) this.#webSocket.resume()
  }

  end(): void {
    this.#webSocket.close(normalClosure)
  }

  destroy(): void {
    this.#webSocket.terminate()
  }

  readonly #written = (): void => {
    if (this.#socket.writableLength === 0 && !this.#socket.destroyed) this.#receiver?.onDrain()
  }

  readonly #count = (chunk: Buffer): void => {
    this.#unreadBytes += chunk.length
    if (this.#unreadBytes <= this.#limits.xmlBeforeLogin.elementBytes + chunk.length) return
    this.#webSocket.close(messageTooBig)
  }

  #take(bytes: Buffer, isBinary: boolean): void {
    this.#unreadBytes = 0
    // RFC 7395 §3.2: text only.
    if (isBinary) this.#webSocket.close(unsupportedData)
    else this.#incoming.take(bytes)
  }

  // RFC 6455 §5.5.2. Who does not read the answers is not given more of them.
  #answer(payload: Buffer): void {
    if (this.#pings.take(1, this.#clock.now()) > 0) this.#webSocket.close(policyViolation)
    else if (this.#socket.writableLength === 0) this.#webSocket.pong(payload)
    this.#receiver?.onBytes(nothing)
  }

  #closed(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#incoming.clear()
    this.#receiver?.onClose(this.#error)
  }
}

const nothing = Buffer.alloc(0)
const closeTag = Buffer.from('<close')
