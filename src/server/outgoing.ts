// What a program sends through its server without being logged in.
import type { Ids } from '../base/ids.ts'
import { type Jid, jid } from '../jid/jid.ts'
import { Message, type MessageType, type Presence } from '../stanza/stanza.ts'
import { type Element, element } from '../xml/element.ts'

/** A message as a program writes it. */
export interface OutgoingMessage {
  /** An address of this server: the domain, an account's, one that nobody has. */
  readonly from: Jid | string
  readonly to: Jid | string
  readonly body?: string
  /** Standard is `chat`. */
  readonly type?: Exclude<MessageType, 'error'>
  /** Made if left out. */
  readonly id?: string
  /** `xml:lang`. */
  readonly lang?: string
  /** What stands beside the body. */
  readonly children?: readonly Element[]
}

/** A message by its parts, or a whole stanza that has a `to`. */
export type OutgoingStanza = OutgoingMessage | Message | Presence

/**
 * The stanza that is meant.
 * @throws TypeError for an address that is none, or that is missing
 */
export function toStanza(outgoing: OutgoingStanza, ids: Ids): Message | Presence {
  if ('kind' in outgoing) {
    if (!outgoing.to) throw new TypeError('a stanza without `to` cannot be sent')
    return outgoing
  }
  const { from, to, body, type = 'chat', id = ids.id(), lang, children = [] } = outgoing
  const spoken = body === undefined ? [] : [element('body', 'jabber:client', {}, body)]
  return new Message(type, { from: asJid(from), to: asJid(to), id, lang, children: [...spoken, ...children] })
}

function asJid(address: Jid | string): Jid {
  return typeof address === 'string' ? jid(address) : address
}
