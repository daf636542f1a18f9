// XEP-0060 §6.1 to §6.4: subscribing, unsubscribing and options.
import { type Jid, parseJid } from '../../jid/jid.ts'
import { pubsubNamespace } from '../../stanza/namespaces.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import { type Element, element } from '../../xml/element.ts'
import { checkAccess, checkReading } from './access.ts'
import { submittedForm } from './config-form.ts'
import { sendItem } from './events.ts'
import { expireItems } from './kept-items.ts'
import { subscribeOptionsForm } from './namespaces.ts'
import type { Node } from './node.ts'
import { misplaced, refusal } from './refusal.ts'
import { isBehind, type Request } from './request.ts'
import { accessModel } from './settings/access-model.ts'
import { sendLast } from './settings/send-last.ts'
import { type Subscription, subscriptionForm, withOptions } from './subscription.ts'
import { askOwners, setSubscriptions, subscriptionElement, tellOwners } from './subscriptions.ts'

/** `<subscribe/>`, with `<options/>` beside it or not; its answer is the subscription as it is now. */
export async function subscribe(request: Request): Promise<Element> {
  const { service } = request
  const node = await request.node()
  const jid = subscriberOf(request)
  await checkAccess(service, node, jid)
  const address = jid.toString()
  const before = node.subscriptions.get(address)
  // XEP-0060 §6.1.3.6
  if (before?.state === 'pending') {
    throw refusal('not-authorized', 'pending-subscription', 'the owner has not answered yet')
  }
  if (!before && node.subscriptions.size >= service.limits.subscriptionsPerNode) {
    throw refusal('policy-violation', 'too-many-subscriptions', 'there are too many subscriptions')
  }
  const subscription = withRequestedOptions(request, before ?? newSubscription(request, node, jid))
  await setSubscriptions(service, node, new Map([[address, subscription]]))
  if (subscription.state === 'pending') request.slow.push(...askOwners(service, node, subscription))
  else if (!before) await welcome(request, node, subscription)
  return subscriptionResult(request, node, subscription)
}

/** `<unsubscribe/>`; its answer says that the subscription is none any more (XEP-0060 §6.2.2). */
export async function unsubscribe(request: Request): Promise<Element> {
  const { service } = request
  const node = await request.node()
  const jid = subscriberOf(request, 'forbidden')
  existing(node, jid)
  await setSubscriptions(service, node, new Map([[jid.toString(), undefined]]))
  request.slow.push(...tellOwners(service, node, jid, 'none'))
  return subscriptionResult(request, node, { jid, state: 'none' })
}

/** The options of a subscription, as a form (XEP-0060 §6.3.2). */
export async function getOptions(request: Request): Promise<Element> {
  const node = await request.node()
  const jid = subscriberOf(request, 'forbidden')
  const options = subscriptionForm(existing(node, jid))
  return request.result({ node: node.name, jid: jid.toString() }, options)
}

/** Options that a subscriber has chosen (XEP-0060 §6.3.5). */
export async function setOptions(request: Request): Promise<void> {
  const node = await request.node()
  const jid = subscriberOf(request, 'forbidden')
  const before = existing(node, jid)
  const submitted = submittedForm(request.action, subscribeOptionsForm)
  if (!submitted) throw refusal('bad-request', 'invalid-options', 'there is no form')
  if (submitted.type === 'cancel') return
  const edits = new Map([[jid.toString(), withOptions(before, submitted)]])
  await setSubscriptions(request.service, node, edits)
}

/** The options that subscriptions begin with (XEP-0060 §6.4). */
export async function getDefaultOptions(request: Request): Promise<Element> {
  if (request.nodeName === undefined) return request.result({}, subscriptionForm())
  const node = await request.node()
  await checkAccess(request.service, node, request.from)
  return request.result({ node: node.name }, subscriptionForm())
}

/** Sends a new subscriber what was published last (XEP-0060 §6.1.7), behind the result. */
async function welcome(request: Request, node: Node, { jid, isDelivered }: Subscription): Promise<void> {
  const { service } = request
  request.slow.push(...tellOwners(service, node, jid, 'subscribed'))
  if (node.config.get(sendLast) === 'never' || !isDelivered) return
  await expireItems(service, node)
  const last = await service.nodes.items.last(node)
  if (!last) return
  await checkReading(service, node, jid)
  request.afterwards.push(() => void sendItem(service, node, last, jid))
}

// XEP-0060 §6.1.3.1: one subscribes oneself, with or without the resource.
function subscriberOf(request: Request, otherwise?: 'forbidden'): Jid {
  const text = request.action.attribute('jid')
  if (text === undefined) throw refusal('bad-request', 'jid-required', 'the request names nobody')
  const jid = parseJid(text)
  if (!jid) throw new StanzaError('jid-malformed', 'that is no address')
  if (jid.equals(request.from) || jid.equals(request.from.bare)) return jid
  // Who left with one client may end its subscription with another one.
  if (otherwise !== undefined && jid.bare.equals(request.from.bare)) return jid
  if (otherwise !== undefined) throw new StanzaError(otherwise, 'that is somebody else’s subscription')
  throw refusal('bad-request', 'invalid-jid', 'one can subscribe only oneself')
}

function existing(node: Node, jid: Jid): Subscription {
  const subscription = node.subscriptions.get(jid.toString())
  if (subscription) return subscription
  throw refusal('unexpected-request', 'not-subscribed', 'there is no such subscription', { type: 'cancel' })
}

function newSubscription({ service }: Request, node: Node, jid: Jid): Subscription {
  const affiliation = service.affiliationOf(node, jid)
  const isListed = affiliation === 'owner' || affiliation === 'publisher' || affiliation === 'member'
  const needsOwner = node.config.get(accessModel) === 'authorize' && !isListed
  return { jid, state: needsOwner ? 'pending' : 'subscribed', subid: service.ids.id(), isDelivered: true }
}

function withRequestedOptions(request: Request, subscription: Subscription): Subscription {
  const options = request.pubsub.child('options')
  // XEP-0060 §6.3.7
  if (options && !isBehind(request, options, ['node', 'jid'])) throw misplaced('options')
  const submitted = submittedForm(options, subscribeOptionsForm)
  return submitted ? withOptions(subscription, submitted) : subscription
}

function subscriptionResult(
  { pubsub }: Request,
  node: Node,
  subscription: { readonly jid: Jid; readonly state: string },
): Element {
  return element(
    'pubsub',
    pubsub.namespace,
    {},
    subscriptionElement(pubsubNamespace, node.name, subscription),
  )
}
