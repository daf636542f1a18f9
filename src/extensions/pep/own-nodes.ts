// What other extensions do with the nodes of accounts: read them, and publish in the account's name.
import type { Undo } from '../../base/scope.ts'
import type { Account } from '../../host/account.ts'
import { form } from '../../stanza/form.ts'
import { publishOptionsForm, pubsubNamespace } from '../../stanza/namespaces.ts'
import { Iq } from '../../stanza/stanza.ts'
import { type Element, element } from '../../xml/element.ts'
import {
  type AccessModel,
  accessModel,
  answer,
  type Item,
  type NodeConfig,
  payloadOf,
} from '../pubsub/pubsub.ts'
import type { AccountNodeChange, AccountNodes } from './account-nodes.ts'

/** An item of an account's node. */
export interface OwnItem {
  readonly id: string
  readonly payload: Element | undefined
}

/** What an extension publishes in an account's name. */
export interface Publication {
  readonly node: string
  readonly id: string
  readonly payload: Element
  /** Settings that the node begins with where this makes it, by form field. */
  readonly settings: Readonly<Record<string, string>>
}

/** What other extensions get of `pep`. */
export class OwnNodes {
  readonly #nodes: AccountNodes
  readonly #mostItems: number

  constructor(nodes: AccountNodes, mostItems: number) {
    this.#nodes = nodes
    this.#mostItems = mostItems
  }

  /** Hears of every change of an account's items once it is kept; what was asked for is answered afterwards. */
  changed(listener: (change: AccountNodeChange) => void | Promise<void>): Undo {
    return this.#nodes.changes.add(listener)
  }

  /** The access model of a node; `undefined` if there is no such node. */
  async accessOf(account: Account, node: string): Promise<AccessModel | undefined> {
    return (await this.#configOf(account, node))?.get(accessModel)
  }

  /** All items of a node, oldest first; none if there is no such node. */
  async items(account: Account, node: string): Promise<OwnItem[]> {
    const { nodes } = this.#nodes.of(account)
    const found = await this.#find(account, node)
    const items = found && (await nodes.items.page(found, { limit: this.#mostItems }))
    return (items ?? []).map(ownItem)
  }

  /** The item of an id, or without one the item that was published last. */
  async item(account: Account, node: string, id?: string): Promise<OwnItem | undefined> {
    const { items } = this.#nodes.of(account).nodes
    const found = await this.#find(account, node)
    const item = found && (await (id === undefined ? items.last(found) : items.find(found, id)))
    return item && ownItem(item)
  }

  /**
   * Publishes in the account's name, as `origin`, which is what the extension is called.
   * @throws StanzaError as the account itself would be answered
   */
  async publish(
    account: Account,
    { node, id, payload, settings }: Publication,
    origin: string,
  ): Promise<void> {
    const item = element('item', pubsubNamespace, { id }, payload)
    const children = [element('publish', pubsubNamespace, { node }, item)]
    if (!(await this.#configOf(account, node))) {
      const fields = Object.entries(settings).map(([field, value]) => ({ var: field, values: [value] }))
      const options = form({ type: 'submit', formType: publishOptionsForm, fields })
      children.push(element('publish-options', pubsubNamespace, {}, options))
    }
    await this.#ask(account, children, origin)
  }

  /**
   * Takes an item back in the account's name, as `origin`, and tells who is interested.
   * @throws StanzaError as the account itself would be answered
   */
  async retract(account: Account, node: string, id: string, origin: string): Promise<void> {
    const item = element('item', pubsubNamespace, { id })
    await this.#ask(account, [element('retract', pubsubNamespace, { node, notify: 'true' }, item)], origin)
  }

  async #ask(account: Account, children: Element[], origin: string): Promise<void> {
    const { jid } = account
    const pubsub = element('pubsub', pubsubNamespace, {}, ...children)
    await answer(
      this.#nodes.of(account),
      new Iq('set', { from: jid, to: jid, id: origin, children: [pubsub] }),
      origin,
    )
  }

  async #configOf(account: Account, node: string): Promise<NodeConfig | undefined> {
    return (await this.#find(account, node))?.config
  }

  async #find(account: Account, name: string) {
    const { nodes } = this.#nodes.of(account)
    await nodes.open()
    // One that was deleted in favour of another is none of the account's.
    return nodes.has(name) ? nodes.find(name) : undefined
  }
}

function ownItem(item: Item): OwnItem {
  return { id: item.id, payload: payloadOf(item) }
}
