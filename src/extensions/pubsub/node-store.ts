// What is kept of the nodes at one address: heads in one place, and each node's lists and items in a place of its own.
import { type Jid, parseJid } from '../../jid/jid.ts'
import type { Collection, Store, Value } from '../../storage/storage.ts'
import { parseAffiliation } from './affiliation.ts'
import { type ItemTotals, Node, type NodeHead } from './node.ts'
import { NodeConfig } from './settings/node-config.ts'
import type { Subscription } from './subscription.ts'

type KeptHead = {
  readonly creator: string
  readonly createdAt: number
  readonly values: { readonly [field: string]: Value }
  readonly shelf?: string
}
/** A node that was deleted in favour of another one. */
type KeptRedirect = { readonly redirect: string }
/** Items that nobody has any more, and that are still to be removed: kept under their place. */
type KeptLeft = { readonly left: true }
type KeptSubscription = { readonly state: string; readonly subid: string; readonly deliver?: false }

const totalsKey = 'totals'
const affiliationPrefix = 'affiliation '
const subscriptionPrefix = 'subscription '
const mostAtOnce = 1_000_000
/** What no node's name begins with: XML has no such character. */
const leftPrefix = '\u0001'

/** Changes to what a node holds: what is kept under a key, or `undefined` for nothing. */
export type Changes = Map<string, Value | undefined>

/** The nodes of one owner in the store: of an account, or of a service as a whole (`''`). */
export class NodeStore {
  readonly owner: string
  /** By the node's name. */
  readonly #heads: Collection<KeptHead | KeptRedirect | KeptLeft>
  /** By bare address: nodes where somebody is something, or was. An account's own few are looked through instead. */
  readonly #nodesByAddress: Collection<true> | undefined
  /** By owner and node: affiliations and subscriptions. */
  readonly #lists: Collection
  /** By owner and node: items, in whatever way they are kept. */
  readonly items: Collection

  constructor(store: Store, owner: string) {
    this.owner = owner
    this.#heads = store.collection('pubsub-nodes')
    this.#nodesByAddress = owner === '' ? store.collection('pubsub-known') : undefined
    this.#lists = store.collection('pubsub-lists')
    this.items = store.collection('pubsub-items')
  }

  /** All nodes there are, where those went that were deleted, and the places of items that nobody has any more. */
  async heads(defaults: NodeConfig): Promise<Heads> {
    const heads: NodeHead[] = []
    const redirects = new Map<string, string>()
    const left: string[] = []
    for (const [name, kept] of await this.#heads.all(this.owner)) {
      if ('left' in kept) left.push(name.slice(leftPrefix.length))
      if ('redirect' in kept) redirects.set(name, kept.redirect)
      const creator = 'creator' in kept ? parseJid(kept.creator) : undefined
      if (!('creator' in kept) || !creator) continue
      const config = new NodeConfig(Object.entries(kept.values), defaults)
      heads.push({ name, creator, createdAt: kept.createdAt, config, shelf: kept.shelf ?? '' })
    }
    return { heads, redirects, left }
  }

  /** Keeps a node's configuration. */
  saveHead(head: NodeHead): Promise<void> {
    return this.#heads.set(this.owner, head.name, keptHead(head))
  }

  /** Gives a node another place for its items; those there are nobody has any more. Answers where they are. */
  async moveItems(head: NodeHead, shelf: string): Promise<string> {
    const left = this.placeOf(head)
    const moved: KeptHead = { ...keptHead(head), shelf }
    const changes = new Map<string, KeptHead | KeptLeft | undefined>([
      [head.name, moved],
      [leftPrefix + left, { left: true }],
      [leftPrefix + this.placeOf({ name: head.name, shelf }), undefined],
    ])
    await this.#heads.change(this.owner, changes)
    return left
  }

  /** Puts items where `moveItems` will make them a node's own; until then nobody has them. */
  async prepare(node: Shelved, changes: Changes): Promise<void> {
    const place = this.placeOf(node)
    await this.#heads.set(this.owner, leftPrefix + place, { left: true })
    await this.items.change(place, changes)
  }

  /** Removes the items at a place that nobody has any more, a part at a time. */
  async sweep(place: string): Promise<void> {
    while ((await this.items.removeFirst(place, removedAtOnce)) === removedAtOnce);
    await this.#heads.set(this.owner, leftPrefix + place, undefined)
  }

  /** Reads what a node holds. */
  async load(head: NodeHead): Promise<Node> {
    const node = new Node(head)
    const place = this.#listsOf(node.name)
    const [totals, affiliations, subscriptions] = await Promise.all([
      this.items.get(this.placeOf(node), totalsKey),
      this.#list(place, affiliationPrefix),
      this.#list(place, subscriptionPrefix),
    ])
    if (totals) node.totals = totals as ItemTotals
    for (const [address, value] of affiliations) {
      const affiliation = parseAffiliation(String(value))
      if (affiliation) node.affiliations.set(address, affiliation)
    }
    for (const [address, value] of subscriptions) {
      const subscription = subscriptionOf(address, value as KeptSubscription)
      if (subscription) node.subscriptions.set(address, subscription)
    }
    return node
  }

  /** Bytes of the payloads of a node that is not in memory. */
  async bytesOf(node: Shelved): Promise<number> {
    const totals = await this.items.get(this.placeOf(node), totalsKey)
    return (totals as ItemTotals | undefined)?.bytes ?? 0
  }

  /** Keeps changes to a node's lists, together or not at all. */
  async changeLists(node: Node, changes: Changes): Promise<void> {
    const noted = [...addressesIn(changes)].map((address) =>
      this.#nodesByAddress?.set(address, node.name, true),
    )
    await Promise.all([...noted, this.#lists.change(this.#listsOf(node.name), changes)])
  }

  /** Names of nodes where somebody may be something; `undefined` if that is not kept. */
  async namesFor(jid: Jid): Promise<string[] | undefined> {
    const found = await this.#nodesByAddress?.all(jid.bare.toString())
    return found && [...found.keys()]
  }

  /** Somebody has turned out to be nothing to a node. */
  async forgetName(jid: Jid, name: string): Promise<void> {
    await this.#nodesByAddress?.set(jid.bare.toString(), name, undefined)
  }

  /** Keeps changes to a node's items, together or not at all. */
  changeItems(node: Node, changes: Changes): Promise<void> {
    return this.items.change(this.placeOf(node), changes)
  }

  /** Forgets a node; `redirect` says where it went. Answers the place of its items, which nobody has any more. */
  async remove(node: NodeHead, redirect?: string): Promise<string> {
    const left = this.placeOf(node)
    const changes = new Map<string, KeptRedirect | KeptLeft | undefined>([
      [node.name, redirect === undefined ? undefined : { redirect }],
      [leftPrefix + left, { left: true }],
    ])
    await Promise.all([this.#heads.change(this.owner, changes), this.#lists.clear(this.#listsOf(node.name))])
    return left
  }

  /** Forgets all nodes. */
  async removeAll(): Promise<void> {
    for (const [name, kept] of await this.#heads.all(this.owner)) {
      if ('left' in kept) await this.sweep(name.slice(leftPrefix.length))
      if (!('creator' in kept)) continue
      await this.#lists.clear(this.#listsOf(name))
      await this.sweep(this.placeOf({ name, shelf: kept.shelf ?? '' }))
    }
    await this.#heads.clear(this.owner)
  }

  /** Where a node's items are kept. No account's name has a line break, and no node's name the character behind it. */
  placeOf({ name, shelf }: Shelved): string {
    return shelf === '' ? this.#listsOf(name) : `${this.owner}\n${name}${leftPrefix}${shelf}`
  }

  #listsOf(name: string): string {
    return `${this.owner}\n${name}`
  }

  async #list(place: string, prefix: string): Promise<[string, Value][]> {
    const range = { after: prefix, before: behind(prefix), limit: mostAtOnce }
    const found = await this.#lists.page(place, range)
    return [...found].map(([key, value]) => [key.slice(prefix.length), value])
  }
}

/** Items that are removed together; others are served in between. */
const removedAtOnce = 1000

type Shelved = Pick<NodeHead, 'name' | 'shelf'>

/** What is kept at an address. */
export interface Heads {
  readonly heads: NodeHead[]
  readonly redirects: Map<string, string>
  readonly left: string[]
}

function keptHead({ creator, createdAt, config, shelf }: NodeHead): KeptHead {
  const values = Object.fromEntries(config.entries())
  return { creator: creator.toString(), createdAt, values, ...(shelf === '' ? {} : { shelf }) }
}

/** The first text behind all that begin with `prefix`, which ends with a space. */
export function behind(prefix: string): string {
  return `${prefix.slice(0, -1)}!`
}

/** Adds to changes what a node's items come to. */
export function putTotals(changes: Changes, totals: ItemTotals): void {
  changes.set(totalsKey, totals)
}

/** Adds to changes what somebody is to a node. */
export function putAffiliation(changes: Changes, node: Node, jid: Jid): void {
  const address = jid.bare.toString()
  changes.set(affiliationPrefix + address, node.affiliations.get(address))
}

/** Adds to changes a subscription as it is now. */
export function putSubscription(changes: Changes, node: Node, address: string): void {
  const subscription = node.subscriptions.get(address)
  const kept: KeptSubscription | undefined = subscription && {
    state: subscription.state,
    subid: subscription.subid,
    ...(subscription.isDelivered ? {} : { deliver: false }),
  }
  changes.set(subscriptionPrefix + address, kept)
}

/** Bare addresses of whom changes make something to a node. */
function addressesIn(changes: Changes): Set<string> {
  const found = new Set<string>()
  for (const [key, value] of changes) {
    const address = value === undefined ? '' : key.slice(key.indexOf(' ') + 1)
    const jid = parseJid(address)
    if (jid) found.add(jid.bare.toString())
  }
  return found
}

function subscriptionOf(address: string, kept: KeptSubscription): Subscription | undefined {
  const jid = parseJid(address)
  if (!jid || (kept.state !== 'subscribed' && kept.state !== 'pending')) return undefined
  return { jid, state: kept.state, subid: kept.subid, isDelivered: kept.deliver !== false }
}

/** Forgets all nodes of an owner. */
export function removeAllNodes(store: Store, owner: string): Promise<void> {
  return new NodeStore(store, owner).removeAll()
}
