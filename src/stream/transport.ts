// What carries the bytes of a stream: TCP with or without TLS, WebSocket, BOSH, a pair in memory.
import type { Framing } from './framing.ts'
import type { ChannelBindingType } from './sasl/channel-binding.ts'

/** Who takes the bytes that come in. */
export interface TransportReceiver {
  /**
   * Bytes as they came; they may be overwritten once this returns. From a transport with `framing` they are one message.
   * None at all: a sign of life.
   */
  onBytes(bytes: Uint8Array): void
  /** All that was written has gone out, after there had been something waiting (`bufferedBytes` is 0 again). */
  onDrain(): void
  /** The connection is gone in both directions. Called exactly once; nothing comes after it. */
  onClose(error?: Error): void
}

/** A connection to one peer. */
export interface Transport {
  /** The peer's address without port, for limits and the log. */
  readonly remoteAddress: string
  /** Whether nobody can read along or change what is sent: TLS, or never leaves the process. */
  readonly isSecure: boolean
  /** The domain that the peer asked for in the TLS handshake (SNI), if it did. */
  readonly serverName?: string | undefined
  /** What a log-in can be bound to (RFC 5056). Absent: nothing. */
  channelBinding?(type: ChannelBindingType): Uint8Array | undefined
  /** Bare addresses in the certificate that the peer has shown, where that is one to be trusted. Absent: none. */
  readonly certificateAddresses?: readonly string[]
  /** Where it carries messages and each is one element (RFC 7395 §3.3): how they are made. Absent: a stream of bytes. */
  readonly framing?: Framing
  /** Bytes written that have not gone out yet. While this is not 0, the last bytes written belong to the transport. */
  readonly bufferedBytes: number
  /** Says who takes what comes in. Called once, before anything can have come. */
  receive(receiver: TransportReceiver): void
  /** Sends bytes, with `framing` as one message. False if some of them wait; then `onDrain` follows. */
  write(bytes: Uint8Array | string): boolean
  /** The peer has bound a resource: what only logging in needs can go. */
  trust?(): void
  /** No `onBytes` until `resume`. */
  pause(): void
  resume(): void
  /** Sends what waits, then says that nothing more will come. Closes when the peer has done the same. */
  end(): void
  /** Closes at once; what waits is lost. */
  destroy(): void
  /** Whether `startTls` can be called. Absent: no. */
  readonly canStartTls?: boolean
  /**
   * Begins TLS as the server, with the certificate of `domain` unless the peer asks for another one.
   * Resolves after the handshake; when that fails the transport closes and the promise never settles.
   */
  startTls?(domain: string): Promise<void>
}
