// XEP-0045 §7.2.13: the history of rooms that last, as it is kept.
import { parseJid } from '../../jid/jid.ts'
import { parseStanza } from '../../stanza/parse-stanza.ts'
import type { Message } from '../../stanza/stanza.ts'
import type { Value } from '../../storage/storage.ts'
import { serialize } from '../../xml/serialize.ts'
import { parseDocument } from '../../xml/xml.ts'
import type { HistoryChanges, SaidMessage } from './history.ts'
import type { Room } from './room.ts'

type StoredMessage = { readonly xml: string; readonly when: number }

const prefix = 'history '
const digits = 15

/** Changes of a history as items of a collection, whose keys have the order of the messages. */
export function storedHistory(changes: HistoryChanges): Map<string, Value | undefined> {
  const items = new Map<string, Value | undefined>()
  for (const [number, said] of changes) {
    const key = prefix + String(number).padStart(digits, '0')
    items.set(key, said && { xml: serialize(said.message.toElement()), when: said.when })
  }
  return items
}

/** Gives a room the history that is among its items, in order of their keys. */
export function restoreHistory(room: Room, items: ReadonlyMap<string, Value>): void {
  for (const [key, value] of items) {
    if (!key.startsWith(prefix)) continue
    const said = readMessage(value as StoredMessage)
    if (said) room.history.restore(Number(key.slice(prefix.length)), said)
  }
}

function readMessage({ xml, when }: StoredMessage): SaidMessage | undefined {
  const element = parseDocument(xml)
  if ('condition' in element) return undefined
  const from = parseJid(element.attribute('from') ?? '')
  const message = from && parseStanza(element, from)
  return typeof message === 'object' ? { message: message as Message, when } : undefined
}
