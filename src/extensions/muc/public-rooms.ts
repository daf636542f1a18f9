// XEP-0045 §6.3: the rooms a service lists. Held in memory, in order; those that last are kept in the store too.
import type { Collection, Store } from '../../storage/storage.ts'
import type { Room } from './room.ts'

/** Localparts of public rooms with their titles. */
export class PublicRooms {
  readonly #kept: Collection<string>
  readonly #titleByLocal = new Map<string, string>()
  readonly #keptLocals = new Set<string>()
  #sorted: string[] | undefined
  #loading: Promise<void> | undefined
  #isLoaded = false

  constructor(store: Store) {
    this.#kept = store.collection('muc-public')
  }

  /** Whether the rooms kept from before are known. */
  get isLoaded(): boolean {
    return this.#isLoaded
  }

  /** Resolves when the rooms kept from before are known. */
  load(): Promise<void> {
    this.#loading ??= this.#load()
    return this.#loading
  }

  /** All of them, in order. */
  async all(): Promise<readonly string[]> {
    await this.load()
    this.#sorted ??= [...this.#titleByLocal.keys()].sort()
    return this.#sorted
  }

  titleOf(local: string): string | undefined {
    return this.#titleByLocal.get(local)
  }

  /** Lists a room as it is now, or takes it off the list; once loaded, before it returns. Resolves when that is kept. */
  async update(room: Room): Promise<void> {
    if (!this.#isLoaded) await this.load()
    const isListed = room.isPublic && !room.isLocked
    return this.#set(room.local, isListed ? room.title : undefined, room.isPersistent)
  }

  /** Takes a room off the list; once loaded, before it returns. Resolves when that is kept. */
  async remove(local: string): Promise<void> {
    if (!this.#isLoaded) await this.load()
    return this.#set(local, undefined, false)
  }

  async #set(local: string, title: string | undefined, isLasting: boolean): Promise<void> {
    const before = this.#titleByLocal.get(local)
    if (title === undefined) this.#titleByLocal.delete(local)
    else this.#titleByLocal.set(local, title)
    if ((title === undefined) !== (before === undefined)) this.#sorted = undefined
    const isKept = isLasting && title !== undefined
    if (isKept === this.#keptLocals.has(local) && title === before) return
    if (isKept) this.#keptLocals.add(local)
    else if (!this.#keptLocals.delete(local)) return
    try {
      await this.#kept.set('', local, isKept ? title : undefined)
    } catch (error) {
      // As if it were the other way round in the store: the next change tries again.
      if (isKept) this.#keptLocals.delete(local)
      else this.#keptLocals.add(local)
      throw error
    }
  }

  async #load(): Promise<void> {
    for (const [local, title] of await this.#kept.all('')) {
      this.#keptLocals.add(local)
      this.#titleByLocal.set(local, title)
    }
    this.#isLoaded = true
  }
}
