// XEP-0203: Delayed Delivery; XEP-0082: date and time.
import type { Jid } from '../jid/jid.ts'
import { type Element, element, type Node } from '../xml/element.ts'

export const delayNamespace = 'urn:xmpp:delay'

/** When a stanza was first sent, and who kept it. `when` in milliseconds since 1970. */
export function delay(from: Jid, when: number): Element {
  return element('delay', delayNamespace, { from: from.toString(), stamp: formatDate(when) })
}

/** Whether `children` say when `by` has kept their stanza. */
export function isDelayedBy(children: readonly Node[], by: Jid): boolean {
  for (let index = 0; index < children.length; index += 1)
    if (isDelayBy(children[index] as Node, by.toString())) return true
  return false
}

/** `children` without what says that `by` has kept their stanza: the same list where nothing does. */
export function withoutDelayBy(children: readonly Node[], by: Jid): readonly Node[] {
  return isDelayedBy(children, by) ? children.filter((node) => !isDelayBy(node, by.toString())) : children
}

function isDelayBy(node: Node, by: string): boolean {
  return typeof node !== 'string' && node.is('delay', delayNamespace) && node.attribute('from') === by
}

/** XEP-0082 §3.2: UTC, to the second, with milliseconds only where there are some. */
export function formatDate(when: number): string {
  return new Date(when).toISOString().replace('.000Z', 'Z')
}

const dateTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/

/** A date and time as XEP-0082 §3.2 has it, in milliseconds since 1970; `undefined` if it is none. */
export function parseDate(text: string): number | undefined {
  if (!dateTime.test(text)) return undefined
  const when = Date.parse(text)
  return Number.isNaN(when) ? undefined : when
}
