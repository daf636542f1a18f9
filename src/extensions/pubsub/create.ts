// XEP-0060 §8.1: making nodes.
import type { Jid } from '../../jid/jid.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import type { Element } from '../../xml/element.ts'
import { submittedForm, withForm } from './config-form.ts'
import { nodeConfigForm } from './namespaces.ts'
import type { Node } from './node.ts'
import type { PubSubService } from './pubsub-service.ts'
import { misplaced, refusal } from './refusal.ts'
import { isBehind, type Request } from './request.ts'
import type { NodeConfig } from './settings/node-config.ts'

/** `<create/>`, with `<configure/>` beside it or not. Without a name the service makes one up. */
export async function create(request: Request, name: string): Promise<Element | undefined> {
  const { service, pubsub } = request
  const configure = pubsub.child('configure')
  // XEP-0060 §8.1.3
  if (configure && !isBehind(request, configure, ['node'])) throw misplaced('configure')
  const submitted = submittedForm(configure, nodeConfigForm)
  const standard = service.policy.defaults.child()
  const config = submitted ? withForm(service, standard, submitted) : standard
  await createNode(service, name, request.from, config)
  // XEP-0060 §8.1.2: a name that was not asked for must be told.
  return request.nodeName === undefined ? request.result({ node: name }) : undefined
}

/**
 * Makes a node for somebody, if it may be made.
 * @throws StanzaError conflict, forbidden, not-acceptable or policy-violation
 */
export async function createNode(
  service: PubSubService,
  name: string,
  creator: Jid,
  config: NodeConfig,
): Promise<Node> {
  const { nodes, policy, limits } = service
  if (!policy.mayCreate(creator)) throw new StanzaError('forbidden', 'you may not make nodes here')
  if (nodes.has(name)) throw new StanzaError('conflict', 'there is such a node already')
  if (Buffer.byteLength(name) > limits.nameBytes) {
    throw new StanzaError('not-acceptable', `a node’s name has at most ${limits.nameBytes} bytes`)
  }
  checkNumber(service, creator)
  return nodes.create(name, creator, service.clock.now(), config)
}

function checkNumber({ nodes, policy }: PubSubService, creator: Jid): void {
  const most = policy.maxNodesPerCreator
  let own = 0
  for (const head of nodes.heads) if (head.creator.equals(creator.bare)) own += 1
  if (nodes.size < policy.maxNodes && own < most) return
  throw refusal('policy-violation', 'max-nodes-exceeded', 'there are too many nodes')
}
