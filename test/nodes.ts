// Nodes for tests: a service and accounts with clients, short ways to ask, and what came in short.
import { createHash } from 'node:crypto'
import { pep } from '../src/extensions/pep/pep.ts'
import { pubsub } from '../src/extensions/pubsub/pubsub.ts'
import type { MemoryClient } from '../src/server/memory-client.ts'
import { type Element, element } from '../src/xml/element.ts'
import { serialize } from '../src/xml/serialize.ts'
import { type InMemory, type InMemoryParts, inMemoryServer } from './in-memory.ts'

const namespace = 'http://jabber.org/protocol/pubsub'

export const service = 'pubsub.localhost'

/** What a test of nodes wants to be different. */
export interface NodesParts extends Omit<InMemoryParts, 'options'> {
  /** Options of `pubsub`. */
  readonly pubsubOptions?: object
  /** Options of `pep`. */
  readonly pep?: object
  /** Options of other extensions, by name. */
  readonly extensionOptions?: Readonly<Record<string, object>>
}

/** A server with a service of nodes, administered by `admin@localhost`, and accounts that publish. */
export function nodesServer({
  pubsubOptions,
  pep: pepOptions,
  extensionOptions,
  ...parts
}: NodesParts = {}): Promise<InMemory> {
  return inMemoryServer({
    pubsub: [pubsub],
    extensions: [pep],
    admins: ['admin@localhost'],
    ...parts,
    options: {
      ...extensionOptions,
      ...(pubsubOptions ? { pubsub: pubsubOptions } : {}),
      ...(pepOptions ? { pep: pepOptions } : {}),
    },
  })
}

/** How a request is asked. */
export interface Asking {
  /** Standard is the service; `''` is one's own account. */
  readonly to?: string
  readonly type?: 'get' | 'set'
  /** Whether it is one for owners only. */
  readonly isOwner?: boolean
}

/** Asks, and gives the answer: the payload, or undefined for an empty result, or the conditions of the error as text. */
export async function ask(
  client: MemoryClient,
  inside: string,
  { to = service, type = 'set', isOwner = false }: Asking = {},
): Promise<Element | string | undefined> {
  const target = to === '' ? '' : ` to='${to}'`
  const pubsubElement = `<pubsub xmlns='${namespace}${isOwner ? '#owner' : ''}'>${inside}</pubsub>`
  await client.send(`<iq type='${type}' id='ask'${target}>${pubsubElement}</iq>`)
  const all = client.takeAll()
  const answer = all.find((stanza) => stanza.name === 'iq' && stanza.attribute('id') === 'ask')
  events.set(client, [...(events.get(client) ?? []), ...all.filter((stanza) => stanza !== answer)])
  if (!answer) return 'no answer'
  const error = answer.child('error')
  if (error) return conditionsOf(error)
  return answer.elements()[0]
}

/** The same, as text without namespaces. */
export async function asked(client: MemoryClient, inside: string, asking: Asking = {}): Promise<string> {
  const answer = await ask(client, inside, asking)
  return answer === undefined ? 'result' : typeof answer === 'string' ? answer : inShort(answer)
}

const events = new WeakMap<MemoryClient, Element[]>()

/** What came of events since the last look, in short: `node: +id`, `node: -id`, `purge node`. */
export function told(client: MemoryClient): string[] {
  const all = [...(events.get(client) ?? []), ...client.takeAll()]
  events.delete(client)
  return all.filter((stanza) => stanza.name === 'message').map(eventInShort)
}

/** A form that submits fields, with the `pubsub#` in front of their names left out. */
export function submit(
  fields: Readonly<Record<string, string | readonly string[]>>,
  form = 'node_config',
): string {
  const inside = Object.entries(fields).map(([name, given]) => {
    const values = typeof given === 'string' ? [given] : given
    return `<field var='pubsub#${name}'>${values.map((value) => `<value>${value}</value>`).join('')}</field>`
  })
  const formType = `<field var='FORM_TYPE' type='hidden'><value>${namespace}#${form}</value></field>`
  return `<x xmlns='jabber:x:data' type='submit'>${formType}${inside.join('')}</x>`
}

/** Makes a node; the fields are of its form. */
export async function make(
  client: MemoryClient,
  node: string,
  fields: Readonly<Record<string, string | readonly string[]>> = {},
  to = service,
): Promise<string> {
  return asked(client, `<create node='${node}'/><configure>${submit(fields)}</configure>`, { to })
}

/** Publishes an item with a small payload. */
export function publish(client: MemoryClient, node: string, id: string, to = service): Promise<string> {
  return asked(client, publishing(node, id), { to })
}

/** What publishes an item with a small payload. */
export function publishing(node: string, id: string): string {
  return `<publish node='${node}'><item id='${id}'><entry xmlns='urn:example'>${id}</entry></item></publish>`
}

/** The ids of the items that somebody reads; or why not. */
export async function read(client: MemoryClient, node: string, inside = '', to = service): Promise<string> {
  const answer = await ask(client, `<items node='${node}'>${inside}</items>`, { to, type: 'get' })
  if (answer === undefined || typeof answer === 'string') return answer ?? 'result'
  return (answer.child('items')?.elements('item') ?? []).map((item) => item.attribute('id')).join(' ')
}

/** Subscribes with the bare address. */
export function subscribe(client: MemoryClient, node: string, to = service): Promise<string> {
  return asked(client, `<subscribe node='${node}' jid='${client.jid.bare}'/>`, { to })
}

/** What shows a client's features (XEP-0115); `clientName` makes it another program. */
export function capsOf(features: readonly string[], clientName = 'test'): Element {
  const text = [`client/pc//${clientName}<`, ...features.toSorted().map((feature) => `${feature}<`)].join('')
  const ver = createHash('sha1').update(text).digest('base64')
  const node = 'http://example.org/client'
  return element('c', 'http://jabber.org/protocol/caps', { hash: 'sha-1', node, ver })
}

/** Becomes available with a client that has certain features, and tells of them whoever asks. */
export async function arrive(
  client: MemoryClient,
  features: readonly string[],
  clientName = 'test',
): Promise<void> {
  await client.send(element('presence', 'jabber:client', {}, capsOf(features, clientName)))
  for (let answered = -1; answered !== 0; ) answered = await answerQueries(client, features, clientName)
}

async function answerQueries(
  client: MemoryClient,
  features: readonly string[],
  clientName: string,
): Promise<number> {
  // What is under way without anybody waiting for it: reading from the store takes a few turns.
  for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate)
  const all = client.takeAll()
  const queries = all.filter((stanza) => stanza.name === 'iq' && stanza.attribute('type') === 'get')
  events.set(client, [...(events.get(client) ?? []), ...all.filter((stanza) => !queries.includes(stanza))])
  const info = 'http://jabber.org/protocol/disco#info'
  const about = [
    element('identity', info, { category: 'client', type: 'pc', name: clientName }),
    ...features.map((feature) => element('feature', info, { var: feature })),
  ]
  for (const query of queries) {
    const [to, id] = [query.attribute('from'), query.attribute('id')]
    const node = query.elements()[0]?.attribute('node')
    await client.send(
      element('iq', 'jabber:client', { type: 'result', to, id }, element('query', info, { node }, ...about)),
    )
  }
  return queries.length
}

function conditionsOf(error: Element): string {
  return error
    .elements()
    .filter(({ name }) => name !== 'text')
    .map((condition) => {
      const feature = condition.attribute('feature')
      return feature === undefined ? condition.name : `${condition.name} ${feature}`
    })
    .join(' ')
}

function eventInShort(message: Element): string {
  const event = message.child('event', `${namespace}#event`)
  if (!event) return serialize(message)
  const [content] = event.elements()
  if (content?.name !== 'items') return inShort(content as Element)
  const items = content.elements().map((item) => {
    return `${item.name === 'retract' ? '-' : '+'}${item.attribute('id')}`
  })
  return `${content.attribute('node')}: ${items.join(' ')}`
}

function inShort(element: Element): string {
  return serialize(element).replaceAll(/ xmlns='[^']*'/g, '')
}

/** The admin, who owns what is made, and two others. */
export async function people(local: InMemory) {
  const [admin, romeo, juliet] = await Promise.all([
    local.connect('admin@localhost/home'),
    local.connect('romeo@localhost/orchard'),
    local.connect('juliet@localhost/balcony'),
  ])
  for (const client of [admin, romeo, juliet]) await client.send('<presence/>')
  for (const client of [admin, romeo, juliet]) client.takeAll()
  return { admin, romeo, juliet }
}
