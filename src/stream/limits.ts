// What a peer may cost, and what it must do to log in. Times are milliseconds; 0 switches a limit off.
import { beforeLoginLimits, defaultLimits, type XmlLimits } from '../xml/limits.ts'

/** How fast something may come: so much a second, and so much at once. */
export interface Rate {
  /** 0: as fast as it likes. */
  readonly perSecond: number
  /** What may come at once after a pause. */
  readonly burst: number
}

/** Limits of the streams of one listener. */
export interface StreamLimits {
  readonly xmlBeforeLogin: XmlLimits
  readonly xmlAfterLogin: XmlLimits
  /** From the connection to a bound resource, TLS handshake and all. */
  readonly negotiationMs: number
  /** Without a byte from a peer that has no bound resource yet. */
  readonly negotiationSilenceMs: number
  /** Without anything sent or received before a space is sent to keep the connection alive (RFC 6120 §4.6.1). */
  readonly keepAliveMs: number
  /** Without a byte, be it a space, from a peer with a bound resource. TCP finds out about vanished peers much earlier. */
  readonly silenceMs: number
  /** Without progress in sending what waits. */
  readonly stallMs: number
  /** For the peer to close its side after we have closed ours (RFC 6120 §4.4). */
  readonly closingMs: number
  /** Bytes waiting to be sent from which on nothing more is read from that peer. */
  readonly outputHighWaterBytes: number
  /** Bytes waiting to be sent with which the stream ends. */
  readonly outputLimitBytes: number
  /** Bytes from a peer; faster ones are read more slowly. */
  readonly bytes: Rate
  /** Top-level elements from a peer; faster ones are read more slowly. */
  readonly stanzas: Rate
  /** Failed log-ins on one stream (RFC 6120 §6.4.5: at least 2, at most 5 retries). */
  readonly saslAttempts: number
  /** Requests to bind a resource after one that failed (RFC 6120 §7.7.3: at least 5, at most 10). */
  readonly bindRetries: number
  /** Failed log-ins to one account from one address, on however many streams; ten times that to all accounts. */
  readonly loginFailures: Rate
  readonly connections: number
  /** From one IPv4 address, or one IPv6 network of 64 bits. */
  readonly connectionsPerAddress: number
  /** Without a bound resource. */
  readonly connectionsBeforeLogin: number
}

/** What is good for a server on the internet. */
export const defaultStreamLimits: StreamLimits = Object.freeze({
  xmlBeforeLogin: beforeLoginLimits,
  xmlAfterLogin: defaultLimits,
  negotiationMs: 120_000,
  negotiationSilenceMs: 60_000,
  keepAliveMs: 180_000,
  silenceMs: 6 * 3_600_000,
  stallMs: 120_000,
  closingMs: 5_000,
  outputHighWaterBytes: 256 * 1024,
  outputLimitBytes: 4 * 1024 * 1024,
  bytes: Object.freeze({ perSecond: 64 * 1024, burst: 512 * 1024 }),
  stanzas: Object.freeze({ perSecond: 100, burst: 400 }),
  saslAttempts: 4,
  bindRetries: 10,
  loginFailures: Object.freeze({ perSecond: 1 / 30, burst: 20 }),
  connections: 20_000,
  connectionsPerAddress: 256,
  connectionsBeforeLogin: 2_000,
})

/** What must be so for a peer to log in. */
export interface StreamPolicy {
  /** Nothing but STARTTLS is offered, and nothing else taken, before TLS (RFC 7590 §3.2). */
  readonly requiresTls: boolean
  /** SASL PLAIN without TLS, for tests and for localhost only: passwords go over the wire as they are. */
  readonly allowsPlainWithoutTls: boolean
}

/** What is good for a server on the internet. */
export const defaultStreamPolicy: StreamPolicy = Object.freeze({
  requiresTls: true,
  allowsPlainWithoutTls: false,
})
