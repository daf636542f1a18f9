// RFC 6120 §4.7: whether a stream can be opened with the header that the peer sent.
import { type Jid, parseJid } from '../jid/jid.ts'
import type { StreamHeader } from './header.ts'
import type { StreamDomain } from './stream.ts'
import { StreamError } from './stream-error.ts'

/** What is known of a stream when a header comes. */
export interface HeaderContext {
  /** The header that was accepted before, on the same connection. */
  readonly before: StreamHeader | undefined
  /** Who has authenticated, bare. */
  readonly user: Jid | undefined
  /** What the peer asked for in the TLS handshake (SNI). */
  readonly serverName: string | undefined
  /** The domain with accounts that is served here under the prepared name, if there is one. */
  domainOf(to: string): StreamDomain | undefined
}

/** Why a stream to a domain that is served here cannot be opened with `header`; `undefined` if it can. */
export function faultOfHeader(header: StreamHeader, context: HeaderContext): StreamError | undefined {
  const { before, user } = context
  // XEP-0388 §2.1: clients have their account where they open the stream to.
  if (header.from && header.from.local !== '' && header.from.domain !== header.to.domain)
    return new StreamError('invalid-from', 'your account is not here')
  if (before && !before.to.equals(header.to))
    return new StreamError('policy-violation', 'the `to` of a stream does not change')
  if (before?.from && header.from && !before.from.bare.equals(header.from.bare))
    return new StreamError('invalid-from', 'the `from` of a stream does not change')
  if (user && header.from && !user.equals(header.from.bare))
    return new StreamError('invalid-from', 'that is not who has authenticated')
  // A name that is no domain of ours is taken for the name of the machine, which some clients send.
  const serverName = parseJid(context.serverName ?? '')?.domain
  if (serverName !== undefined && serverName !== header.to.domain && context.domainOf(serverName))
    return new StreamError('policy-violation', 'TLS was begun for another domain')
  return undefined
}
