// RFC 4422 §3: attempts to log in, whichever profile carries their messages; counted, and slowed down when they fail.
import type { Clock } from '../../base/clock.ts'
import type { Ids } from '../../base/ids.ts'
import type { Jid } from '../../jid/jid.ts'
import type { Element } from '../../xml/element.ts'
import type { StreamLimits } from '../limits.ts'
import type { StreamDomain, XmlStream } from '../stream.ts'
import { StreamError } from '../stream-error.ts'
import { decodeBase64 } from './base64.ts'
import { bindingsOf } from './channel-binding.ts'
import { LoginThrottle } from './login-throttle.ts'
import type { Login, Mechanism, SaslCondition, SaslExchange, SaslStep } from './mechanism.ts'

/** What attempts to log in have in common. */
export interface AuthenticatorParts {
  /** Strongest first; behind them come those of the domain. */
  readonly mechanisms: readonly Mechanism[]
  readonly limits: Pick<StreamLimits, 'loginFailures' | 'saslAttempts'>
  readonly ids: Ids
  readonly clock: Clock
}

/** How messages go over the wire: RFC 6120 §6.4, or XEP-0388. */
export interface SaslProfile {
  /** XEP-0388 §2.3: whether who logs in must be who the stream's header says, where it does. */
  readonly isBoundToHeader: boolean
  challenge(stream: XmlStream, data: Uint8Array | string): void
  failure(stream: XmlStream, condition: SaslCondition): void
  /** The client has logged in; `request` is what it began with. */
  success(stream: XmlStream, login: Login, request: Element): void | Promise<void>
}

/** How a client begins. */
export interface Beginning {
  readonly mechanism: string | undefined
  /** The initial response in base64; `undefined` for none, which is another thing than an empty one. */
  readonly message: string | undefined
  readonly request: Element
}

/** How far a stream has come in logging in. */
interface Attempt {
  failures: number
  /** What is under way, waiting for a response. */
  exchange: SaslExchange | undefined
  profile: SaslProfile | undefined
  request: Element | undefined
  /** Ends the look at a secret that is under way. */
  endTry: (() => void) | undefined
}

/** All attempts on the streams of a server. */
export class Authenticator {
  readonly #parts: AuthenticatorParts
  readonly #throttle: LoginThrottle
  readonly #attempts = new WeakMap<XmlStream, Attempt>()

  constructor(parts: AuthenticatorParts) {
    this.#parts = parts
    this.#throttle = new LoginThrottle(parts.limits)
  }

  /** Names of the mechanisms that are listed on a stream, in order. */
  offered(stream: XmlStream): string[] {
    return this.#usable(stream)
      .filter(({ isUnlisted }) => !isUnlisted)
      .map(({ name }) => name)
  }

  /** Names of the mechanisms that clients are told of in another place. */
  unlisted(stream: XmlStream): string[] {
    return this.#usable(stream)
      .filter(({ isUnlisted }) => isUnlisted)
      .map(({ name }) => name)
  }

  /** Whether a stream is in the middle of logging in by `profile`. */
  isUnderway(stream: XmlStream, profile: SaslProfile): boolean {
    const attempt = this.#attempts.get(stream)
    return attempt?.exchange !== undefined && attempt.profile === profile
  }

  /** A client begins to log in; `mechanisms` are the names that it may choose from. */
  begin(
    stream: XmlStream,
    profile: SaslProfile,
    mechanisms: readonly string[],
    { mechanism: name, message, request }: Beginning,
  ): void | Promise<void> {
    const attempt = this.#attemptOf(stream)
    if (attempt.exchange && attempt.profile !== profile)
      throw new StreamError('policy-violation', 'a log-in is under way by other means')
    stream.beginLogin()
    attempt.profile = profile
    attempt.request = request
    attempt.exchange = undefined
    const mechanism = this.#usable(stream).find(
      (usable) => usable.name === name && mechanisms.includes(usable.name),
    )
    if (!mechanism) {
      const isTooOpen = name === 'PLAIN' && !stream.isSecure
      return this.#fail(stream, attempt, isTooOpen ? 'encryption-required' : 'invalid-mechanism')
    }
    attempt.exchange = mechanism.begin({
      stream,
      domain: stream.domain as StreamDomain,
      ids: this.#parts.ids,
      offered: this.offered(stream),
      bindings: bindingsOf(stream),
      request,
      mayTry: (user) => this.#mayTry(stream, attempt, user),
    })
    if (message !== undefined || mechanism.takesSilence) return this.#take(stream, attempt, message ?? '')
    profile.challenge(stream, '')
  }

  /** The client answers a challenge. */
  respond(stream: XmlStream, profile: SaslProfile, message: string): void | Promise<void> {
    const attempt = this.#attemptOf(stream)
    if (!this.isUnderway(stream, profile)) {
      attempt.profile = profile
      return this.#fail(stream, attempt, 'malformed-request')
    }
    return this.#take(stream, attempt, message)
  }

  /** The client gives up. */
  abort(stream: XmlStream, profile: SaslProfile): void {
    const attempt = this.#attemptOf(stream)
    attempt.profile = profile
    this.#fail(stream, attempt, 'aborted')
  }

  /** The client asks for what it cannot have; counts as a failure. */
  refuse(stream: XmlStream, profile: SaslProfile, condition: SaslCondition): void {
    const attempt = this.#attemptOf(stream)
    attempt.profile = profile
    this.#fail(stream, attempt, condition)
  }

  #attemptOf(stream: XmlStream): Attempt {
    let attempt = this.#attempts.get(stream)
    if (!attempt) {
      attempt = {
        failures: 0,
        exchange: undefined,
        profile: undefined,
        request: undefined,
        endTry: undefined,
      }
      this.#attempts.set(stream, attempt)
    }
    return attempt
  }

  #usable(stream: XmlStream): Mechanism[] {
    const all = [...this.#parts.mechanisms, ...(stream.domain?.mechanisms ?? [])]
    return all.filter((mechanism) => mechanism.isOffered(stream))
  }

  #take(stream: XmlStream, attempt: Attempt, text: string): void | Promise<void> {
    const message = decodeBase64(text)
    if (!message) return this.#fail(stream, attempt, 'incorrect-encoding')
    let step: SaslStep | Promise<SaslStep>
    try {
      step = (attempt.exchange as SaslExchange).next(message)
    } catch (error) {
      return this.#failByBug(stream, attempt, error)
    }
    if (!(step instanceof Promise)) return this.#goOn(stream, attempt, step)
    return step.then(
      (settled) => this.#goOn(stream, attempt, settled),
      (error: unknown) => this.#failByBug(stream, attempt, error),
    )
  }

  #goOn(stream: XmlStream, attempt: Attempt, step: SaslStep): void | Promise<void> {
    try {
      return this.#decide(stream, attempt, step)
    } finally {
      endTry(attempt)
    }
  }

  #decide(stream: XmlStream, attempt: Attempt, step: SaslStep): void | Promise<void> {
    const profile = attempt.profile as SaslProfile
    if ('failure' in step) return this.#fail(stream, attempt, step.failure)
    if ('challenge' in step) return profile.challenge(stream, step.challenge)
    const { user } = step.login
    const { from } = stream
    if (profile.isBoundToHeader && from?.local && !from.bare.equals(user))
      return this.#fail(stream, attempt, 'invalid-authzid')
    // Meanwhile the password may have been changed, or the name given to somebody else.
    if (!stream.loginHolds(user)) return this.#fail(stream, attempt, 'credentials-expired')
    if (step.login.means === 'password') this.#throttle.succeeded(stream.remoteAddress, user.toString())
    const request = attempt.request as Element
    attempt.exchange = undefined
    attempt.request = undefined
    const pending = profile.success(stream, step.login, request)
    // Nobody logs in twice. What began the log-in, a password perhaps, would stay in memory as long as the stream.
    if (stream.has('authenticated')) this.#attempts.delete(stream)
    return pending
  }

  #mayTry(stream: XmlStream, attempt: Attempt, user: Jid | undefined): boolean {
    endTry(attempt)
    const now = this.#parts.clock.now()
    attempt.endTry = this.#throttle.begin(stream.remoteAddress, user?.toString() ?? '', now)
    return attempt.endTry !== undefined
  }

  #failByBug(stream: XmlStream, attempt: Attempt, error: unknown): void {
    endTry(attempt)
    if (error instanceof StreamError) throw error
    this.#fail(stream, attempt, 'temporary-auth-failure', error)
  }

  #fail(stream: XmlStream, attempt: Attempt, condition: SaslCondition, error?: unknown): void {
    const user = attempt.exchange?.user
    attempt.exchange = undefined
    attempt.profile?.failure(stream, condition)
    if (condition === 'aborted') return
    attempt.failures += 1
    if (condition === 'not-authorized')
      this.#throttle.failed(stream.remoteAddress, user?.toString() ?? '', this.#parts.clock.now())
    stream.noteLoginFailure(condition, user, error)
    // RFC 6120 §6.4.5
    if (attempt.failures >= this.#parts.limits.saslAttempts)
      stream.close(new StreamError('policy-violation', 'too many failed attempts to log in'))
  }
}

/** Once a failure is counted, the look at a secret that led to it is over. */
function endTry(attempt: Attempt): void {
  attempt.endTry?.()
  attempt.endTry = undefined
}
