// RFC 6120 §4.7: stream headers, read and written.
import { type Jid, parseJid } from '../jid/jid.ts'
import { stanzaNamespace } from '../stanza/stanza.ts'
import type { Element } from '../xml/element.ts'
import { escapeAttribute } from '../xml/serialize.ts'
import { StreamError } from './stream-error.ts'

/** The namespace of `<stream/>`, `<features/>` and `<error/>` (RFC 6120 §4.8.1). */
export const streamNamespace = 'http://etherx.jabber.org/streams'

/** What the peer said in its header. */
export interface StreamHeader {
  /** The domain that the stream is for. */
  readonly to: Jid
  /** Who the peer says it is, if it does (RFC 6120 §4.7.1). */
  readonly from: Jid | undefined
  readonly lang: string | undefined
}

/** What we say in ours. */
export interface AnswerHeader {
  readonly id: string
  readonly from: string | undefined
  readonly to: string | undefined
}

/**
 * Reads a header, or says why the stream cannot be opened. `contentNamespace` is the default declared on it; a framed
 * stream (RFC 7395 §3.4) has an `<open/>`, and no namespaces that it lends to others.
 */
export function parseHeader(
  root: Element,
  contentNamespace: string | undefined,
  isFramed = false,
): StreamHeader | StreamError {
  return (
    (isFramed ? undefined : checkNamespaces(root, contentNamespace)) ??
    checkVersion(root.attribute('version')) ??
    parseAddresses(root)
  )
}

// RFC 6120 §4.8.1. Any prefix will do for the namespace (§4.8.5), so `bad-namespace-prefix` is never sent.
function checkNamespaces(root: Element, contentNamespace: string | undefined): StreamError | undefined {
  if (root.namespace !== streamNamespace)
    return new StreamError('invalid-namespace', `the namespace of streams is ${streamNamespace}`)
  if (root.name !== 'stream') return new StreamError('bad-format', 'a stream begins with <stream>')
  // RFC 6120 §4.8.2: the default namespace, if there is one, is that of stanzas.
  if (contentNamespace !== undefined && contentNamespace !== '' && contentNamespace !== stanzaNamespace)
    return new StreamError('invalid-namespace', `the namespace of stanzas is ${stanzaNamespace}`)
  return undefined
}

// RFC 6120 §4.7.5: a missing version means 0.9, which has no features and so no way to log in; a higher one is answered with ours.
function checkVersion(version: string | undefined): StreamError | undefined {
  const major = /^(\d{1,9})\.\d{1,9}$/.exec(version ?? '')?.[1]
  if (major !== undefined && Number(major) >= 1) return undefined
  return new StreamError('unsupported-version', 'this server speaks version 1.0')
}

function parseAddresses(root: Element): StreamHeader | StreamError {
  const toText = root.attribute('to')
  const to = toText === undefined ? undefined : parseJid(toText)
  if (to?.local !== '' || !to.isBare)
    return new StreamError('improper-addressing', 'the `to` of a stream header is the domain of your account')
  const fromText = root.attribute('from')
  const from = fromText === undefined ? undefined : parseJid(fromText)
  if (fromText !== undefined && !from) return new StreamError('invalid-from', 'the `from` is no address')
  return { to, from, lang: root.attribute('xml:lang') }
}

/** The start tag of our half of the stream. */
export function headerText({ id, from, to }: AnswerHeader): string {
  let text = `<?xml version='1.0'?><stream:stream xmlns='${stanzaNamespace}' xmlns:stream='${streamNamespace}'`
  text += ` id='${escapeAttribute(id)}'`
  if (from !== undefined) text += ` from='${escapeAttribute(from)}'`
  if (to !== undefined) text += ` to='${escapeAttribute(to)}'`
  return `${text} version='1.0' xml:lang='en'>`
}
