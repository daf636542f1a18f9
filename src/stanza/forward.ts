// XEP-0297: Stanza Forwarding
import { type Element, element } from '../xml/element.ts'
import type { Message } from './stanza.ts'

export const forwardNamespace = 'urn:xmpp:forward:0'

/** `<forwarded/>` around a stanza, with when it was first sent where that is told. */
export function forwarded(stanza: Message, delay?: Element): Element {
  return element('forwarded', forwardNamespace, {}, delay, stanza.toElement())
}
