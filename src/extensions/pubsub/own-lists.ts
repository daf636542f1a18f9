// XEP-0060 §5.6 and §5.7: what somebody is at this service.
import { type Element, element } from '../../xml/element.ts'
import { pubsubNamespace } from './namespaces.ts'
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
  for (const { name } of [...nodes.heads]) {
    const node = nodes.has(name) ? await nodes.find(name) : undefined
    if (node) yield node
  }
}
