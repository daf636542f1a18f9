// XEP-0280 §6.1: which messages are copied.
import { hasHint } from '../../stanza/hints.ts'
import {
  carbonsNamespace,
  chatStatesNamespace,
  conferenceNamespace,
  mucUserNamespace,
} from '../../stanza/namespaces.ts'
import type { Message } from '../../stanza/stanza.ts'

// Receipts (XEP-0184), chat states (XEP-0085) and markers (XEP-0333) belong to a conversation, body or not.
const conversationNamespaces: ReadonlySet<string> = new Set([
  'urn:xmpp:receipts',
  chatStatesNamespace,
  'urn:xmpp:chat-markers:0',
])

/** Whether a message that an account receives is copied to its other clients. */
export function isCopiedWhenReceived(message: Message): boolean {
  if (!isEligible(message)) return false
  // A private message out of a room: the room sends it to every client that is there.
  const fromRoom = message.child('x', mucUserNamespace)
  return fromRoom === undefined || fromRoom.child('invite') !== undefined
}

/** Whether a message that an account sends is copied to its other clients. */
export function isCopiedWhenSent(message: Message): boolean {
  return isEligible(message)
}

function isEligible(message: Message): boolean {
  if (message.type === 'groupchat' || message.type === 'headline') return false
  if (message.child('private', carbonsNamespace) || hasHint(message, 'no-copy')) return false
  // An error answers a message that was copied, as far as can be told: those of rooms carry their mark.
  if (message.type === 'chat' || message.type === 'error') return true
  return message.child('body') !== undefined || belongsToConversation(message)
}

function belongsToConversation(message: Message): boolean {
  for (const { namespace, name } of message.elements()) {
    if (conversationNamespaces.has(namespace)) return true
    if (name === 'x' && (namespace === conferenceNamespace || namespace === mucUserNamespace)) return true
  }
  return false
}
