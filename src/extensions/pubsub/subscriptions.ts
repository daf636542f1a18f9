// XEP-0060 §4.2: changes of who is subscribed, and telling those whom they concern.
import { type Jid, jid as jidOf } from '../../jid/jid.ts'
import { type Field, form } from '../../stanza/form.ts'
import { pubsubEventNamespace } from '../../stanza/namespaces.ts'
import { Message } from '../../stanza/stanza.ts'
import { type Element, element } from '../../xml/element.ts'
import { mayReceive } from './access.ts'
import type { Slow } from './events.ts'
import { subscribeAuthorizationForm } from './namespaces.ts'
import type { Node } from './node.ts'
import { type Changes, putSubscription } from './node-store.ts'
import type { PubSubService } from './pubsub-service.ts'
import { notifySub } from './settings/notify-sub.ts'
import type { Subscription } from './subscription.ts'

/** Keeps subscriptions as they are now to be; `undefined` ends one. Resolves when that would survive a loss of power. */
export async function setSubscriptions(
  service: PubSubService,
  node: Node,
  edits: ReadonlyMap<string, Subscription | undefined>,
): Promise<void> {
  const before = new Map([...edits.keys()].map((address) => [address, node.subscriptions.get(address)]))
  apply(node, edits)
  const changes: Changes = new Map()
  for (const address of edits.keys()) putSubscription(changes, node, address)
  try {
    await service.nodes.store.changeLists(node, changes)
  } catch (error) {
    apply(node, before)
    throw error
  }
}

function apply(node: Node, edits: ReadonlyMap<string, Subscription | undefined>): void {
  for (const [address, subscription] of edits) {
    if (subscription) node.subscriptions.set(address, subscription)
    else node.subscriptions.delete(address)
  }
}

/** `<subscription/>` as it is in `namespace`. */
export function subscriptionElement(
  namespace: string,
  node: string,
  { jid, state }: { readonly jid: Jid; readonly state: string },
): Element {
  return element('subscription', namespace, { node, jid: jid.toString(), subscription: state })
}

/** Tells somebody what became of a subscription (XEP-0060 §12.11). */
export function tellSubscriber(
  service: PubSubService,
  node: Node,
  jid: Jid,
  state: string,
): void | Promise<void> {
  return service.send(stateMessage(service, node, jid, state).with({ to: jid }))
}

/** Tells owners who is subscribed now, if the node is configured so (`pubsub#notify_sub`). */
export function tellOwners(service: PubSubService, node: Node, jid: Jid, state: string): Slow {
  if (!node.config.get(notifySub)) return []
  return sendToOwners(service, node, stateMessage(service, node, jid, state))
}

/** Asks the owners whether somebody may be subscribed (XEP-0060 §8.6). */
export function askOwners(service: PubSubService, node: Node, subscription: Subscription): Slow {
  return sendToOwners(service, node, authorizationRequest(service, node, subscription))
}

/** Asks one of the owners again (XEP-0060 §8.7). */
export function askOwner(
  service: PubSubService,
  node: Node,
  subscription: Subscription,
  to: Jid,
): void | Promise<void> {
  return service.send(authorizationRequest(service, node, subscription).with({ to }))
}

function authorizationRequest(service: PubSubService, node: Node, { jid, subid }: Subscription): Message {
  const fields: Field[] = [
    { var: 'pubsub#subid', type: 'hidden', values: [subid] },
    { var: 'pubsub#node', type: 'text-single', label: 'Node ID', values: [node.name] },
    {
      var: 'pubsub#subscriber_jid',
      type: 'jid-single',
      label: 'Subscriber Address',
      values: [jid.toString()],
    },
    {
      var: 'pubsub#allow',
      type: 'boolean',
      label: 'Allow this JID to subscribe to this pubsub node?',
      values: ['0'],
    },
  ]
  const x = form({
    type: 'form',
    formType: subscribeAuthorizationForm,
    title: 'PubSub subscriber request',
    instructions: `${jid} asks to be subscribed to ${node.name}.`,
    fields,
  })
  return new Message('normal', { from: service.jid, id: subid, children: [x] })
}

/** Ends the subscriptions of those who may not have them any more, and tells them. */
export async function removeRefused(service: PubSubService, node: Node): Promise<Slow> {
  const removed = new Map<string, undefined>()
  const refused: Jid[] = []
  for (const [address, { jid, state }] of node.subscriptions) {
    if (state !== 'subscribed' || (await mayReceive(service, node, jid))) continue
    removed.set(address, undefined)
    refused.push(jid)
  }
  if (removed.size === 0) return []
  await setSubscriptions(service, node, removed)
  return refused.map((jid) => tellSubscriber(service, node, jid, 'none')).filter((sent) => sent !== undefined)
}

function stateMessage(service: PubSubService, node: Node, jid: Jid, state: string): Message {
  const subscription = subscriptionElement(pubsubEventNamespace, node.name, { jid, state })
  const event = element('event', pubsubEventNamespace, {}, subscription)
  return new Message('headline', { from: service.jid, id: service.ids.id(), children: [event] })
}

function sendToOwners(service: PubSubService, node: Node, message: Message): Slow {
  const owners = [...node.affiliated('owner')].map((address) =>
    service.send(message.with({ to: jidOf(address) })),
  )
  return owners.filter((sent) => sent !== undefined)
}
