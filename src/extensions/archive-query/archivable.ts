// XEP-0313 §6.1: which messages belong into an archive.
import { hasHint } from '../../stanza/hints.ts'
import {
  conferenceNamespace,
  correctNamespace,
  mucUserNamespace,
  retractNamespace,
} from '../../stanza/namespaces.ts'
import { type Message, stanzaNamespace } from '../../stanza/stanza.ts'
import type { Element } from '../../xml/element.ts'

/**
 * What is part of a conversation without a body, by namespace. Chat states (XEP-0085) are not among them: who was
 * typing a year ago is of no interest.
 */
const lasting: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['urn:xmpp:receipts', new Set(['received'])],
  ['urn:xmpp:chat-markers:0', new Set(['received', 'displayed', 'acknowledged'])],
  [correctNamespace, new Set(['replace'])],
  ['urn:xmpp:reactions:0', new Set(['reactions'])],
  ['urn:xmpp:message-retract:0', new Set(['retract'])],
  [retractNamespace, new Set(['retract'])],
  ['urn:xmpp:fasten:0', new Set(['apply-to'])],
  ['urn:xmpp:message-attaching:1', new Set(['attach-to'])],
  ['urn:xmpp:sfs:0', new Set(['file-sharing'])],
  // End-to-end encryption: XEP-0384 old and new, XEP-0373, XEP-0027.
  ['eu.siacs.conversations.axolotl', new Set(['encrypted'])],
  ['urn:xmpp:omemo:2', new Set(['encrypted'])],
  ['urn:xmpp:openpgp:0', new Set(['openpgp'])],
  ['jabber:x:encrypted', new Set(['x'])],
  // Invitations to rooms: XEP-0249, and XEP-0045 §7.8.2.
  [conferenceNamespace, new Set(['x'])],
])

/** Whether a message that an account sends or receives is to be kept, as far as the account's wishes allow. */
export function isArchivable(message: Message): boolean {
  // Errors answer what is in the archive already, or what was never to be, and nobody said them. Messages of rooms
  // are in the rooms' archives; here they would be once for every client that was inside.
  if (message.type === 'error' || message.type === 'groupchat') return false
  // RFC 6121 §5.2.2: headlines are not for later.
  if (message.type === 'headline') return hasHint(message, 'store') && isLasting(message)
  return isLasting(message)
}

/** Whether a message says something that is worth reading later, and its sender does not want it otherwise. */
export function isLasting(message: Message): boolean {
  if (hasHint(message, 'no-store') || hasHint(message, 'no-permanent-store')) return false
  return hasHint(message, 'store') || message.elements().some(belongsToConversation)
}

function belongsToConversation(child: Element): boolean {
  const { name, namespace } = child
  if (namespace === stanzaNamespace) return name === 'body'
  if (namespace === mucUserNamespace) return child.child('invite') !== undefined
  return lasting.get(namespace)?.has(name) ?? false
}
