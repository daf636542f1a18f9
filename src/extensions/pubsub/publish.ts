// XEP-0060 §7.1: publishing.
import type { SubmittedForm } from '../../stanza/form.ts'
import { publishOptionsForm, pubsubNamespace } from '../../stanza/namespaces.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import { type Element, element } from '../../xml/element.ts'
import { serialize } from '../../xml/serialize.ts'
import { checkPublishing } from './access.ts'
import { submittedForm } from './config-form.ts'
import { createNode } from './create.ts'
import { announce, itemsEvent } from './events.ts'
import { eventItem } from './item-elements.ts'
import { expireItems, mostItems } from './kept-items.ts'
import type { LookAhead } from './known-items.ts'
import type { Item, Node } from './node.ts'
import type { Keeping } from './node-items.ts'
import { checkPreconditions, configOfOptions } from './publish-options.ts'
import type { PubSubService } from './pubsub-service.ts'
import { refusal } from './refusal.ts'
import { nodeIdRequired, type Request } from './request.ts'
import { deliverPayloads } from './settings/deliver-payloads.ts'
import { maxPayloadSize } from './settings/max-payload-size.ts'
import type { NodeConfig } from './settings/node-config.ts'
import { persistItems } from './settings/persist-items.ts'
import { publishFullNode } from './settings/publish-full-node.ts'
import { type } from './settings/type.ts'

interface NewItem {
  readonly item: Item
  readonly payload: Element | undefined
}

/** Begins to look for what a `<publish/>` replaces, while earlier ones are being kept. */
export function lookAhead({ service, nodeName, action }: Request): LookAhead | undefined {
  if (nodeName === undefined) return undefined
  const ids = action.elements('item').map((item) => item.attribute('id') ?? '')
  return service.nodes.lookAhead(nodeName, ids.filter(Boolean).slice(0, service.limits.itemsPerRequest))
}

/**
 * Takes a `<publish/>`. What it answers tells those who are subscribed, when all is kept, and resolves with the result,
 * which names what was published.
 */
export async function publish(request: Request, ahead?: LookAhead): Promise<() => Promise<Element>> {
  const { service, nodeName } = request
  if (nodeName === undefined) throw nodeIdRequired()
  const options = submittedForm(request.pubsub.child('publish-options'), publishOptionsForm)
  const existing = await service.nodes.find(nodeName)
  const config = existing ? checkedConfig(request, existing, options) : newConfig(request, options)
  const news = itemsOf(request, config)
  const node = existing ?? (await createNode(service, nodeName, request.from, config))
  const keeping = await keep(request, node, news, ahead)
  return async () => {
    await keeping?.kept
    return announceAll(request, node, news)
  }
}

async function announceAll(request: Request, node: Node, news: readonly NewItem[]): Promise<Element> {
  const { service } = request
  for (const { item, payload } of news) {
    const content = itemsEvent(node, eventItem(service, node, item, payload))
    await announce(service, node, content, request.slow)
  }
  request.changed({ node: node.name, published: news.map(({ item, payload }) => ({ id: item.id, payload })) })
  const told = news.map(({ item }) => element('item', pubsubNamespace, { id: item.id }))
  return request.result({ node: node.name }, ...told)
}

function checkedConfig(
  { service, from }: Request,
  node: Node,
  options: SubmittedForm | undefined,
): NodeConfig {
  checkPublishing(service, node, from)
  if (options) checkPreconditions(service, node, options)
  return node.config
}

// XEP-0060 §7.1.4: a node that is not there is made where the service does that.
function newConfig({ service, from }: Request, options: SubmittedForm | undefined): NodeConfig {
  if (!service.policy.createsOnPublish || !service.policy.mayCreate(from)) {
    throw new StanzaError('item-not-found', 'there is no such node')
  }
  return configOfOptions(service, options)
}

async function keep(
  { service }: Request,
  node: Node,
  news: readonly NewItem[],
  ahead: LookAhead | undefined,
): Promise<Keeping | undefined> {
  if (!node.config.get(persistItems)) return undefined
  const most = mostItems(service, node)
  const items = news.map(({ item }) => item)
  await expireItems(service, node)
  await checkRoom(service, node, new Set(items.map(({ id }) => id)), most)
  const room = { items: most, bytes: await bytesLeft(service) }
  const keeping = await service.nodes.items.add(node, items, room, ahead)
  if (keeping) return keeping
  throw new StanzaError('resource-constraint', 'there is no room for that')
}

async function checkRoom(
  { nodes }: PubSubService,
  node: Node,
  ids: ReadonlySet<string>,
  most: number,
): Promise<void> {
  // XEP-0060 §12.16
  if (ids.size > most) {
    throw refusal('not-allowed', 'max-items-exceeded', `this node has at most ${most} items`)
  }
  if (node.itemCount + ids.size <= most || node.config.get(publishFullNode) !== 'reject') return
  let count = node.itemCount
  for (const id of ids) if (!(await nodes.items.find(node, id))) count += 1
  if (count > most) throw refusal('conflict', 'node-full', 'there is no room for another item')
}

async function bytesLeft({ policy, nodes }: PubSubService): Promise<number> {
  return policy.maxBytes === undefined ? Number.POSITIVE_INFINITY : policy.maxBytes - (await nodes.bytes())
}

// XEP-0060 §7.1.3.6: what a node of each kind takes.
function itemsOf(request: Request, config: NodeConfig): NewItem[] {
  const given = request.elements('item')
  const isPersistent = config.get(persistItems)
  const hasPayloads = config.get(deliverPayloads)
  if (given.length === 0) {
    if (isPersistent || hasPayloads) throw refusal('bad-request', 'item-required', 'there is no item')
    return [newItem(request, config, undefined)]
  }
  if (!isPersistent && !hasPayloads) {
    throw refusal('bad-request', 'item-forbidden', 'this node takes no items')
  }
  return given.map((item) => newItem(request, config, item))
}

function newItem(request: Request, config: NodeConfig, given: Element | undefined): NewItem {
  const { service } = request
  const [payload, another] = given?.elements() ?? []
  if (another) throw refusal('bad-request', 'invalid-payload', 'an item has one payload')
  const item = {
    id: idOf(request, given),
    publisher: request.from.bare.toString(),
    when: service.clock.now(),
  }
  if (!payload) return { item, payload }
  // XEP-0060 §7.1.3.5: a type that is no namespace only says what is meant.
  const wanted = config.get(type)
  if (wanted.includes(':') && wanted !== payload.namespace) {
    throw refusal('bad-request', 'invalid-payload', `payloads are in the namespace ${wanted} here`)
  }
  const text = serialize(payload)
  const most = config.get(maxPayloadSize) || Number.POSITIVE_INFINITY
  if (Buffer.byteLength(text) > Math.min(most, service.limits.payloadBytes)) {
    throw refusal('not-acceptable', 'payload-too-big', 'the payload is too large')
  }
  return { item: { ...item, payload: text }, payload }
}

function idOf({ service }: Request, given: Element | undefined): string {
  const id = given?.attribute('id')
  if (id === undefined || id === '') return service.ids.id()
  const most = service.limits.itemIdBytes
  if (Buffer.byteLength(id) > most) throw new StanzaError('not-acceptable', `an id has at most ${most} bytes`)
  return id
}
