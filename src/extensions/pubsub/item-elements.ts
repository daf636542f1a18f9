// XEP-0060: items on the wire, in answers and in events.
import { pubsubEventNamespace, pubsubNamespace } from '../../stanza/namespaces.ts'
import { type Element, element } from '../../xml/element.ts'
import { parseDocument } from '../../xml/xml.ts'
import type { Item, Node } from './node.ts'
import type { PubSubService } from './pubsub-service.ts'
import { deliverPayloads } from './settings/deliver-payloads.ts'
import { itemReply } from './settings/item-reply.ts'

/** An item of an answer (XEP-0060 §6.5.2). */
export function answerItem(service: PubSubService, node: Node, item: Item): Element {
  return itemElement(service, node, item, pubsubNamespace, true)
}

/** An item of an event, without its payload where the node keeps quiet about it (XEP-0060 §7.1.2.2). */
export function eventItem(service: PubSubService, node: Node, item: Item, payload?: Element): Element {
  return itemElement(service, node, item, pubsubEventNamespace, node.config.get(deliverPayloads), payload)
}

function itemElement(
  service: PubSubService,
  node: Node,
  item: Item,
  namespace: string,
  hasPayload: boolean,
  payload: Element | undefined = hasPayload ? payloadOf(item) : undefined,
): Element {
  const publisher = publisherOf(service, node, item)
  return element('item', namespace, { id: item.id, publisher }, hasPayload ? payload : undefined)
}

/** An item's payload as an element; `undefined` if it has none. */
export function payloadOf({ payload }: Item): Element | undefined {
  if (payload === undefined) return undefined
  const parsed = parseDocument(payload)
  return 'condition' in parsed ? undefined : parsed
}

function publisherOf({ policy }: PubSubService, node: Node, item: Item): string | undefined {
  const wanted = node.config.get(itemReply)
  if (wanted === 'publisher') return item.publisher
  if (wanted === 'owner') return [...node.affiliated('owner')][0] ?? node.creator.toString()
  return policy.exposesPublisher ? item.publisher : undefined
}
