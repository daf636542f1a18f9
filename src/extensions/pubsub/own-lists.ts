// XEP-0060 §5.6 and §5.7: what somebody is at this service.
import type { Jid } from '../../jid/jid.ts'
import { pubsubNamespace } from '../../stanza/namespaces.ts'
import { type Element, element } from '../../xml/element.ts'
import type { Node } from './node.ts'
import type { Request } from './request.ts'
import { subscriptionElement } from './subscriptions.ts'

/** `<subscriptions/>`: one's own, to one node or to all. */
export async function getOwnSubscriptions(request: Request): Promise<Element> {
  const found: Element[] = []
  for await (const node of nodesOf(request)) {
    for (const subscription of node.subscriptions.values()) {
      if (subscription.jid.bare.equals(request.from.bare))
        found.push(subscriptionElement(pubsubNamespace, node.name, subscription))
    }
  }
  return request.result({ node: request.nodeName }, ...found)
}

/** `<affiliations/>`: one's own, to one node or to all. */
export async function getOwnAffiliations(request: Request): Promise<Element> {
  const found: Element[] = []
  for await (const node of nodesOf(request)) {
    const affiliation = node.affiliationOf(request.from)
    if (affiliation !== 'none')
      found.push(element('affiliation', pubsubNamespace, { node: node.name, affiliation }))
  }
  return request.result({ node: request.nodeName }, ...found)
}

async function* nodesOf(request: Request): AsyncGenerator<Node> {
  if (request.nodeName !== undefined) {
    yield await request.node()
    return
  }
  const { nodes } = request.service
  const names = (await nodes.store.namesFor(request.from)) ?? [...nodes.heads].map(({ name }) => name)
  for (const name of names) {
    const node = nodes.has(name) ? await nodes.find(name) : undefined
    if (node && isSomething(node, request.from)) yield node
    // The node is gone, or who asks has left it.
    else await nodes.run(name, () => forget(request, name))
  }
}

async function forget({ service: { nodes }, from }: Request, name: string): Promise<void> {
  const node = nodes.has(name) ? await nodes.find(name) : undefined
  if (!node || !isSomething(node, from)) await nodes.store.forgetName(from, name)
}

function isSomething(node: Node, jid: Jid): boolean {
  if (node.affiliationOf(jid) !== 'none') return true
  for (const subscription of node.subscriptions.values())
    if (subscription.jid.bare.equals(jid.bare)) return true
  return false
}
