// XEP-0045 §6.3: the rooms a service lists. Those that last are in the store only, however many; the others in memory.
import type { Page, PageRequest } from '../../stanza/paging.ts'
import type { Collection, KeyRange, Store } from '../../storage/storage.ts'
import type { Room } from './room.ts'
import { description } from './settings/description.ts'
import { lang } from './settings/lang.ts'

/** What everybody may know of a room that is listed. */
export type PublicRoom = {
  readonly title: string
  readonly description?: string
  readonly lang?: string
  /** Whether one may enter without being a member or knowing a password. */
  readonly isOpen: boolean
  /** Whether everybody inside sees real addresses. */
  readonly isNonAnonymous: boolean
}

/** A room that is listed, by its localpart. */
export type ListedRoom = readonly [local: string, room: PublicRoom]

/** What is in the store of a room that is in memory: its entry as JSON, none, or nobody knows. */
type Kept = string | 'none' | 'unknown'

/** What has been counted of the list, until it changes. */
interface Counted {
  kept?: number
  /** How many come up to a name. */
  readonly upTo: Map<string, number>
}

/** Names of which it is remembered how many come up to them. */
const namesCounted = 1000
/** The most rooms on a page. */
const mostOnPage = 100
/** Rooms that are passed over at a time on the way to a page that is asked for by its index. */
const stride = 1000

/** Localparts of public rooms with what is known of them. */
export class PublicRooms {
  readonly #kept: Collection<PublicRoom>
  readonly #temporary = new Map<string, PublicRoom>()
  readonly #keptByRoom = new WeakMap<Room, Kept>()
  #sortedTemporary: string[] | undefined
  #counted: Counted = { upTo: new Map() }

  constructor(store: Store) {
    this.#kept = store.collection('muc-public')
  }

  /** A room has come out of the store: what is listed of it is there. */
  loaded(room: Room): void {
    this.#keptByRoom.set(room, 'unknown')
  }

  /** Lists a room as it is now, or takes it off the list. Resolves when that is kept. */
  update(room: Room): Promise<void> {
    const listed = room.isPublic && !room.isLocked ? publicRoomOf(room) : undefined
    this.#setTemporary(room.local, room.isPersistent ? undefined : listed)
    return this.#keep(room, room.isPersistent ? listed : undefined)
  }

  /** Takes a room off the list. Resolves when that is kept. */
  remove(room: Room): Promise<void> {
    this.#setTemporary(room.local, undefined)
    return this.#keep(room, undefined)
  }

  /** A page of them, in the order of their localparts. Costs no more than the page, while the list does not change. */
  async page(request: PageRequest = {}, most: number = mostOnPage): Promise<Page<ListedRoom>> {
    const limit = Math.min(request.max ?? most, most)
    const range = await this.#rangeOf(request, limit)
    const counted = this.#counted
    const [items, kept] = await Promise.all([this.#find(range), this.#countKept(counted)])
    const count = kept + this.#temporary.size
    const [first, last] = [items[0]?.[0], items.at(-1)?.[0]]
    if (first === undefined || last === undefined) return { items, index: 0, count }
    const index = await this.#countBefore(counted, range.after, first)
    // Who goes on asks for what is behind it.
    if (counted.upTo.size >= namesCounted) counted.upTo.clear()
    counted.upTo.set(last, index + items.length)
    return { items, first, last, index, count }
  }

  async #countKept(counted: Counted): Promise<number> {
    counted.kept ??= await this.#kept.count('')
    return counted.kept
  }

  async #countBefore(counted: Counted, after: string | undefined, first: string): Promise<number> {
    const known = after === undefined ? undefined : counted.upTo.get(after)
    if (known !== undefined) return known
    return (await this.#kept.count('', first)) + countBefore(this.#temporaryLocals, first)
  }

  async #rangeOf({ after, before, index = 0 }: PageRequest, limit: number): Promise<KeyRange> {
    if (before !== undefined) return { limit, backward: true, ...(before === '' ? {} : { before }) }
    if (after !== undefined) return { limit, after }
    const behind = await this.#nameBefore(index)
    return { limit, ...(behind === undefined ? {} : { after: behind }) }
  }

  /** The name behind which the page of this index begins. */
  async #nameBefore(index: number): Promise<string | undefined> {
    let name: string | undefined
    for (let left = index; left > 0; ) {
      const limit = Math.min(left, stride)
      const passed = await this.#find({ limit, ...(name === undefined ? {} : { after: name }) })
      name = passed.at(-1)?.[0] ?? name
      if (passed.length < limit) return name
      left -= limit
    }
    return name
  }

  async #find(range: KeyRange): Promise<ListedRoom[]> {
    if (range.limit === 0) return []
    const all = [...(await this.#kept.page('', range)), ...this.#temporaryIn(range)]
    all.sort(([one], [other]) => compareCodePoints(one, other))
    return range.backward ? all.slice(-range.limit) : all.slice(0, range.limit)
  }

  #temporaryIn({ after, before, backward, limit }: KeyRange): ListedRoom[] {
    const locals = this.#temporaryLocals.filter(
      (local) =>
        (after === undefined || compareCodePoints(local, after) > 0) &&
        (before === undefined || compareCodePoints(local, before) < 0),
    )
    const part = backward ? locals.slice(-limit) : locals.slice(0, limit)
    return part.map((local) => [local, this.#temporary.get(local) as PublicRoom])
  }

  get #temporaryLocals(): readonly string[] {
    this.#sortedTemporary ??= [...this.#temporary.keys()].sort(compareCodePoints)
    return this.#sortedTemporary
  }

  #setTemporary(local: string, listed: PublicRoom | undefined): void {
    if (listed === undefined ? this.#temporary.delete(local) : !this.#temporary.has(local)) {
      this.#sortedTemporary = undefined
      this.#counted = { upTo: new Map() }
    }
    if (listed !== undefined) this.#temporary.set(local, listed)
  }

  async #keep(room: Room, listed: PublicRoom | undefined): Promise<void> {
    const wanted: Kept = listed === undefined ? 'none' : JSON.stringify(listed)
    if ((this.#keptByRoom.get(room) ?? 'none') === wanted) return
    this.#keptByRoom.set(room, wanted)
    this.#counted = { upTo: new Map() }
    try {
      await this.#kept.set('', room.local, listed)
    } catch (error) {
      // The next change tries again.
      this.#keptByRoom.set(room, 'unknown')
      throw error
    }
  }
}

/** How many of some sorted names come before `name`. */
function countBefore(sorted: readonly string[], name: string): number {
  const index = sorted.findIndex((one) => compareCodePoints(one, name) >= 0)
  return index < 0 ? sorted.length : index
}

/** The order in which stores give keys. */
function compareCodePoints(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other))
}

function publicRoomOf(room: Room): PublicRoom {
  const [about, language] = [room.config.get(description), room.config.get(lang)]
  return {
    title: room.title,
    ...(about ? { description: about } : {}),
    ...(language ? { lang: language } : {}),
    isOpen: !room.isMembersOnly && !room.isPasswordProtected,
    isNonAnonymous: room.isNonAnonymous,
  }
}
