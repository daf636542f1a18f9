// RFC 4422 §3: what a SASL mechanism is, whichever profile (RFC 6120 §6, XEP-0388) carries its messages.
import type { Ids } from '../../base/ids.ts'
import type { Jid } from '../../jid/jid.ts'
import type { Element } from '../../xml/element.ts'
import type { StreamDomain, XmlStream } from '../stream.ts'
import type { BindingType } from './channel-binding.ts'

/** The conditions of RFC 6120 §6.5. */
export type SaslCondition =
  | 'aborted'
  | 'account-disabled'
  | 'credentials-expired'
  | 'encryption-required'
  | 'incorrect-encoding'
  | 'invalid-authzid'
  | 'invalid-mechanism'
  | 'malformed-request'
  | 'mechanism-too-weak'
  | 'not-authorized'
  | 'temporary-auth-failure'

/** By what somebody has shown who they are. */
export type LoginMeans = 'password' | 'token' | 'certificate' | 'guest'

/** Who has logged in, and how. */
export interface Login {
  /** The bare address. */
  readonly user: Jid
  readonly means: LoginMeans
  /** What the mechanism says to the client besides (RFC 4422 §3.6). */
  readonly data?: Uint8Array | string
}

/** What a message of the client leads to. */
export type SaslStep =
  | { readonly challenge: Uint8Array | string }
  | { readonly login: Login }
  | { readonly failure: SaslCondition }

/** What a mechanism knows of the stream when it begins. */
export interface SaslContext {
  readonly stream: XmlStream
  readonly domain: StreamDomain
  readonly ids: Ids
  /** Names of the mechanisms that the profile in use lists on this stream. */
  readonly offered: readonly string[]
  /** Types of channel binding that are listed on this stream (XEP-0440). */
  readonly bindings: readonly BindingType[]
  /** What the client began with: `<auth/>` or `<authenticate/>`. */
  readonly request: Element
  /**
   * Whether a secret of somebody, `user` if known, may be looked at in this step, right after that is asked: not if there
   * were too many failures.
   */
  mayTry(user: Jid | undefined): boolean
}

/** One attempt to log in with a mechanism. */
export interface SaslExchange {
  /** Who is logging in, as far as known. */
  readonly user: Jid | undefined
  /** Takes a message of the client. */
  next(message: Buffer): SaslStep | Promise<SaslStep>
}

/** A SASL mechanism. */
export interface Mechanism {
  readonly name: string
  /** Whether clients are told of it in another place than the list of mechanisms, as of those for tokens (XEP-0484). */
  readonly isUnlisted?: boolean
  /** Whether a client that says nothing at first means an empty message, and is not asked for one. */
  readonly takesSilence?: boolean
  /** Whether it can be used on this stream. */
  isOffered(stream: XmlStream): boolean
  begin(context: SaslContext): SaslExchange
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** A message as text; `undefined` if it is not UTF-8. */
export function textOf(message: Uint8Array): string | undefined {
  try {
    return utf8.decode(message)
  } catch {
    return undefined
  }
}
