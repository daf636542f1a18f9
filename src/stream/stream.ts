// RFC 6120 §4: XML streams, as those see them who are behind them: domains, users, features.
import type { Jid } from '../jid/jid.ts'
import type { Element } from '../xml/element.ts'
import type { Credentials } from './credentials.ts'
import type { StreamLimits } from './limits.ts'
import type { ChannelBindingType } from './sasl/channel-binding.ts'
import type { LoginStep } from './sasl/login-step.ts'
import type { Mechanism } from './sasl/mechanism.ts'
import type { StreamError } from './stream-error.ts'

/** What a stream needs to know of the domain that it was opened to. */
export interface StreamDomain {
  readonly domain: Jid
  /** Features that extensions bring; advertised after the core's (XEP-0170). */
  readonly streamFeatures: readonly StreamFeature[]
  readonly credentials: Credentials
  /** SASL mechanisms that extensions bring, beside the core's. */
  readonly mechanisms: readonly Mechanism[]
  /** What clients may ask for together with logging in (XEP-0388 §2.1), in the order in which it is done. */
  readonly loginSteps: readonly LoginStep[]
  /**
   * Binds a resource (RFC 6120 §7): `user` is bare and has authenticated; `resource` is prepared, or
   * `undefined` where the client leaves it to the server.
   * @throws StanzaError to refuse: `conflict`, `not-allowed`, `resource-constraint`…
   */
  open(stream: XmlStream, user: Jid, resource: string | undefined): StreamUser | Promise<StreamUser>
}

/** Who is behind a stream with a bound resource. */
export interface StreamUser {
  readonly jid: Jid
  /**
   * Takes a stanza. While a promise is pending, nothing more is read.
   * @throws StreamError to end the stream; anything else is logged and the stream goes on
   */
  receive(element: Element): void | Promise<void>
  /** One of the streams it was given has ended. Called exactly once for each. */
  ended(end: StreamEnd, stream: XmlStream, error?: StreamError): void
}

/**
 * How a stream has ended: `closed` by either side on purpose, or `lost` with its connection, so that the
 * client may come back for what it has missed (XEP-0198 §5).
 */
export type StreamEnd = 'closed' | 'lost'

/** What may be true of a stream, in the order in which it becomes so. */
export type StreamFact = 'tls' | 'authenticated' | 'bound'

/** Something that can be negotiated (RFC 6120 §4.3.2), or an element that is taken on the level of the stream. */
export interface StreamFeature {
  readonly name: string
  /** What must be true for it to be advertised and taken. */
  readonly needs?: readonly StreamFact[]
  /** What must not be true for it to be advertised and taken. */
  readonly forbids?: readonly StreamFact[]
  /** Finds out what `advertise` needs to know, before it is asked. While a promise is pending, nothing more is read. */
  prepare?(stream: XmlStream): void | Promise<void>
  /** The element inside `<stream:features/>`, or `undefined` to leave it out. */
  advertise(stream: XmlStream): Element | undefined
  /** Whether `receive` is for that element. Called for every element but stanzas of bound streams that are no iq of type set. */
  accepts(element: Element, stream: XmlStream): boolean
  /**
   * Takes an element. While a promise is pending, nothing more is read.
   * @throws StreamError to end the stream; StanzaError to refuse an iq
   */
  receive(element: Element, stream: XmlStream): void | Promise<void>
}

/** Where a stream is (RFC 6120 §4.3.5, §4.4). */
export type StreamState =
  /** No header has come, or none since the last restart. */
  | 'opening'
  /** Features have been sent. */
  | 'negotiating'
  /** A resource is bound. */
  | 'bound'
  /** We have sent `</stream:stream>`. */
  | 'closing'
  /** The connection is gone. */
  | 'closed'

/** One stream over one connection. */
export interface XmlStream {
  readonly state: StreamState
  /** The peer's address without port. */
  readonly remoteAddress: string
  readonly isSecure: boolean
  /** Whether TLS can begin. */
  readonly canStartTls: boolean
  /** What the peer may cost; those for XML differ before and after a resource is bound. */
  readonly limits: StreamLimits
  /** Unguessable, new after each restart (RFC 6120 §4.7.3). */
  readonly id: string
  /** `xml:lang` of the peer's header. */
  readonly lang: string | undefined
  /** Who the peer's header says it is; not to be trusted. */
  readonly from: Jid | undefined
  /** Bare addresses in the certificate that the peer has shown, where that is one to be trusted (XEP-0178). */
  readonly certificateAddresses: readonly string[]
  /** The domain it was opened to; set once the first header has been accepted. */
  readonly domain: StreamDomain | undefined
  /** Who has authenticated, bare. */
  readonly user: Jid | undefined
  /** Who takes what comes in, once a resource is bound. */
  readonly peer: StreamUser | undefined
  /** Whether the peer reads more slowly than we send; nothing more is read from it meanwhile. */
  readonly isCongested: boolean
  /** Whether that is true of the stream now. */
  has(fact: StreamFact): boolean
  /** Sends a stanza: its start as text, and the bytes behind it. Goes out at the end of the turn. */
  send(head: string, rest?: Uint8Array): void
  /** Sends an element, as a child of the stream. */
  sendElement(element: Element): void
  /** What a log-in can be bound to (RFC 5056); `undefined` where the connection has nothing of that type. */
  channelBinding(type: ChannelBindingType): Uint8Array | undefined
  /** Ends the stream, with an error where there is one (RFC 6120 §4.4, §4.9.1.1). Again, or on a closed stream: nothing. */
  close(error?: StreamError): void
  /** RFC 6120 §5.4.3.3: begins TLS. What came in clear before that is thrown away; a new header comes next. */
  startTls(): void
  /** An attempt to log in begins: from now on it matters what becomes of its account. */
  beginLogin(): void
  /** Whether `user` is still who they were when the log-in began: the account is neither gone nor has it another password. */
  loginHolds(user: Jid): boolean
  /** RFC 6120 §6.4.6: `user`, bare, has authenticated; a new header comes next. */
  authenticate(user: Jid): void
  /**
   * XEP-0388 §2.6.1: `user`, bare, has authenticated, and the stream goes on. What is sent from now on waits until
   * `welcome`, so that nothing comes between logging in and being told so.
   */
  identify(user: Jid): void
  /** Sends `first`, then the features of the stream as it is now, then what has been waiting. */
  welcome(first: Element): void
  /** Writes to the log that somebody, `user` if known, could not log in; `error` is what went wrong on our side. */
  noteLoginFailure(condition: string, user: Jid | undefined, error?: unknown): void
  /**
   * Binds a resource to the authenticated user (RFC 6120 §7); answers the full address.
   * @throws StanzaError if the domain refuses
   */
  bind(resource: string | undefined): Jid | Promise<Jid>
  /**
   * Gives an authenticated stream to a peer that had another one before (XEP-0198 §5), instead of binding.
   * False if the stream is not waiting for that.
   */
  adopt(peer: StreamUser): boolean
}
