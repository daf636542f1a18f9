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
  if (!isEligible(message) || bouncesCopy(message)) return false
  // A private message out of a room: the room sends it to every client that is there.
  const fromRoom = message.child('x', mucUserNamespace)
  return fromRoom === undefined || fromRoom.child('invite') !== undefined
}

/** Whether a message that an account sends is copied to its other clients. */
export function isCopiedWhenSent(message: Message): boolean {
  return isEligible(message) && !bouncesCopy(message)
}

function isEligible(message: Message): boolean {
  if (message.type === 'groupchat') return false
  if (message.child('private', carbonsNamespace) || hasHint(message, 'no-copy')) return false
  // An error answers a message that was copied, as far as can be told.
  if (message.type === 'chat' || message.type === 'error') return true
  if (message.type === 'normal' && message.child('body')) return true
  return belongsToConversation(message)
}

// §10.3: what an account itself has sent, and clients refuse, are copies above all; nobody is told of that, and what is
// inside of the error does not count.
function bouncesCopy({ type, from, to }: Message): boolean {
  return type === 'error' && (to === undefined || to.equals(from.bare))
}

function belongsToConversation(message: Message): boolean {
  for (const { namespace, name } of message.elements()) {
    if (conversationNamespaces.has(namespace)) return true
    if (name === 'x' && (namespace === conferenceNamespace || namespace === mucUserNamespace)) return true
  }
  return false
}
