// The items of a node, kept in the order in which they were published; an item published again goes to the end.
import type { KeyRange, Value } from '../../storage/storage.ts'
import type { Item, Node } from './node.ts'
import { behind, type Changes, type NodeStore, putMeta } from './node-store.ts'

/** `place` and a number in front of the item itself, `item` and the item's id in front of its place. */
const placePrefix = 'place '
const itemPrefix = 'item '
const placeDigits = 16

/** Reads and changes items. Changes of one node must come one after the other. */
export class NodeItems {
  readonly #store: NodeStore

  constructor(store: NodeStore) {
    this.#store = store
  }

  /** Keeps an item as the newest; of all items at most `most` are left. Resolves when that would survive a loss of power. */
  async add(node: Node, item: Item, most: number): Promise<void> {
    const changes: Changes = new Map()
    const before = await this.#placeOf(node, item.id)
    const place = node.lastPlace + 1
    if (before !== undefined) changes.set(before, undefined)
    changes.set(placePrefix + String(place).padStart(placeDigits, '0'), item)
    changes.set(itemPrefix + item.id, place)
    let count = node.itemCount + (before === undefined ? 1 : 0)
    if (count > most) count -= await this.#putRemoval(node, changes, { limit: count - most })
    putMeta(changes, count, place)
    await this.#store.changeItems(node, changes)
    node.itemCount = count
    node.lastPlace = place
    node.lastItem = item
  }

  /** @returns whether there was such an item */
  async remove(node: Node, id: string): Promise<boolean> {
    const place = await this.#placeOf(node, id)
    if (place === undefined) return false
    const changes: Changes = new Map([
      [place, undefined],
      [itemPrefix + id, undefined],
    ])
    putMeta(changes, node.itemCount - 1, node.lastPlace)
    await this.#store.changeItems(node, changes)
    node.itemCount -= 1
    if (node.lastItem?.id === id) node.lastItem = undefined
    return true
  }

  /** Removes the oldest until at most `most` are left. */
  async trim(node: Node, most: number): Promise<void> {
    await this.#removeOldest(node, () => node.itemCount - most)
  }

  /** Removes all; many items a part at a time, so that the store can do other things in between. */
  async clear(node: Node): Promise<void> {
    await this.trim(node, removedAtOnce)
    await this.#store.items.clear(this.#store.placeOf(node))
    node.itemCount = 0
    node.lastPlace = 0
    node.lastItem = null
  }

  /** Removes those published before a time, in milliseconds since 1970. */
  async removeOlder(node: Node, time: number): Promise<void> {
    while (node.itemCount > 0) {
      const oldest = [...(await this.#page(node, { limit: 100 })).values()]
      const count = oldest.findIndex(({ when }) => when >= time)
      const end = count < 0 ? oldest.length : count
      if (end > 0) await this.#removeOldest(node, () => end, 1)
      if (end < 100) return
    }
  }

  /** The item of an id. */
  async find(node: Node, id: string): Promise<Item | undefined> {
    const place = await this.#placeOf(node, id)
    if (place === undefined) return undefined
    return (await this.#store.items.get(this.#store.placeOf(node), place)) as Item | undefined
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
   * A page of items, oldest first: those behind the item `after`, before the item `before`, and of these the last ones if
   * `backward`. `undefined` if one of the two is not there.
   */
  async page(
    node: Node,
    range: {
      readonly after?: string
      readonly before?: string
      readonly backward?: boolean
      readonly limit: number
    },
  ): Promise<Item[] | undefined> {
    const after = range.after === undefined ? undefined : await this.#placeOf(node, range.after)
    const before = range.before === undefined ? undefined : await this.#placeOf(node, range.before)
    if ((range.after !== undefined && !after) || (range.before !== undefined && !before)) return undefined
    const bounds = { ...(after ? { after } : {}), ...(before ? { before } : {}) }
    return [...(await this.#page(node, { ...range, ...bounds })).values()]
  }

  async #removeOldest(node: Node, count: () => number, rounds = Number.POSITIVE_INFINITY): Promise<void> {
    for (let round = 0; round < rounds && count() > 0; round += 1) {
      const changes: Changes = new Map()
      const removed = await this.#putRemoval(node, changes, { limit: Math.min(count(), removedAtOnce) })
      if (removed === 0) return
      putMeta(changes, node.itemCount - removed, node.lastPlace)
      await this.#store.changeItems(node, changes)
      node.itemCount -= removed
      node.lastItem = undefined
    }
  }

  /** Adds to changes that the oldest items are removed; answers how many. */
  async #putRemoval(node: Node, changes: Changes, { limit }: { readonly limit: number }): Promise<number> {
    let count = 0
    for (const [place, { id }] of await this.#page(node, { limit: limit + changes.size })) {
      if (count === limit) break
      if (changes.has(place)) continue
      changes.set(place, undefined)
      changes.set(itemPrefix + id, undefined)
      count += 1
    }
    return count
  }

  async #page(node: Node, range: KeyRange): Promise<Map<string, Item>> {
    const bounds = { after: range.after ?? placePrefix, before: range.before ?? behind(placePrefix) }
    const found = await this.#store.items.page(this.#store.placeOf(node), { ...range, ...bounds })
    return found as Map<string, Value> as Map<string, Item>
  }

  async #placeOf(node: Node, id: string): Promise<string | undefined> {
    if (node.itemCount === 0) return undefined
    const place = await this.#store.items.get(this.#store.placeOf(node), itemPrefix + id)
    return place === undefined ? undefined : placePrefix + String(place).padStart(placeDigits, '0')
  }
}

const removedAtOnce = 1000
