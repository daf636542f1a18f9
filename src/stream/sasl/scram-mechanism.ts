// RFC 5802, RFC 7677: SCRAM as a mechanism, with channel binding (-PLUS) and downgrade protection (XEP-0474).
import type { Jid } from '../../jid/jid.ts'
import { digest, fakeScramKeys, type ScramHash, type ScramKeys } from '../credentials.ts'
import type { XmlStream } from '../stream.ts'
import { bindingData, bindingsOf } from './channel-binding.ts'
import { accountOf, isOneself } from './identity.ts'
import { type Mechanism, type SaslContext, type SaslExchange, type SaslStep, textOf } from './mechanism.ts'
import { type ClientFirst, parseClientFirst, ScramExchange } from './scram.ts'

/** What a mechanism of the SCRAM family is made of. */
export interface ScramParts {
  readonly hash: ScramHash
  readonly isBound: boolean
  /** Whether the accounts that may log in on a stream have keys for the hash. */
  hasKeys(stream: XmlStream): boolean
}

/** The name of a mechanism of the SCRAM family. */
export function scramName(hash: ScramHash, isBound = false): string {
  return `SCRAM-${hash.toUpperCase()}${isBound ? '-PLUS' : ''}`
}

/** A mechanism of the SCRAM family. */
export function scram(parts: ScramParts): Mechanism {
  return {
    name: scramName(parts.hash, parts.isBound),
    isOffered: (stream) =>
      stream.domain?.credentials.checkPassword === undefined &&
      stream.domain?.credentials.createsOnLogin !== true &&
      parts.hasKeys(stream) &&
      (!parts.isBound || bindingsOf(stream).length > 0),
    begin: (context) => new Scram(context, parts),
  }
}

class Scram implements SaslExchange {
  user: Jid | undefined
  readonly #context: SaslContext
  readonly #parts: ScramParts
  #exchange: ScramExchange | undefined

  constructor(context: SaslContext, parts: ScramParts) {
    this.#context = context
    this.#parts = parts
  }

  next(message: Buffer): SaslStep | Promise<SaslStep> {
    const text = textOf(message)
    if (text === undefined) return { failure: 'malformed-request' }
    return this.#exchange ? this.#finish(text, this.#exchange) : this.#begin(text)
  }

  #begin(text: string): SaslStep | Promise<SaslStep> {
    const first = parseClientFirst(text)
    if (!first || first.binding.startsWith('p=') !== this.#parts.isBound)
      return { failure: 'malformed-request' }
    const { domain } = this.#context
    const user = accountOf(first.username, domain.domain)
    if (!isOneself(first.authzid, user)) return { failure: 'invalid-authzid' }
    this.user = user
    const data = this.#bindingData(first)
    if (!data) return { failure: 'not-authorized' }
    if (!this.#context.mayTry(user)) return { failure: 'temporary-auth-failure' }
    const { hash } = this.#parts
    const keys = user && domain.credentials.scramKeys(user.local, hash)
    if (keys instanceof Promise) return keys.then((found) => this.#challenge(first, data, found))
    return this.#challenge(first, data, keys)
  }

  /** What the client must have bound to; `undefined` if it cannot be bound so, or somebody came between (§6). */
  #bindingData({ binding }: ClientFirst): Uint8Array | undefined {
    const { stream, offered } = this.#context
    if (binding.startsWith('p=')) return bindingData(stream, binding.slice(2))
    // The client would have bound, and was not told that it can.
    if (binding === 'y' && offered.some((name) => name.endsWith('-PLUS'))) return undefined
    return new Uint8Array()
  }

  #challenge(first: ClientFirst, data: Uint8Array, found: ScramKeys | undefined): SaslStep {
    const { domain, ids } = this.#context
    const keys =
      found ?? fakeScramKeys(domain.credentials, this.user?.local ?? first.username, this.#parts.hash)
    this.#exchange = new ScramExchange(first, keys, {
      nonce: ids.id(),
      bindingData: data,
      protection: this.#protection(),
    })
    return { challenge: this.#exchange.challenge }
  }

  // XEP-0474 §5.1; the names are ASCII, for which the standard order is that of their octets.
  #protection(): string {
    const { offered, bindings } = this.#context
    const mechanisms = [...offered].sort().join('\x1e')
    const types = bindings.length === 0 ? '' : `\x1f${[...bindings].sort().join('\x1e')}`
    return digest(this.#parts.hash, Buffer.from(mechanisms + types)).toString('base64')
  }

  #finish(text: string, exchange: ScramExchange): SaslStep {
    // Others may have failed since the challenge.
    if (!this.#context.mayTry(this.user)) return { failure: 'temporary-auth-failure' }
    const result = exchange.finish(text)
    if (typeof result === 'string') return { failure: result }
    return { login: { user: this.user as Jid, means: 'password', data: result.serverFinal } }
  }
}
