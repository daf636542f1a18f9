// XEP-0313 §6.1.2: a message of a room as it is kept, with whose it really is, and as it is shown.
import { parseJid } from '../../jid/jid.ts'
import { mucUserNamespace } from '../../stanza/namespaces.ts'
import { parseStanza } from '../../stanza/parse-stanza.ts'
import type { Message } from '../../stanza/stanza.ts'
import { type Element, element } from '../../xml/element.ts'
import { serialize } from '../../xml/serialize.ts'
import { parseDocument } from '../../xml/xml.ts'
import type { RoomMessage } from '../muc/muc.ts'
import type { AddressView } from './readers.ts'

/** A message with the real address of who said it, and whether everybody saw that at the time (code 100). */
export function storedMessage({ room, seat, message }: RoomMessage): string {
  const item = element('item', mucUserNamespace, {
    affiliation: room.affiliationOf(seat.jid),
    jid: seat.jid.toString(),
    role: seat.occupant.role,
  })
  const status = room.isNonAnonymous ? element('status', mucUserNamespace, { code: '100' }) : undefined
  const x = element('x', mucUserNamespace, {}, item, status)
  return serialize(message.with({ to: undefined, children: [...message.children, x] }).toElement())
}

/** A message as it was kept for somebody who may see so much of it. */
export function shownMessage(stored: Element, view: AddressView): Element {
  const x = stored.child('x', mucUserNamespace)
  if (!x) return stored
  const isShown = view === 'all' || (view === 'public' && x.child('status') !== undefined)
  const rest = stored.children.filter((node) => node !== x)
  const item = isShown ? x.child('item') : undefined
  return stored.with({ children: item ? [...rest, element('x', mucUserNamespace, {}, item)] : rest })
}

/** Whose the `<x/>` of a stored message says it is; kept where the message is changed. */
export function whoseOf(stored: Element): Element | undefined {
  return stored.child('x', mucUserNamespace)
}

/** What is kept, as a message of the room, without whose it is; `undefined` if it cannot be read. */
export function readMessage(
  text: string,
): { readonly message: Message; readonly stored: Element } | undefined {
  const stored = parseDocument(text)
  if ('condition' in stored) return undefined
  const from = parseJid(stored.attribute('from') ?? '')
  const message = from && parseStanza(shownMessage(stored, 'none'), from)
  return typeof message === 'object' && message.kind === 'message' ? { message, stored } : undefined
}
