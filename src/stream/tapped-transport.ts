// Shows all that goes over a connection, decrypted. For development: passwords are in it.
import type { Framing } from './framing.ts'
import type { ChannelBindingType } from './sasl/channel-binding.ts'
import type { Transport, TransportReceiver } from './transport.ts'

/** Gets text as it comes in and goes out; `connection` tells connections apart. */
export type Tap = (connection: string, direction: 'in' | 'out', text: string) => void

/** A transport that tells a tap what goes through it. */
export class TappedTransport implements Transport, TransportReceiver {
  readonly framing?: Framing
  readonly #inner: Transport
  readonly #tap: Tap
  readonly #connection: string
  // Characters may be cut in two between two chunks.
  readonly #decoder = new TextDecoder()
  #receiver: TransportReceiver | undefined

  constructor(inner: Transport, tap: Tap, connection: string) {
    this.#inner = inner
    this.#tap = tap
    this.#connection = connection
    if (inner.framing) this.framing = this.#tapped(inner.framing)
    inner.receive(this)
  }

  get remoteAddress(): string {
    return this.#inner.remoteAddress
  }

  get isSecure(): boolean {
    return this.#inner.isSecure
  }

  get serverName(): string | undefined {
    return this.#inner.serverName
  }

  get certificateAddresses(): readonly string[] {
    return this.#inner.certificateAddresses ?? []
  }

  channelBinding(type: ChannelBindingType): Uint8Array | undefined {
    return this.#inner.channelBinding?.(type)
  }

  get bufferedBytes(): number {
    return this.#inner.bufferedBytes
  }

  get canStartTls(): boolean {
    return this.#inner.canStartTls === true
  }

  receive(receiver: TransportReceiver): void {
    this.#receiver = receiver
  }

  onBytes(bytes: Uint8Array): void {
    this.#tap(this.#connection, 'in', this.#decoder.decode(bytes, { stream: true }))
    this.#receiver?.onBytes(bytes)
  }

  onDrain(): void {
    this.#receiver?.onDrain()
  }

  onClose(error?: Error): void {
    this.#receiver?.onClose(error)
  }

  write(bytes: Uint8Array | string): boolean {
    this.#tap(this.#connection, 'out', typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString())
    return this.#inner.write(bytes)
  }

  trust(): void {
    this.#inner.trust?.()
  }

  pause(): void {
    this.#inner.pause()
  }

  resume(): void {
    this.#inner.resume()
  }

  end(): void {
    this.#inner.end()
  }

  destroy(): void {
    this.#inner.destroy()
  }

  startTls(domain: string): Promise<void> {
    return this.#inner.startTls?.(domain) ?? Promise.reject(new Error('this transport has no TLS'))
  }

  #tapped(framing: Framing): Framing {
    const told = (text: string) => this.#tap(this.#connection, 'out', text)
    return {
      ...(framing.keepAliveMs !== undefined && { keepAliveMs: framing.keepAliveMs }),
      ...(framing.isFooter && { isFooter: framing.isFooter }),
      header: (answer) => framing.header(answer),
      footer: (error, errorTexts) => framing.footer(error, errorTexts),
      headBytes: framing.headBytes,
      encode(text, rest, room, at) {
        told(text + Buffer.from(rest).toString())
        return framing.encode(text, rest, room, at)
      },
      send: (messages) => framing.send(messages),
      keepAlive: () => framing.keepAlive(),
      trust: () => framing.trust(),
    }
  }
}
