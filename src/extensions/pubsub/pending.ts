// XEP-0060 §8.7: a command with which owners are asked again about those who wait for them.
import type { Jid } from '../../jid/jid.ts'
import { type Field, form } from '../../stanza/form.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import type { Command, Stage } from '../commands/commands.ts'
import { checkOwner } from './access.ts'
import { subscribeAuthorizationForm } from './namespaces.ts'
import type { Node, NodeHead } from './node.ts'
import type { PubSubService } from './pubsub-service.ts'
import { accessModel } from './settings/access-model.ts'
import { askOwner } from './subscriptions.ts'

/** The command `get-pending` of a service; `most` are listed. */
export function getPending(service: PubSubService, most: number): Command {
  return {
    node: 'http://jabber.org/protocol/pubsub#get-pending',
    name: 'Get pending subscription requests',
    // Who owns no node is told so when asking.
    isAllowed: () => true,
    start: (from) => listNodes(service, from, most),
  }
}

async function listNodes(service: PubSubService, from: Jid, most: number): Promise<Stage> {
  await service.nodes.open()
  const waitedFor: string[] = []
  let isOwner = service.policy.ownsAll(from)
  for (const head of await headsFor(service, from)) {
    const node = await service.nodes.find(head.name)
    if (!node || service.affiliationOf(node, from) !== 'owner') continue
    isOwner = true
    if (pendingOf(node).length > 0) waitedFor.push(node.name)
    if (waitedFor.length === most) break
  }
  if (!isOwner) throw new StanzaError('forbidden', 'only owners do that')
  const options = waitedFor.map((value) => ({ value }))
  const field: Field = { var: 'pubsub#node', type: 'list-single', label: 'Node', options }
  return {
    form: form({ type: 'form', formType: subscribeAuthorizationForm, fields: [field] }),
    submit: ({ values }) => ask(service, from, values.get('pubsub#node')?.[0]),
  }
}

/** Nodes that may be somebody's own; of all there are those that ask their owners. */
async function headsFor({ nodes, policy }: PubSubService, from: Jid): Promise<NodeHead[]> {
  const names = policy.ownsAll(from) ? undefined : await nodes.store.namesFor(from)
  const isOwn = names && new Set(names)
  return [...nodes.heads].filter(({ name, config }) =>
    isOwn ? isOwn.has(name) : config.get(accessModel) === 'authorize',
  )
}

async function ask(service: PubSubService, from: Jid, name: string | undefined): Promise<Stage> {
  const node = name === undefined ? undefined : await service.nodes.find(name)
  if (!node) throw new StanzaError('item-not-found', 'there is no such node')
  checkOwner(service, node, from)
  await Promise.all(pendingOf(node).map((subscription) => askOwner(service, node, subscription, from)))
  return {}
}

function pendingOf({ subscriptions }: Node) {
  return [...subscriptions.values()].filter(({ state }) => state === 'pending')
}
