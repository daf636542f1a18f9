// RFC 4616: PLAIN, the password as it is.
import { timingSafeEqual } from 'node:crypto'
import type { Jid } from '../../jid/jid.ts'
import { type Credentials, deriveScramKeys, fakeScramKeys } from '../credentials.ts'
import type { StreamPolicy } from '../limits.ts'
import { accountOf, isOneself } from './identity.ts'
import { type Mechanism, type SaslContext, type SaslExchange, type SaslStep, textOf } from './mechanism.ts'

/** The mechanism PLAIN, offered where nobody can read along or `policy` says that this does not matter. */
export function plain(policy: StreamPolicy): Mechanism {
  return {
    name: 'PLAIN',
    isOffered: (stream) => stream.isSecure || policy.allowsPlainWithoutTls,
    begin: (context) => new PlainExchange(context),
  }
}

class PlainExchange implements SaslExchange {
  user: Jid | undefined
  readonly #context: SaslContext

  constructor(context: SaslContext) {
    this.#context = context
  }

  // RFC 4616 §2: [authzid] NUL authcid NUL passwd
  async next(message: Buffer): Promise<SaslStep> {
    const [authzid = '', username, password, more] = textOf(message)?.split('\0') ?? []
    if (!username || !password || more !== undefined) return { failure: 'malformed-request' }
    const { domain } = this.#context
    const user = accountOf(username, domain.domain)
    this.user = user
    if (!isOneself(authzid, user)) return { failure: 'invalid-authzid' }
    if (!this.#context.mayTry(user)) return { failure: 'temporary-auth-failure' }
    const isRight = await this.#isRight(user, username, password)
    return user && isRight ? { login: { user, means: 'password' } } : { failure: 'not-authorized' }
  }

  async #isRight(user: Jid | undefined, username: string, password: string): Promise<boolean> {
    const { domain, stream } = this.#context
    const { credentials } = domain
    if (credentials.checkPassword)
      return user !== undefined && credentials.checkPassword(user, password, stream.remoteAddress)
    if (user && credentials.createsOnLogin) await credentials.create?.(user, password)
    const isRight = await isPassword(password, user?.local ?? username, user !== undefined, credentials)
    if (user && isRight) await credentials.notePassword?.(user, password)
    return isRight
  }
}

/** Whether a password fits an account, with the same work where there is none. */
async function isPassword(
  password: string,
  local: string,
  mayExist: boolean,
  credentials: Credentials,
): Promise<boolean> {
  // Both, also where one would do: how often the store is asked must not tell whether there is such an account.
  const found = mayExist
    ? await Promise.all([credentials.scramKeys(local, 'sha-256'), credentials.scramKeys(local, 'sha-1')])
    : []
  const keys = found[0] ?? found[1] ?? fakeScramKeys(credentials, local, 'sha-256')
  try {
    const derived = await deriveScramKeys(password, keys)
    return timingSafeEqual(derived.storedKey, keys.storedKey)
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}
