// XEP-0357 §7: which messages are worth waking somebody.
import type { Delivery } from '../../host/message.ts'

/** Whether a message that has come down the line is for a person to read, and is there to be read. */
export function isWorthNotifying({ message, account, isTaken, archiveId }: Delivery): boolean {
  if (message.type === 'error' || message.type === 'headline') return false
  // Whoever wrote it knows of it.
  if (message.from.bare.equals(account.jid)) return false
  if (!isTaken && archiveId === undefined) return false
  return (message.child('body')?.text ?? '') !== ''
}
