// RFC 7395 §3.3: streams of which every top-level element is a message of its own, over WebSocket or BOSH.
import { stanzaNamespace } from '../stanza/stanza.ts'
import { type AnswerHeader, streamNamespace } from './header.ts'
import type { StreamError } from './stream-error.ts'

/** How a transport that carries messages, not a stream of bytes, says what streams say. */
export interface Framing {
  /** Silence after which `keepAlive` is called, in milliseconds, where that is sooner than for other streams. */
  readonly keepAliveMs?: number
  /** What opens our half of the stream; nothing where the transport says it in its own way. */
  header(answer: AnswerHeader): readonly string[]
  /**
   * What ends it: `errorTexts`, which are those of `error` if there is one, and whatever comes behind it. The transport is told to end once
   * that has been sent and, if there is `isFooter`, the peer has ended its half.
   */
  footer(error: StreamError | undefined, errorTexts: readonly string[]): readonly string[]
  /** Whether a message is the one with which the peer ends its half. */
  isFooter?(message: Uint8Array): boolean
  /** The most that `encode` adds to an element. */
  readonly headBytes: number
  /** Writes a whole element, text and bytes, as a message into `room`, where there is enough of it; answers its length. */
  encode(text: string, rest: Uint8Array, room: Buffer, at: number): number
  /** Sends messages, one behind the other. False if some of them wait; then `onDrain` follows. */
  send(messages: Uint8Array): boolean
  /** Sends a sign of life, to which the peer answers with one. */
  keepAlive(): void
  /** A resource is bound: messages may be as large as those of a known user now. */
  trust(): void
}

/**
 * The text of an element as it stands by itself: our elements are written for a stream that declares the namespaces of stanzas
 * and of streams. `head` is its start tag or a part of it that ends behind its name.
 */
export function standingAlone(head: string): string {
  let end = 1
  for (; end < head.length; end += 1) {
    const code = head.charCodeAt(end)
    if (code === space || code === gt || code === slash) break
  }
  // A namespace of its own comes first.
  if (head.startsWith(" xmlns='", end)) return head
  const declaration = head.startsWith('<stream:')
    ? ` xmlns:stream='${streamNamespace}'`
    : ` xmlns='${stanzaNamespace}'`
  return head.slice(0, end) + declaration + head.slice(end)
}

const space = 0x20
const slash = 0x2f
const gt = 0x3e
