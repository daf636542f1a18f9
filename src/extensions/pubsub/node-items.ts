// The items of a node, kept in the order in which they were published; an item published again goes to the end.
import type { KeyRange, Value } from '../../storage/storage.ts'
import { type KeptPlace, KnownItems, type LookAhead, mostKnown } from './known-items.ts'
import type { Item, ItemTotals, Node } from './node.ts'
import { behind, type Changes, type NodeStore, putTotals } from './node-store.ts'

/** `place` and a number in front of the item itself, `item` and the item's id in front of where it is. */
const placePrefix = 'place '
const itemPrefix = 'item '
const placeDigits = 16
/** In bytes, and so in characters; longer ids are never published, and too long for a key. */
const longestId = 1023

/** What `add` is not to go beyond. */
export interface Room {
  /** Items of the node; the oldest are removed. */
  readonly items: number
  /** Bytes that may be added. */
  readonly bytes: number
}

/** An item that is on its way into the store. */
export interface Keeping {
  /** Resolves when it would survive a loss of power. */
  readonly kept: Promise<void>
}

/** A change of a node's items that is being put together. */
class Draft {
  readonly changes: Changes = new Map()
  /** Where items are then. */
  readonly moves = new Map<string, KeptPlace | undefined>()
  totals: ItemTotals

  constructor({ totals }: Node) {
    this.totals = totals
  }

  put(item: Item): void {
    const { items, bytes, last } = this.totals
    const size = sizeOf(item)
    this.changes.set(placeKey(last + 1), item)
    this.changes.set(itemPrefix + item.id, [last + 1, size])
    this.#move(item.id, [last + 1, size])
    this.totals = { items: items + 1, bytes: bytes + size, last: last + 1 }
  }

  remove(place: string, id: string, size: number): void {
    const { items, bytes, last } = this.totals
    this.changes.set(place, undefined)
    this.changes.set(itemPrefix + id, undefined)
    this.#move(id, undefined)
    this.totals = { items: items - 1, bytes: bytes - size, last }
  }

  #move(id: string, place: KeptPlace | undefined): void {
    this.moves.delete(id)
    this.moves.set(id, place)
  }
}

/** Reads and changes items. Changes of one node must come one after the other. */
export class NodeItems {
  readonly #store: NodeStore

  constructor(store: NodeStore) {
    this.#store = store
  }

  /** Begins to look for items of many that are about to be published; `KnownItems.end` is to be called after their turn. */
  lookAhead(node: Node, ids: readonly string[]): LookAhead | undefined {
    if (node.known.all || node.itemCount <= mostKnown) return undefined
    const places = new Map<string, Promise<KeptPlace | undefined>>()
    for (const id of ids) {
      const place = this.#read(node, id)
      // Whoever waits for it hears of it; it may be that nobody does.
      place.catch(() => {})
      places.set(id, place)
    }
    return node.known.look(places)
  }

  /**
   * Takes items as the newest, all or none, and begins to keep them. Later calls count on them; should they not be kept
   * after all, the node is doubtful.
   * @returns undefined if there is no room for their bytes; nothing has changed then
   */
  async add(node: Node, items: readonly Item[], room: Room, ahead?: LookAhead): Promise<Keeping | undefined> {
    const draft = new Draft(node)
    await this.#learn(node)
    for (const item of items) {
      const { id } = item
      const before = draft.moves.has(id) ? draft.moves.get(id) : await this.#find(node, id, ahead)
      if (before) draft.remove(placeKey(before[0]), id, before[1])
      draft.put(item)
    }
    await this.#removeBeyond(node, draft, room.items)
    if (draft.totals.bytes - node.totals.bytes > room.bytes) return undefined
    const kept = this.#keep(node, draft)
    node.lastItem = items.at(-1) ?? node.lastItem
    return { kept }
  }

  /** Removes items by their ids, all or none; those that are not there are passed over. */
  async remove(node: Node, ids: readonly string[]): Promise<void> {
    const draft = new Draft(node)
    for (const id of ids) {
      const found = await this.#find(node, id)
      if (found) draft.remove(placeKey(found[0]), id, found[1])
    }
    await this.#keep(node, draft)
    if (ids.some((id) => node.lastItem?.id === id)) node.lastItem = undefined
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

  /** Puts the newest items where they will be a node's only ones; answers what they come to. */
  async copyNewest(node: Node, most: number, shelf: string): Promise<ItemTotals> {
    const changes: Changes = new Map()
    let bytes = 0
    const newest = await this.#page(node, { limit: most, backward: true })
    for (const [place, item] of newest) {
      changes.set(place, item)
      changes.set(itemPrefix + item.id, [Number(place.slice(placePrefix.length)), sizeOf(item)])
      bytes += sizeOf(item)
    }
    const totals = { items: newest.size, bytes, last: node.totals.last }
    putTotals(changes, totals)
    await this.#store.prepare({ name: node.name, shelf }, changes)
    return totals
  }

  /** Counts anew what is there, after something could not be kept. */
  async recount(node: Node): Promise<void> {
    let [items, bytes, last] = [0, 0, node.totals.last]
    const range = { before: behind(itemPrefix), limit: 1000 }
    for (let after: string | undefined = itemPrefix; after !== undefined; ) {
      const found = await this.#store.items.page(this.#store.placeOf(node), { ...range, after })
      for (const [place, size] of found.values() as Iterable<KeptPlace>) {
        items += 1
        bytes += size
        last = Math.max(last, place)
      }
      after = found.size < range.limit ? undefined : [...found.keys()].at(-1)
    }
    node.totals = { items, bytes, last }
  }

  /** A node's items are elsewhere now: there are none. */
  empty(node: Node): void {
    node.totals = { items: 0, bytes: 0, last: 0 }
    node.lastItem = null
    node.known = new KnownItems()
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

  /** A page by how many items come before it; `undefined` where there are too many to count. */
  async pageAt(node: Node, index: number, limit: number): Promise<Item[] | undefined> {
    await this.#learn(node)
    if (!node.known.all) return undefined
    if (index === 0) return this.page(node, { limit })
    const before = [...node.known.all.keys()][index - 1]
    return before === undefined ? [] : this.page(node, { after: before, limit })
  }

  /** How many items come before one; `undefined` where there are too many to count. */
  async indexOf(node: Node, id: string): Promise<number | undefined> {
    await this.#learn(node)
    return node.known.all && [...node.known.all.keys()].indexOf(id)
  }

  #keep(node: Node, { changes, totals, moves }: Draft): Promise<void> {
    putTotals(changes, totals)
    node.totals = totals
    for (const [id, place] of moves) node.known.note(id, place)
    const kept = this.#store.changeItems(node, changes)
    kept.catch(() => {
      node.isDoubtful = true
    })
    return kept
  }

  /** Adds to a draft that the oldest items are removed until `most` are left. */
  async #removeBeyond(node: Node, draft: Draft, most: number): Promise<void> {
    const surplus = draft.totals.items - most
    if (surplus <= 0) return
    for (const [place, id, bytes] of node.known.all
      ? oldestOf(node.known.all)
      : await this.#oldest(node, surplus + 1)) {
      if (draft.totals.items <= most) return
      // One of the oldest may be on its way out already.
      if (!draft.changes.has(placeKey(place))) draft.remove(placeKey(place), id, bytes)
    }
  }

  async #oldest(node: Node, limit: number): Promise<[place: number, id: string, bytes: number][]> {
    const found = await this.#page(node, { limit })
    return [...found].map(([place, item]) => [Number(place.slice(placePrefix.length)), item.id, sizeOf(item)])
  }

  /** Reads where few items are, once. */
  async #learn(node: Node): Promise<void> {
    if (node.known.all || node.itemCount > mostKnown) return
    const range = { after: itemPrefix, before: behind(itemPrefix), limit: mostKnown }
    const found =
      node.itemCount === 0 ? [] : [...(await this.#store.items.page(this.#store.placeOf(node), range))]
    const places = found.map(([key, place]) => [key.slice(itemPrefix.length), place as KeptPlace] as const)
    node.known.fill(places.sort(([, [one]], [, [other]]) => one - other))
  }

  async #page(node: Node, range: KeyRange): Promise<Map<string, Item>> {
    const bounds = { after: range.after ?? placePrefix, before: range.before ?? behind(placePrefix) }
    const found = await this.#store.items.page(this.#store.placeOf(node), { ...range, ...bounds })
    return found as Map<string, Value> as Map<string, Item>
  }

  async #find(node: Node, id: string, ahead?: LookAhead): Promise<KeptPlace | undefined> {
    const known = node.known.find(id)
    if (known) return known.place
    return (ahead?.known === node.known && ahead.places.get(id)) || this.#read(node, id)
  }

  async #read(node: Node, id: string): Promise<KeptPlace | undefined> {
    if (node.itemCount === 0 || id.length > longestId) return undefined
    return (await this.#store.items.get(this.#store.placeOf(node), itemPrefix + id)) as KeptPlace | undefined
  }
}

function* oldestOf(
  all: ReadonlyMap<string, KeptPlace>,
): Iterable<[place: number, id: string, bytes: number]> {
  for (const [id, [place, bytes]] of all) yield [place, id, bytes]
}

const removedAtOnce = 1000

function placeKey(place: number): string {
  return placePrefix + String(place).padStart(placeDigits, '0')
}

function sizeOf({ payload = '' }: Item): number {
  return Buffer.byteLength(payload)
}
