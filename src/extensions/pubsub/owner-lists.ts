// XEP-0060 §8.8 and §8.9: owners read and change who is subscribed and who is what.
import { type Jid, parseJid } from '../../jid/jid.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import { type Element, element } from '../../xml/element.ts'
import { checkOwner } from './access.ts'
import { type Affiliation, parseAffiliation } from './affiliation.ts'
import { pubsubOwnerNamespace } from './namespaces.ts'
import type { Node } from './node.ts'
import { type Changes, putAffiliation } from './node-store.ts'
import type { Request } from './request.ts'
import type { Subscription } from './subscription.ts'
import { removeRefused, setSubscriptions, tellSubscriber } from './subscriptions.ts'

/** Those who are subscribed; those who wait for an owner are not among them (XEP-0060 §8.8.1). */
export async function getSubscriptions(request: Request): Promise<Element> {
  const node = await ownNode(request)
  const found = [...node.subscriptions.values()].filter(({ state }) => state === 'subscribed')
  return request.result({ node: node.name }, ...found.map(subscriptionItem))
}

/** Changes who is subscribed; all that is asked for, or nothing. */
export async function setSubscriptionsByOwner(request: Request): Promise<void> {
  const { service, slow } = request
  const node = await ownNode(request)
  const edits = new Map<string, Subscription | undefined>()
  for (const item of request.elements('subscription')) {
    const jid = addressOf(item)
    const state = item.attribute('subscription')
    if (state === undefined) continue
    const before = node.subscriptions.get(jid.toString())
    if (state !== 'none' && state !== 'subscribed' && state !== 'pending') {
      // XEP-0060 §8.8.2.4: with what it is, and stays.
      const subscription = { jid: jid.toString(), subscription: before?.state ?? 'none' }
      throw notAcceptable(request, 'a subscription cannot be that', 'subscription', [subscription])
    }
    if (before?.state === state || (!before && state === 'none')) continue
    const made = before ?? { jid, subid: service.ids.id(), isDelivered: true }
    edits.set(jid.toString(), state === 'none' ? undefined : { ...made, state })
  }
  if (node.subscriptions.size + edits.size > service.limits.subscriptionsPerNode)
    checkRoom(request, node, edits)
  await setSubscriptions(service, node, edits)
  for (const [address, subscription] of edits) {
    const jid = parseJid(address) as Jid
    const sent = tellSubscriber(service, node, jid, subscription?.state ?? 'none')
    if (sent) slow.push(sent)
  }
}

/** Everybody who is something to the node. */
export async function getAffiliations(request: Request): Promise<Element> {
  const node = await ownNode(request)
  const found = [...node.affiliations].map(([jid, affiliation]) =>
    element('affiliation', pubsubOwnerNamespace, { jid, affiliation }),
  )
  return request.result({ node: node.name }, ...found)
}

/** Changes who is what; all that is asked for, or nothing. A node keeps an owner. */
export async function setAffiliations(request: Request): Promise<void> {
  const { service } = request
  const node = await ownNode(request)
  const edits = editsOf(request, node)
  checkOwnerLeft(request, node, edits)
  const before = new Map(node.affiliations)
  const changes: Changes = new Map()
  for (const [address, affiliation] of edits) {
    if (affiliation === 'none') node.affiliations.delete(address)
    else node.affiliations.set(address, affiliation)
    putAffiliation(changes, node, parseJid(address) as Jid)
  }
  try {
    if (node.affiliations.size > service.limits.affiliationsPerNode) {
      throw new StanzaError('policy-violation', 'there are too many affiliations')
    }
    await service.nodes.store.changeLists(node, changes)
  } catch (error) {
    node.affiliations.clear()
    for (const [address, affiliation] of before) node.affiliations.set(address, affiliation)
    throw error
  }
  // XEP-0060 §4.1: an outcast is not subscribed, nor is a stranger to a closed node.
  request.slow.push(...(await removeRefused(service, node)))
}

async function ownNode(request: Request): Promise<Node> {
  const node = await request.node()
  checkOwner(request.service, node, request.from)
  return node
}

function subscriptionItem({ jid, state }: Subscription): Element {
  return element('subscription', pubsubOwnerNamespace, {
    jid: jid.toString(),
    subscription: state,
  })
}

function editsOf(request: Request, node: Node): Map<string, Affiliation> {
  const edits = new Map<string, Affiliation>()
  for (const item of request.elements('affiliation')) {
    const address = addressOf(item).bare.toString()
    const text = item.attribute('affiliation')
    if (text === undefined) continue
    const affiliation = parseAffiliation(text)
    if (!affiliation) {
      const before = node.affiliations.get(address) ?? 'none'
      throw notAcceptable(request, 'there is no such affiliation', 'affiliation', [
        { jid: address, affiliation: before },
      ])
    }
    // XEP-0060 §8.9.2.4
    if (edits.has(address)) throw new StanzaError('bad-request', 'somebody is named twice')
    edits.set(address, affiliation)
  }
  return edits
}

// XEP-0060 §8.9.2.4: the only owner stays the owner, and the error says so.
function checkOwnerLeft(request: Request, node: Node, edits: ReadonlyMap<string, Affiliation>): void {
  const owners = [...node.affiliated('owner')]
  const isLeft = owners.some((address) => (edits.get(address) ?? 'owner') === 'owner')
  if (isLeft || [...edits.values()].includes('owner')) return
  const kept = owners.filter((jid) => edits.has(jid)).map((jid) => ({ jid, affiliation: 'owner' }))
  throw notAcceptable(request, 'a node needs an owner', 'affiliation', kept)
}

/** The refusal of changes, with what they would have changed as it is. */
function notAcceptable(
  request: Request,
  text: string,
  name: string,
  unchanged: readonly Readonly<Record<string, string>>[],
): StanzaError {
  const elements = unchanged.map((attributes) => element(name, pubsubOwnerNamespace, attributes))
  const returned = request.result({ node: request.nodeName }, ...elements)
  return new StanzaError('not-acceptable', text, { returned })
}

function checkRoom(request: Request, node: Node, edits: ReadonlyMap<string, Subscription | undefined>): void {
  let size = node.subscriptions.size
  for (const [address, subscription] of edits) {
    const isThere = node.subscriptions.has(address)
    if (subscription && !isThere) size += 1
    if (!subscription && isThere) size -= 1
  }
  if (size > request.service.limits.subscriptionsPerNode) {
    throw new StanzaError('policy-violation', 'there are too many subscriptions')
  }
}

function addressOf(item: Element): Jid {
  const jid = parseJid(item.attribute('jid') ?? '')
  if (!jid) throw new StanzaError('jid-malformed', 'that is no address')
  return jid
}
