// XEP-0060 §8.6: an owner answers whether somebody may be subscribed.
import { type Jid, parseJid } from '../../jid/jid.ts'
import { formIn, formNamespace, parseBoolean, parseForm } from '../../stanza/form.ts'
import type { Message } from '../../stanza/stanza.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import { checkOwner } from './access.ts'
import type { Slow } from './events.ts'
import { subscribeAuthorizationForm } from './namespaces.ts'
import type { PubSubService } from './pubsub-service.ts'
import type { Subscription } from './subscription.ts'
import { setSubscriptions, tellOwners, tellSubscriber } from './subscriptions.ts'

interface Decision {
  readonly node: string
  readonly subscriber: Jid
  readonly isAllowed: boolean
}

/** Whether a message is an owner's answer. */
export function isDecision(message: Message): boolean {
  return formIn(message)?.formType === subscribeAuthorizationForm
}

/**
 * Does what an owner has decided.
 * @throws StanzaError forbidden, item-not-found or bad-request
 */
export async function receiveDecision(service: PubSubService, message: Message): Promise<void> {
  const decision = readDecision(message)
  if (!decision) return
  await service.nodes.open()
  const slow = await service.nodes.run(decision.node, () => decide(service, message.from, decision))
  await Promise.all(slow)
}

async function decide(service: PubSubService, from: Jid, decision: Decision): Promise<Slow> {
  const node = await service.nodes.find(decision.node)
  if (!node) throw new StanzaError('item-not-found', 'there is no such node')
  checkOwner(service, node, from)
  const address = decision.subscriber.toString()
  const before = node.subscriptions.get(address)
  // Another owner was faster, or the subscriber has gone.
  if (before?.state !== 'pending') return []
  const after: Subscription | undefined = decision.isAllowed ? { ...before, state: 'subscribed' } : undefined
  await setSubscriptions(service, node, new Map([[address, after]]))
  const state = after ? 'subscribed' : 'none'
  const slow = tellOwners(service, node, decision.subscriber, state)
  const sent = tellSubscriber(service, node, decision.subscriber, state)
  if (sent) slow.push(sent)
  return slow
}

// A form that is cancelled leaves the request waiting.
function readDecision(message: Message): Decision | undefined {
  const x = message.child('x', formNamespace)
  if (x?.attribute('type') !== 'submit') return undefined
  const { values } = parseForm(x)
  const node = values.get('pubsub#node')?.[0]
  const subscriber = parseJid(values.get('pubsub#subscriber_jid')?.[0] ?? '')
  const isAllowed = parseBoolean(values.get('pubsub#allow')?.[0] ?? '')
  if (node === undefined || !subscriber || isAllowed === undefined) {
    throw new StanzaError('bad-request', 'the form is not filled in')
  }
  return { node, subscriber, isAllowed }
}
