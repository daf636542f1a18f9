// RFC 6120 §4.4, §4.9: how a stream ends, and what the peer is told then.
import { stanzaNamespace } from '../stanza/stanza.ts'
import { serialize } from '../xml/serialize.ts'
import type { Framing } from './framing.ts'
import type { StreamEnd } from './stream.ts'
import type { StreamError } from './stream-error.ts'

// These say nothing of what the client wants; it may come back.
const lostConditions: ReadonlySet<string> = new Set([
  'connection-timeout',
  'internal-server-error',
  'resource-constraint',
  'system-shutdown',
])

/** What closing a stream of our own accord, for `error` or in peace, means to who is behind it. */
export function endOf(error: StreamError | undefined): StreamEnd {
  return error && lostConditions.has(error.condition) ? 'lost' : 'closed'
}

/** What is sent last: the error, if there is one, and the end. */
export function footerTexts(error: StreamError | undefined, framing: Framing | undefined): readonly string[] {
  const errors = error ? [errorText(error)] : []
  return framing ? framing.footer(error, errors) : [...errors, '</stream:stream>']
}

/** `<stream:error/>`, as it is sent. */
function errorText(error: StreamError): string {
  let text = '<stream:error>'
  for (const part of error.toElements()) text += serialize(part, stanzaNamespace)
  return `${text}</stream:error>`
}

/** What a peer is told whose time is over. */
export const textByTimeOut = {
  'login-too-long': 'logging in took too long',
  silent: 'nothing has come from you',
  stalled: 'nothing can be sent to you',
} as const
