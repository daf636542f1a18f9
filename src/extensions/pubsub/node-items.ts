// The items of a node, kept in the order in which they were published; an item published again goes to the end.
import type { KeyRange, Value } from '../../storage/storage.ts'
import type { Item, ItemTotals, Node } from './node.ts'
import { behind, type Changes, type NodeStore, putTotals } from './node-store.ts'

/** `place` and a number in front of the item itself, `item` and the item's id in front of where it is. */
const placePrefix = 'place '
const itemPrefix = 'item '
const placeDigits = 16
/** In bytes, and so in characters; longer ids are never published, and too long for a key. */
const longestId = 1023

/** Where an item is, and how many bytes its payload has. */
type KeptPlace = readonly [place: number, bytes: number]

/** What `add` is not to go beyond. */
export interface Room {
  /** Items of the node; the oldest are removed. */
  readonly items: number
  /** Bytes that may be added. */
  readonly bytes: number
}

/** A change of a node's items that is being put together. */
class Draft {
  readonly changes: Changes = new Map()
  totals: ItemTotals

  constructor({ totals }: Node) {
    this.totals = totals
  }

  put(item: Item): void {
    const { items, bytes, last } = this.totals
    const size = sizeOf(item)
    this.changes.set(placeKey(last + 1), item)
    this.changes.set(itemPrefix + item.id, [last + 1, size])
    this.totals = { items: items + 1, bytes: bytes + size, last: last + 1 }
  }

  remove(place: string, id: string, size: number): void {
    const { items, bytes, last } = this.totals
    this.changes.set(place, undefined)
    this.changes.set(itemPrefix + id, undefined)
    this.totals = { items: items - 1, bytes: bytes - size, last }
  }
}

/** Reads and changes items. Changes of one node must come one after the other. */
export class NodeItems {
  readonly #store: NodeStore

  constructor(store: NodeStore) {
    this.#store = store
  }

  /**
   * Keeps an item as the newest. Resolves when that would survive a loss of power.
   * @returns false if there is no room for its bytes; nothing has changed then
   */
  async add(node: Node, item: Item, room: Room): Promise<boolean> {
    const draft = new Draft(node)
    const before = await this.#find(node, item.id)
    if (before) draft.remove(placeKey(before[0]), item.id, before[1])
    draft.put(item)
    await this.#removeBeyond(node, draft, room.items)
    if (draft.totals.bytes - node.totals.bytes > room.bytes) return false
    await this.#keep(node, draft)
    node.lastItem = item
    return true
  }

  /** @returns whether there was such an item */
  async remove(node: Node, id: string): Promise<boolean> {
    const found = await this.#find(node, id)
    if (!found) return false
    const draft = new Draft(node)
    draft.remove(placeKey(found[0]), id, found[1])
    await this.#keep(node, draft)
    if (node.lastItem?.id === id) node.lastItem = undefined
    return true
  }

  /** Removes the oldest until at most `most` are left, a part at a time. */
  async trim(node: Node, most: number): Promise<void> {
    while (node.itemCount > most) {
      const draft = new Draft(node)
      await this.#removeBeyond(node, draft, Math.max(most, node.itemCount - removedAtOnce))
      // Less is there than was counted: a fault, but no reason to go on for ever.
      if (draft.totals.items === node.itemCount) return
      await this.#keep(node, draft)
      node.lastItem = undefined
    }
  }

  /** Removes all; many items a part at a time, so that the store can do other things in between. */
  async clear(node: Node): Promise<void> {
    await this.trim(node, removedAtOnce)
    await this.#store.items.clear(this.#store.placeOf(node))
    node.totals = { items: 0, bytes: 0, last: 0 }
    node.lastItem = null
  }

  /** Removes those published before a time, in milliseconds since 1970. */
  async removeOlder(node: Node, time: number): Promise<void> {
    while (node.itemCount > 0) {
      const oldest = [...(await this.#page(node, { limit: 100 })).values()]
      const count = oldest.findIndex(({ when }) => when >= time)
      const end = count < 0 ? oldest.length : count
      if (end > 0) await this.trim(node, node.itemCount - end)
      if (end < 100) return
    }
  }

  /** The item of an id. */
  async find(node: Node, id: string): Promise<Item | undefined> {
    const found = await this.#find(node, id)
    if (!found) return undefined
    const item = await this.#store.items.get(this.#store.placeOf(node), placeKey(found[0]))
    return item as Item | undefined
  }

  /** The newest item. */
  async last(node: Node): Promise<Item | undefined> {
    if (node.lastItem === undefined) {
      const [last] = (await this.#page(node, { limit: 1, backward: true })).values()
      node.lastItem = last ?? null
    }
    return node.lastItem ?? undefined
  }

  /**
   * A page of items, oldest first: those behind the item `after`, before the item `before`, and of these the last ones
   * if `backward`. `undefined` if one of the two is not there.
   */
  async page(node: Node, range: KeyRange): Promise<Item[] | undefined> {
    const after = range.after === undefined ? undefined : await this.#find(node, range.after)
    const before = range.before === undefined ? undefined : await this.#find(node, range.before)
    if ((range.after !== undefined && !after) || (range.before !== undefined && !before)) return undefined
    const bounds = {
      ...(after ? { after: placeKey(after[0]) } : {}),
      ...(before ? { before: placeKey(before[0]) } : {}),
    }
    return [...(await this.#page(node, { ...range, ...bounds })).values()]
  }

  async #keep(node: Node, { changes, totals }: Draft): Promise<void> {
    putTotals(changes, totals)
    await this.#store.changeItems(node, changes)
    node.totals = totals
  }

  /** Adds to a draft that the oldest items are removed until `most` are left. */
  async #removeBeyond(node: Node, draft: Draft, most: number): Promise<void> {
    const surplus = draft.totals.items - most
    if (surplus <= 0) return
    // One of the oldest may be on its way out already.
    for (const [place, item] of await this.#page(node, { limit: surplus + 1 })) {
      if (draft.totals.items <= most) return
      if (!draft.changes.has(place)) draft.remove(place, item.id, sizeOf(item))
    }
  }

  async #page(node: Node, range: KeyRange): Promise<Map<string, Item>> {
    const bounds = { after: range.after ?? placePrefix, before: range.before ?? behind(placePrefix) }
    const found = await this.#store.items.page(this.#store.placeOf(node), { ...range, ...bounds })
    return found as Map<string, Value> as Map<string, Item>
  }

  async #find(node: Node, id: string): Promise<KeptPlace | undefined> {
    if (node.itemCount === 0 || id.length > longestId) return undefined
    return (await this.#store.items.get(this.#store.placeOf(node), itemPrefix + id)) as KeptPlace | undefined
  }
}

const removedAtOnce = 1000

function placeKey(place: number): string {
  return placePrefix + String(place).padStart(placeDigits, '0')
}

function sizeOf({ payload = '' }: Item): number {
  return Buffer.byteLength(payload)
}
