// XEP-0424: the elements of retractions and of what is left of a message.
import { formatDate } from '../../stanza/delay.ts'
import { occupantIdNamespace, retractNamespace } from '../../stanza/namespaces.ts'
import type { Message } from '../../stanza/stanza.ts'
import { stanzaIdNamespace } from '../../stanza/stanza-id.ts'
import { type Element, element, type Node } from '../../xml/element.ts'

export const tombstoneFeature = `${retractNamespace}#tombstone`

/** The `<retract/>` of a message that takes another one back. */
export function retractOf(message: Message): Element | undefined {
  return message.child('retract', retractNamespace)
}

/** §4: `<retracted/>` by the message with the id `by`, at `when` (milliseconds since 1970). */
export function retractedElement(by: string | undefined, when: number, ...inside: Element[]): Element {
  return element('retracted', retractNamespace, { id: by, stamp: formatDate(when) }, ...inside)
}

/** §4: a message without what it said: whose it was, its ids, and that it is retracted. */
export function tombstoneOf(message: Message, retracted: Element): Message {
  return message.with({ children: [...message.children.filter(isKept), retracted] })
}

function isKept(node: Node): boolean {
  if (typeof node === 'string') return false
  return node.is('stanza-id', stanzaIdNamespace) || node.is('occupant-id', occupantIdNamespace)
}
