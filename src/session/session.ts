// Who is at the other end of a stream, as the layers below and above see it.
import type { Stanza } from '../stanza/stanza.ts'
import type { StreamError } from '../stream/stream-error.ts'

/** What a session needs of its stream. */
export interface SessionStream {
  /** `xml:lang` of the stream, if the peer named one. */
  readonly lang?: string | undefined
  readonly isSecure: boolean
  readonly remoteAddress: string
  /** Writes a stanza: its start as text and the bytes behind it. */
  send(head: string, rest?: Uint8Array): void
  /** Ends the stream, with an error or in peace. */
  close(error?: StreamError): void
}

/** Takes what a session receives, and hears of its end. */
export interface SessionOwner<S> {
  receive(stanza: Stanza, session: S): void | Promise<void>
  /** What came last has been dealt with: refused, or delivered, and kept where it had to be. */
  handled(session: S): void
  /** A stanza is about to be written: false keeps it back. */
  sends(stanza: Stanza, session: S): boolean
  /** Whether `sends` would say yes to a stanza and do nothing else. */
  lets(stanza: Stanza, session: S): boolean
  /** The connection is lost: whether the session waits for its client to come back. */
  keeps(session: S): boolean
  ended(session: S): void
}
