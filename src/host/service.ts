// A domain that answers itself: rooms, pubsub, upload.
import type { Message, Stanza } from '../stanza/stanza.ts'

/** Takes what is sent to addresses with a localpart in a domain without accounts. */
export interface Service {
  /** May refuse by throwing a `StanzaError`; a promise makes the sender wait. */
  receive(stanza: Stanza): void | Promise<void>
  /** Takes messages to the domain itself; without it they are refused. */
  receiveAtDomain?(message: Message): void | Promise<void>
}
