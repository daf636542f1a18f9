// XEP-0334: Message Processing Hints
import type { Message } from './stanza.ts'

const hintsNamespace = 'urn:xmpp:hints'

/** What a sender asks of those who process a message. */
export type Hint = 'no-copy' | 'no-permanent-store' | 'no-store' | 'store'

/** Whether a message asks for that. */
export function hasHint(message: Message, hint: Hint): boolean {
  return message.child(hint, hintsNamespace) !== undefined
}
