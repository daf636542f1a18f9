// XEP-0160 §3: which messages are kept for somebody who is not there.
import { hasHint } from '../../stanza/hints.ts'
import { chatStatesNamespace } from '../../stanza/namespaces.ts'
import type { Message } from '../../stanza/stanza.ts'

/** Whether a message that nobody took is kept; what is not kept goes back to its sender, or is dropped. */
export function isKept(message: Message): boolean {
  if (message.type !== 'chat' && message.type !== 'normal') return false
  // XEP-0334 §3.3: until it is given is not for good, so that no-permanent-store does not count here.
  if (hasHint(message, 'no-store')) return false
  if (message.child('body') || hasHint(message, 'store')) return true
  // What says nothing but that somebody is typing is of no use later.
  return message
    .elements()
    .some(({ namespace, name }) => namespace !== chatStatesNamespace && name !== 'thread')
}
