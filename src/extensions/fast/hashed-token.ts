// draft-ietf-kitten-sasl-ht: the mechanisms HT-SHA-256-*, a proof of having a token in one message.
import type { Jid } from '../../jid/jid.ts'
import { parseUserAgent } from '../../stream/sasl/authenticate.ts'
import { bindingData, type ChannelBindingType } from '../../stream/sasl/channel-binding.ts'
import { accountOf } from '../../stream/sasl/identity.ts'
import {
  type Mechanism,
  type SaslContext,
  type SaslExchange,
  type SaslStep,
  textOf,
} from '../../stream/sasl/mechanism.ts'
import type { XmlStream } from '../../stream/stream.ts'
import { countOf, isInvalidation } from './fast-elements.ts'
import type { Tokens } from './tokens.ts'

const hashBytes = 32

/** The type of channel binding by the end of the mechanism's name (§2). */
const bindingByEnd: Readonly<Record<string, ChannelBindingType | undefined>> = {
  EXPR: 'tls-exporter',
  ENDP: 'tls-server-end-point',
  NONE: undefined,
}

/** What a message of the mechanism says. */
export interface HashedToken {
  readonly username: string
  readonly hash: Uint8Array
}

/** The mechanisms, those with the strongest channel binding first. They are for those alone who bring a token. */
export function hashedTokenMechanisms(tokens: Tokens): Mechanism[] {
  return Object.entries(bindingByEnd).map(([end, binding]) => {
    const name = `HT-SHA-256-${end}`
    const dataOf = (stream: XmlStream): Uint8Array | undefined =>
      binding === undefined ? new Uint8Array() : bindingData(stream, binding)
    return {
      name,
      isUnlisted: true,
      isOffered: (stream) => stream.isSecure && dataOf(stream) !== undefined,
      begin: (context) =>
        new HashedTokenExchange(name, dataOf(context.stream) ?? new Uint8Array(), context, tokens),
    }
  })
}

/** Reads the client's message: its user name, NUL, and an HMAC (§3.1); `undefined` if it is none. */
export function parseHashedToken(message: Uint8Array): HashedToken | undefined {
  const end = message.indexOf(0)
  if (end < 1 || message.length - end - 1 !== hashBytes) return undefined
  const username = textOf(message.subarray(0, end))
  return username === undefined ? undefined : { username, hash: message.subarray(end + 1) }
}

class HashedTokenExchange implements SaslExchange {
  user: Jid | undefined
  readonly #name: string
  readonly #bindingData: Uint8Array
  readonly #context: SaslContext
  readonly #tokens: Tokens

  constructor(name: string, data: Uint8Array, context: SaslContext, tokens: Tokens) {
    this.#name = name
    this.#bindingData = data
    this.#context = context
    this.#tokens = tokens
  }

  async next(message: Buffer): Promise<SaslStep> {
    const { domain, request } = this.#context
    const said = parseHashedToken(message)
    const count = countOf(request)
    const agentId = parseUserAgent(request)?.id
    if (!said || agentId === undefined || Number.isNaN(count)) return { failure: 'malformed-request' }
    const user = accountOf(said.username, domain.domain)
    this.user = user
    if (!user) return { failure: 'not-authorized' }
    const result = await this.#tokens.check({
      user,
      agentId,
      mechanism: this.#name,
      hash: said.hash,
      message: (role) => Buffer.concat([Buffer.from(role), this.#bindingData]),
      count,
      isLast: isInvalidation(request),
    })
    if (typeof result === 'string') return { failure: result }
    return { login: { user, means: 'token', data: result.answer } }
  }
}
