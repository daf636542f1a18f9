// XEP-0060: a node: its configuration, who is what to it, who is subscribed. No I/O.
import type { Jid } from '../../jid/jid.ts'
import type { Affiliation } from './affiliation.ts'
import { KnownItems } from './known-items.ts'
import type { NodeConfig } from './settings/node-config.ts'
import type { Subscription } from './subscription.ts'

/** What is known of a node without looking into it. */
export interface NodeHead {
  readonly name: string
  /** Bare address of who made it. */
  readonly creator: Jid
  /** Milliseconds since 1970. */
  readonly createdAt: number
  config: NodeConfig
  /** Where its items are kept: another place after all were removed. */
  shelf: string
}

/** An item as it is kept. */
export type Item = {
  readonly id: string
  /** Bare address of who published it. */
  readonly publisher: string
  /** When it was published, in milliseconds since 1970. */
  readonly when: number
  /** The payload as text; missing where the item has none. */
  readonly payload?: string
}

/** What a node's items come to. */
export type ItemTotals = {
  readonly items: number
  /** Of their payloads. */
  readonly bytes: number
  /** The place of the item published last; places only grow. */
  readonly last: number
}

/** What a node holds, apart from its items. */
export class Node implements NodeHead {
  readonly name: string
  readonly creator: Jid
  readonly createdAt: number
  config: NodeConfig
  shelf: string
  readonly affiliations = new Map<string, Affiliation>()
  readonly subscriptions = new Map<string, Subscription>()
  totals: ItemTotals = { items: 0, bytes: 0, last: 0 }
  /** The item published last, once it is known; `null` if there is none. */
  lastItem: Item | null | undefined
  /** Where items are, as far as that is known. */
  known = new KnownItems()
  /** Whether something could not be kept that has been counted. */
  isDoubtful = false

  constructor(head: NodeHead) {
    this.name = head.name
    this.creator = head.creator
    this.createdAt = head.createdAt
    this.config = head.config
    this.shelf = head.shelf
  }

  get itemCount(): number {
    return this.totals.items
  }

  /** What somebody is to the node by its list. */
  affiliationOf(jid: Jid): Affiliation {
    return this.affiliations.get(jid.bare.toString()) ?? 'none'
  }

  /** Bare addresses of an affiliation. */
  *affiliated(affiliation: Affiliation): IterableIterator<string> {
    for (const [address, given] of this.affiliations) if (given === affiliation) yield address
  }

  /** Whether an account or one of its resources has a subscription that counts. */
  isSubscribed(jid: Jid): boolean {
    const { subscriptions } = this
    if (subscriptions.get(jid.toString())?.state === 'subscribed') return true
    if (subscriptions.get(jid.bare.toString())?.state === 'subscribed') return true
    return false
  }

  /** Whether an account's request to subscribe waits for an owner. */
  isPending(jid: Jid): boolean {
    const { subscriptions } = this
    return [jid, jid.bare].some((address) => subscriptions.get(address.toString())?.state === 'pending')
  }
}
