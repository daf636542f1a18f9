// RFC 6120 §8: elements as they came over a stream, read as stanzas.
import { inOnePiece } from '../base/one-piece.ts'
import type { Receipts } from '../base/receipts.ts'
import { type Jid, parseJid } from '../jid/jid.ts'
import type { Element, Node } from '../xml/element.ts'
import { escapeAttribute } from '../xml/serialize.ts'
import {
  Iq,
  type IqType,
  Message,
  type MessageType,
  Presence,
  type PresenceType,
  type Stanza,
  type StanzaParts,
  stanzaNamespace,
} from './stanza.ts'

const presenceTypes: ReadonlySet<string> = new Set([
  'error',
  'probe',
  'subscribe',
  'subscribed',
  'unavailable',
  'unsubscribe',
  'unsubscribed',
])
const iqTypes: ReadonlySet<string> = new Set(['error', 'get', 'result', 'set'])

const none: readonly string[] = []

/** Why an element is no stanza. */
export type StanzaFault = 'bad-from' | 'bad-iq' | 'bad-to' | 'bad-type' | 'not-a-stanza'

/** What is known of a stanza besides what it says of itself. */
export interface Origin {
  /** RFC 6120 §8.1.5: the language of the stream, which is that of a stanza that names none. */
  readonly lang?: string | undefined
  readonly receipts?: Receipts
  /** How messages begin that are sent on as they came and name no language: `messageStart`, made once. */
  readonly messageStart?: string
}

const unknown: Origin = {}

/** How messages begin that are sent on as they came: what we say of them, up to where their own attributes come. */
export function messageStart(from: Jid, lang: string | undefined): string {
  const start = `<message from='${escapeAttribute(from.toString())}'`
  const whole = lang === undefined ? start : `${start} xml:lang='${escapeAttribute(lang)}'`
  return inOnePiece(whole)
}

/** An element as a stanza sent by `from` (the element's own `from` is not looked at), or why it is none. */
export function parseStanza(source: Element, from: Jid, origin: Origin = unknown): Stanza | StanzaFault {
  if (source.namespace !== stanzaNamespace) return 'not-a-stanza'
  let tail = source.tail
  let to: Jid | undefined
  let id: string | undefined
  let type: string | undefined
  let lang: string | undefined
  let attributes: string[] | undefined
  const list = source.attributes
  for (let index = 0; index < list.length; index += 2) {
    const value = list[index + 1] as string
    switch (list[index]) {
      case 'to':
        to = parseJid(value)
        if (to === undefined) return 'bad-to'
        if (tail !== undefined && to.toString() !== value) tail = undefined
        break
      case 'from':
        tail = undefined
        break
      case 'id':
        id = value
        break
      case 'type':
        type = value
        break
      case 'xml:lang':
        lang = value
        break
      default:
        attributes ??= []
        attributes.push(list[index] as string, value)
    }
  }
  const parts: StanzaParts = {
    from,
    to,
    id,
    lang: lang ?? origin.lang,
    attributes: attributes ?? none,
    children: source.children,
    receipts: origin.receipts,
    written: tail && to && isOurs(type) ? { head: startOf(from, lang, origin), tail } : undefined,
  }
  switch (source.name) {
    case 'message':
      // RFC 6121 §5.2.2: an unknown type is to be treated as `normal`.
      return new Message(messageType(type) ?? 'normal', parts)
    case 'presence':
      if (type === undefined) return new Presence('available', parts)
      return presenceTypes.has(type) ? new Presence(type as PresenceType, parts) : 'bad-type'
    case 'iq':
      return parseIq(type, parts)
    default:
      return 'not-a-stanza'
  }
}

/** Whether a message's type is written as we would write it. */
function isOurs(type: string | undefined): boolean {
  return type === undefined || (type !== 'normal' && messageType(type) !== undefined)
}

function messageType(type: string | undefined): MessageType | undefined {
  switch (type) {
    case 'chat':
    case 'error':
    case 'groupchat':
    case 'headline':
    case 'normal':
      return type
    default:
      return undefined
  }
}

function startOf(from: Jid, lang: string | undefined, origin: Origin): string {
  return lang === undefined && origin.messageStart !== undefined
    ? origin.messageStart
    : messageStart(from, lang === undefined ? origin.lang : undefined)
}

// RFC 6120 §8.2.3: an id always, a known type, exactly one child in a request.
function parseIq(type: string | undefined, parts: StanzaParts): Iq | StanzaFault {
  if (type === undefined || !iqTypes.has(type)) return 'bad-type'
  if (parts.id === undefined || parts.id === '') return 'bad-iq'
  const iq = new Iq(type as IqType, parts)
  return iq.isRequest && !hasOneElement(iq.children) ? 'bad-iq' : iq
}

function hasOneElement(children: readonly Node[]): boolean {
  let count = 0
  for (let index = 0; index < children.length; index += 1) if (typeof children[index] !== 'string') count += 1
  return count === 1
}
