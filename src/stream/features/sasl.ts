// RFC 6120 §6: SASL, with PLAIN (RFC 4616), SCRAM-SHA-1 (RFC 5802) and SCRAM-SHA-256 (RFC 7677).
import { timingSafeEqual } from 'node:crypto'
import type { Clock } from '../../base/clock.ts'
import type { Ids } from '../../base/ids.ts'
import { Jid, parseJid } from '../../jid/jid.ts'
import { type Element, element } from '../../xml/element.ts'
import { type Credentials, deriveScramKeys, fakeScramKeys, type ScramHash } from '../credentials.ts'
import type { StreamLimits, StreamPolicy } from '../limits.ts'
import type { StreamDomain, StreamFeature, XmlStream } from '../stream.ts'
import { StreamError } from '../stream-error.ts'
import { LoginThrottle } from '../sasl/login-throttle.ts'
import { parseClientFirst, ScramExchange } from '../sasl/scram.ts'

const saslNamespace = 'urn:ietf:params:xml:ns:xmpp-sasl'

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

/** What the sasl feature is made of. */
export interface SaslParts {
  readonly policy: StreamPolicy
  readonly limits: Pick<StreamLimits, 'loginFailures' | 'saslAttempts'>
  readonly ids: Ids
  readonly clock: Clock
}

type Mechanism = 'PLAIN' | 'SCRAM-SHA-1' | 'SCRAM-SHA-256'

/** How far a stream has come in logging in. */
interface Attempt {
  failures: number
  /** The mechanism under way, waiting for a response. */
  mechanism: Mechanism | undefined
  /** SCRAM after the client's first message. */
  exchange: ScramExchange | undefined
  /** Who is logging in, as far as known. */
  user: Jid | undefined
}

const hashes = { 'SCRAM-SHA-1': 'sha-1', 'SCRAM-SHA-256': 'sha-256' } as const
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The feature `mechanisms`. */
export function sasl(parts: SaslParts): StreamFeature {
  const server = new SaslServer(parts)
  return {
    name: 'sasl',
    // RFC 6120 §6.4.1: who has authenticated does not do so again.
    forbids: ['authenticated'],
    advertise: (stream) => server.advertise(stream),
    accepts: (element) => element.namespace === saslNamespace,
    receive: (element, stream) => server.receive(element, stream),
  }
}

class SaslServer {
  readonly #parts: SaslParts
  readonly #throttle: LoginThrottle
  readonly #attempts = new WeakMap<XmlStream, Attempt>()

  constructor(parts: SaslParts) {
    this.#parts = parts
    this.#throttle = new LoginThrottle(parts.limits)
  }

  advertise(stream: XmlStream): Element | undefined {
    const mechanisms = this.#mechanisms(stream)
    if (mechanisms.length === 0) return undefined
    return element(
      'mechanisms',
      saslNamespace,
      {},
      ...mechanisms.map((mechanism) => element('mechanism', saslNamespace, {}, mechanism)),
    )
  }

  receive(message: Element, stream: XmlStream): void | Promise<void> {
    let attempt = this.#attempts.get(stream)
    if (!attempt) {
      attempt = { failures: 0, mechanism: undefined, exchange: undefined, user: undefined }
      this.#attempts.set(stream, attempt)
    }
    const begun = attempt
    try {
      return this.#take(message, stream, begun)?.catch((error: unknown) =>
        this.#failByBug(stream, begun, error),
      )
    } catch (error) {
      this.#failByBug(stream, begun, error)
    }
  }

  #take(message: Element, stream: XmlStream, attempt: Attempt): void | Promise<void> {
    switch (message.name) {
      case 'auth':
        return this.#begin(message, stream, attempt)
      case 'response':
        return this.#goOn(message, stream, attempt)
      case 'abort':
        return this.#fail(stream, attempt, 'aborted')
      default:
        throw new StreamError('unsupported-stanza-type', `unexpected <${message.name}>`)
    }
  }

  /** Strongest first. */
  #mechanisms(stream: XmlStream): readonly Mechanism[] {
    const isPlainAllowed = stream.isSecure || this.#parts.policy.allowsPlainWithoutTls
    if (stream.domain?.credentials.createsOnLogin) return isPlainAllowed ? ['PLAIN'] : []
    return isPlainAllowed ? ['SCRAM-SHA-256', 'SCRAM-SHA-1', 'PLAIN'] : ['SCRAM-SHA-256', 'SCRAM-SHA-1']
  }

  #begin(auth: Element, stream: XmlStream, attempt: Attempt): void | Promise<void> {
    const name = auth.attribute('mechanism')
    const mechanism = this.#mechanisms(stream).find((offered) => offered === name)
    attempt.exchange = undefined
    attempt.mechanism = mechanism
    if (mechanism === undefined) {
      return this.#fail(
        stream,
        attempt,
        name === 'PLAIN' && !stream.isSecure ? 'encryption-required' : 'invalid-mechanism',
      )
    }
    // RFC 6120 §6.4.2: no initial response is another thing than an empty one, which is `=`.
    if (auth.text === '') stream.sendElement(element('challenge', saslNamespace))
    else return this.#goOn(auth, stream, attempt)
  }

  #goOn(message: Element, stream: XmlStream, attempt: Attempt): void | Promise<void> {
    const { mechanism, exchange } = attempt
    if (mechanism === undefined) return this.#fail(stream, attempt, 'malformed-request')
    const text = decode(message.text)
    if (typeof text !== 'string') return this.#fail(stream, attempt, text.condition)
    if (mechanism === 'PLAIN') return this.#plain(text, stream, attempt)
    return exchange
      ? this.#scramFinal(text, exchange, stream, attempt)
      : this.#scramFirst(text, hashes[mechanism], stream, attempt)
  }

  // RFC 4616 §2: [authzid] NUL authcid NUL passwd
  async #plain(text: string, stream: XmlStream, attempt: Attempt): Promise<void> {
    const [authzid, username, password, more] = text.split('\0')
    if (!username || !password || more !== undefined) return this.#fail(stream, attempt, 'malformed-request')
    const { credentials, domain } = stream.domain as StreamDomain
    const user = accountOf(username, domain)
    attempt.user = user
    if (!isOneself(authzid as string, user)) return this.#fail(stream, attempt, 'invalid-authzid')
    if (this.#isThrottled(stream, user)) return this.#fail(stream, attempt, 'temporary-auth-failure')
    if (user && credentials.createsOnLogin) await credentials.create?.(user, password)
    const isRight = await isPassword(password, user?.local ?? username, user !== undefined, credentials)
    if (user && isRight) this.#succeed(stream, user)
    else this.#fail(stream, attempt, 'not-authorized')
  }

  #scramFirst(text: string, hash: ScramHash, stream: XmlStream, attempt: Attempt): void | Promise<void> {
    const first = parseClientFirst(text)
    if (!first) return this.#fail(stream, attempt, 'malformed-request')
    const { credentials, domain } = stream.domain as StreamDomain
    const user = accountOf(first.username, domain)
    if (!isOneself(first.authzid, user)) return this.#fail(stream, attempt, 'invalid-authzid')
    attempt.user = user
    if (this.#isThrottled(stream, user)) return this.#fail(stream, attempt, 'temporary-auth-failure')
    const challenge = (keys = fakeScramKeys(credentials, user?.local ?? first.username, hash)) => {
      const exchange = new ScramExchange(first, keys, this.#parts.ids.id())
      attempt.exchange = exchange
      stream.sendElement(element('challenge', saslNamespace, {}, encode(exchange.challenge)))
    }
    const keys = user && credentials.scramKeys(user.local, hash)
    if (keys instanceof Promise) return keys.then(challenge)
    challenge(keys)
  }

  #scramFinal(text: string, exchange: ScramExchange, stream: XmlStream, attempt: Attempt): void {
    const result = exchange.finish(text)
    if (typeof result === 'string') this.#fail(stream, attempt, result)
    else this.#succeed(stream, attempt.user as Jid, result.serverFinal)
  }

  #isThrottled(stream: XmlStream, user: Jid | undefined): boolean {
    return this.#throttle.isClosed(stream.remoteAddress, user?.toString() ?? '', this.#parts.clock.now())
  }

  #succeed(stream: XmlStream, user: Jid, additionalData = ''): void {
    this.#attempts.delete(stream)
    stream.sendElement(element('success', saslNamespace, {}, encode(additionalData)))
    stream.authenticate(user)
  }

  #failByBug(stream: XmlStream, attempt: Attempt, error: unknown): void {
    if (error instanceof StreamError) throw error
    this.#fail(stream, attempt, 'temporary-auth-failure', error)
  }

  #fail(stream: XmlStream, attempt: Attempt, condition: SaslCondition, error?: unknown): void {
    attempt.mechanism = undefined
    attempt.exchange = undefined
    stream.sendElement(element('failure', saslNamespace, {}, element(condition, saslNamespace)))
    if (condition === 'aborted') return
    attempt.failures += 1
    if (condition === 'not-authorized')
      this.#throttle.failed(stream.remoteAddress, attempt.user?.toString() ?? '', this.#parts.clock.now())
    stream.noteLoginFailure(condition, attempt.user, error)
    // RFC 6120 §6.4.5
    if (attempt.failures >= this.#parts.limits.saslAttempts)
      stream.close(new StreamError('policy-violation', 'too many failed attempts to log in'))
  }
}

/** The bare address that a user name stands for; `undefined` if it cannot be one. */
function accountOf(username: string, domain: Jid): Jid | undefined {
  return username === '' ? undefined : Jid.of(username, domain.domain)
}

// RFC 6120 §6.3.8: nobody acts as anybody else.
function isOneself(authzid: string, user: Jid | undefined): boolean {
  return authzid === '' || (user?.equals(parseJid(authzid)) ?? false)
}

/** Whether a password fits an account, with the same work where there is none. */
async function isPassword(
  password: string,
  local: string,
  mayExist: boolean,
  credentials: Credentials,
): Promise<boolean> {
  const found =
    (mayExist || undefined) &&
    ((await credentials.scramKeys(local, 'sha-256')) ?? (await credentials.scramKeys(local, 'sha-1')))
  const keys = found ?? fakeScramKeys(credentials, local, 'sha-256')
  try {
    const derived = await deriveScramKeys(password, keys)
    return timingSafeEqual(derived.storedKey, keys.storedKey)
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}

/** RFC 6120 §6.4.2: base64, `=` for nothing. */
function decode(text: string): string | { condition: SaslCondition } {
  if (text === '' || text === '=') return ''
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(text))
    return { condition: 'incorrect-encoding' }
  try {
    return utf8.decode(Buffer.from(text, 'base64'))
  } catch {
    return { condition: 'malformed-request' }
  }
}

function encode(text: string): string {
  return text === '' ? '' : Buffer.from(text).toString('base64')
}
