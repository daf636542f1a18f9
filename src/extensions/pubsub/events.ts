// XEP-0060 §7.1.2 and others: telling subscribers what happened. An event is written once for all who get it.
import type { Jid } from '../../jid/jid.ts'
import { delay } from '../../stanza/delay.ts'
import { pubsubEventNamespace } from '../../stanza/namespaces.ts'
import { Message } from '../../stanza/stanza.ts'
import { type Element, element } from '../../xml/element.ts'
import { isShutOut, mayReceive } from './access.ts'
import { eventItem } from './item-elements.ts'
import type { Item, Node } from './node.ts'
import type { PubSubService } from './pubsub-service.ts'
import { accessModel } from './settings/access-model.ts'
import { deliverNotifications } from './settings/deliver-notifications.ts'
import { notificationType } from './settings/notification-type.ts'

/** Who is slow to take what was sent; empty if nobody is. */
export type Slow = Promise<void>[]

/** Tells everybody who gets a node's events; those who are slow to take it go into `slow`. */
export async function announce(
  service: PubSubService,
  node: Node,
  content: Element,
  slow: Slow,
): Promise<void> {
  if (!node.config.get(deliverNotifications)) return
  const message = eventMessage(service, node, content)
  const isOpen = node.config.get(accessModel) === 'open'
  for (const to of recipientsOf(node, await service.policy.audience(node))) {
    // Without waiting where nothing is to be looked up: there may be very many.
    const isAllowed = isOpen
      ? !isShutOut(service.affiliationOf(node, to))
      : await mayReceive(service, node, to)
    if (!isAllowed) continue
    const sent = service.send(message.with({ to }))
    if (sent) slow.push(sent)
  }
}

/** `<event/>` in a message of the type that the node is configured for, to nobody yet. */
function eventMessage(service: PubSubService, node: Node, content: Element, rest: Element[] = []): Message {
  const event = element('event', pubsubEventNamespace, {}, content)
  return new Message(node.config.get(notificationType), {
    from: service.jid,
    id: service.ids.id(),
    children: [event, ...rest],
  })
}

/** Sends somebody the item that was published last (XEP-0060 §6.1.7). */
export function sendItem(service: PubSubService, node: Node, item: Item, to: Jid): void | Promise<void> {
  const content = itemsEvent(node, eventItem(service, node, item))
  const stamp = delay(service.jid, item.when)
  return service.send(eventMessage(service, node, content, [stamp]).with({ to }))
}

/** `<items/>` of an event, with what was published or retracted. */
export function itemsEvent(node: Node, ...content: Element[]): Element {
  return element('items', pubsubEventNamespace, { node: node.name }, ...content)
}

/** `<retract/>` of an event. */
export function retractEvent(id: string): Element {
  return element('retract', pubsubEventNamespace, { id })
}

function* recipientsOf(node: Node, audience: Iterable<Jid>): IterableIterator<Jid> {
  for (const { jid, state, isDelivered } of node.subscriptions.values()) {
    if (state === 'subscribed' && isDelivered) yield jid
  }
  for (const jid of audience) {
    // Whoever has subscribed gets it already.
    const { subscriptions } = node
    if (!subscriptions.has(jid.toString()) && !subscriptions.has(jid.bare.toString())) yield jid
  }
}
