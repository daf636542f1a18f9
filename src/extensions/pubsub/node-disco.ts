// XEP-0060 §5.2 to §5.5: nodes and items in service discovery.
import { formatDate } from '../../stanza/delay.ts'
import { type Field, form } from '../../stanza/form.ts'
import { pubsubNamespace } from '../../stanza/namespaces.ts'
import { type Page, type PageRequest, pageOf } from '../../stanza/paging.ts'
import type { Iq } from '../../stanza/stanza.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import type { DiscoInfo, DiscoItem } from '../disco/disco.ts'
import { checkAccess, checkReading } from './access.ts'
import { valueField } from './config-form.ts'
import { metaDataForm } from './namespaces.ts'
import type { Node, NodeHead } from './node.ts'
import type { PubSubService } from './pubsub-service.ts'
import { accessModel } from './settings/access-model.ts'
import { nodeSettings } from './settings/settings.ts'
import { title } from './settings/title.ts'

/** What a node says of itself, and what it is set to (XEP-0060 §5.4). */
export async function nodeInfo(service: PubSubService, name: string, iq: Iq): Promise<DiscoInfo | undefined> {
  const node = await visibleNode(service, name, iq)
  return (
    node && {
      identities: [{ category: 'pubsub', type: 'leaf', ...nameOf(node) }],
      features: [pubsubNamespace],
      forms: [form({ type: 'result', formType: metaDataForm, fields: metaData(service, node) })],
    }
  )
}

/** The items of a node, by their ids (XEP-0060 §5.5): the newest, as many as fit into an answer. */
export async function nodeItems(
  service: PubSubService,
  name: string,
  iq: Iq,
): Promise<readonly DiscoItem[] | undefined> {
  const node = await visibleNode(service, name, iq)
  if (!node) return undefined
  await checkReading(service, node, iq.from)
  const range = { limit: service.limits.pageSize, backward: true }
  const found = (await service.nodes.items.page(node, range)) ?? []
  return found.map(({ id }) => ({ jid: service.jid, name: id }))
}

/** A page of the nodes that somebody may know of (XEP-0060 §5.2). */
export async function listNodes(
  service: PubSubService,
  iq: Iq,
  request: PageRequest,
  most?: number,
): Promise<Page<DiscoItem>> {
  await service.nodes.open()
  const headByName = new Map<string, NodeHead>()
  const names = await service.nodes.store.namesFor(iq.from)
  const mayBeKnown = names && new Set(names)
  for (const head of service.nodes.heads) {
    if (await isListed(service, head, iq, mayBeKnown)) headByName.set(head.name, head)
  }
  const page = pageOf([...headByName.keys()].sort(), request, most)
  const items = page.items.map((node) => {
    return { jid: service.jid, node, ...nameOf(headByName.get(node) as NodeHead) }
  })
  return { ...page, items }
}

async function visibleNode(service: PubSubService, name: string, iq: Iq): Promise<Node | undefined> {
  await service.nodes.open()
  const node = await service.nodes.find(name)
  if (node) await checkAccess(service, node, iq.from)
  return node
}

// A closed node is known to those who may read it; of a service's many only those are looked into where they are something.
async function isListed(
  service: PubSubService,
  head: NodeHead,
  iq: Iq,
  mayBeKnown: ReadonlySet<string> | undefined,
): Promise<boolean> {
  const model = head.config.get(accessModel)
  if (model === 'open' || model === 'authorize' || service.policy.ownsAll(iq.from)) return true
  if (mayBeKnown && !mayBeKnown.has(head.name)) return false
  const node = await service.nodes.find(head.name)
  if (!node) return false
  return checkAccess(service, node, iq.from).then(
    () => true,
    (error: unknown) => {
      if (error instanceof StanzaError) return false
      throw error
    },
  )
}

function nameOf({ config }: NodeHead): { name?: string } {
  const name = config.get(title)
  return name === '' ? {} : { name }
}

function metaData(service: PubSubService, node: Node): Field[] {
  const publishers = [...node.affiliated('publisher'), ...node.affiliated('publish-only')]
  const subscribers = [...node.subscriptions.values()].filter(({ state }) => state === 'subscribed')
  return [
    ...nodeSettings
      .filter(({ isMetaData }) => isMetaData)
      .map((setting) => valueField(service, setting, node.config)),
    { var: 'pubsub#creator', type: 'jid-single', label: 'Node creator', values: [node.creator.toString()] },
    {
      var: 'pubsub#creation_date',
      type: 'text-single',
      label: 'Creation date',
      values: [formatDate(node.createdAt)],
    },
    { var: 'pubsub#owner', type: 'jid-multi', label: 'Node owners', values: [...node.affiliated('owner')] },
    { var: 'pubsub#publisher', type: 'jid-multi', label: 'Publishers to this node', values: publishers },
    {
      var: 'pubsub#num_subscribers',
      type: 'text-single',
      label: 'Number of subscribers to this node',
      values: [String(subscribers.length)],
    },
  ]
}
