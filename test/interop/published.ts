// What somebody who uses @xmpp/client publishes in nodes of their own, and reads in those of others.
import { type XmlNode, xml } from '@xmpp/client'
import type { Person } from './person.ts'

const pubsubNamespace = 'http://jabber.org/protocol/pubsub'

const pubsub = (...children: XmlNode[]) => xml('pubsub', { xmlns: pubsubNamespace }, ...children)
const field = (name: string, value: string) => xml('field', { var: name }, xml('value', {}, value))

/** An item, and who may read it. */
export interface Published {
  readonly node: string
  readonly id: string
  readonly payload: XmlNode
  readonly model: string
  /** Further options of the node, by field. */
  readonly options?: Readonly<Record<string, string>>
}

/** Publishes an item; rejects if the options are not those of the node (XEP-0060 §7.1.5). */
export function publish(person: Person, { node, id, payload, model, options = {} }: Published) {
  const fields = { 'pubsub#access_model': model, ...options }
  const form = xml(
    'x',
    { xmlns: 'jabber:x:data', type: 'submit' },
    field('FORM_TYPE', `${pubsubNamespace}#publish-options`),
    ...Object.entries(fields).map(([name, value]) => field(name, value)),
  )
  const item = xml('publish', { node }, xml('item', { id }, payload))
  return person.xmpp.iqCaller.set(pubsub(item, xml('publish-options', {}, form)))
}

/** The items of a node, of one's own or of the account `of`; rejects if they may not be read. */
export async function itemsIn(person: Person, node: string, of?: string): Promise<XmlNode[]> {
  const answer = await person.xmpp.iqCaller.get(pubsub(xml('items', { node })), of)
  return answer?.getChild('items')?.getChildren('item') ?? []
}
