// XEP-0352 §3.2: what is of no use to a client that nobody looks at, until somebody does.
import type { Jid } from '../../jid/jid.ts'
import {
  carbonsNamespace,
  chatStatesNamespace,
  mucUserNamespace,
  pubsubEventNamespace,
} from '../../stanza/namespaces.ts'
import type { Message, Presence, Stanza } from '../../stanza/stanza.ts'
import type { Element } from '../../xml/element.ts'

// What may stand beside a chat state and says nothing by itself: hints, ids, when it was sent.
const besideNamespaces: ReadonlySet<string> = new Set(['urn:xmpp:hints', 'urn:xmpp:sid:0', 'urn:xmpp:delay'])

/**
 * `undefined` if `stanza` goes to the client `own` at once. Otherwise a name for what it says: a later stanza of
 * the same name says all that this one did.
 */
export function waitingKeyOf(stanza: Stanza, own: Jid): string | undefined {
  if (stanza.kind === 'iq') return undefined
  return stanza.kind === 'presence' ? keyOfPresence(stanza, own) : keyOfMessage(stanza, own)
}

function keyOfPresence(presence: Presence, own: Jid): string | undefined {
  if (presence.type !== 'available' && presence.type !== 'unavailable') return undefined
  // Its own, back to it, answers what it has sent.
  if (presence.from.equals(own)) return undefined
  // A room speaks to the client itself: it has entered, has been renamed or removed, the room is gone (XEP-0045).
  const user = presence.child('x', mucUserNamespace)
  if (user?.child('status') || user?.child('destroy')) return undefined
  return `presence ${presence.from}`
}

function keyOfMessage(message: Message, own: Jid): string | undefined {
  if (message.type === 'error') return undefined
  if (message.from.equals(own.bare)) return keyOfCarbon(message)
  const event = message.type === 'headline' ? message.child('event', pubsubEventNamespace) : undefined
  if (event) return keyOfEvent(message.from, event)
  return isChatState(message.elements()) ? `state ${message.from}` : undefined
}

/** What the account's own clients said, or were told: only the account itself sends copies (XEP-0280 §11). */
function keyOfCarbon(message: Message): string | undefined {
  const copy = message.child('sent', carbonsNamespace) ?? message.child('received', carbonsNamespace)
  const inner = copy?.child('forwarded', 'urn:xmpp:forward:0')?.child('message', 'jabber:client')
  if (!inner || !isChatState(inner.elements())) return undefined
  return `copy ${inner.attribute('from')} ${inner.attribute('to')}`
}

/** Of events, those that publish one item under its id: what the next one with this id replaces. */
function keyOfEvent(from: Jid, event: Element): string | undefined {
  const items = event.child('items')
  const [item, another] = items?.elements() ?? []
  const id = item?.name === 'item' ? item.attribute('id') : undefined
  if (!items || another || id === undefined) return undefined
  return `event ${from} ${items.attribute('node')} ${id}`
}

function isChatState(children: readonly Element[]): boolean {
  let hasState = false
  for (const { name, namespace } of children) {
    if (namespace === chatStatesNamespace) hasState = true
    else if (!besideNamespaces.has(namespace) && name !== 'thread') return false
  }
  return hasState
}
