// XEP-0045 §6.3: the rooms a service lists. Held in memory, in order; those that last are kept in the store too.
import type { Collection, Store } from '../../storage/storage.ts'
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

/** Localparts of public rooms with what is known of them. */
export class PublicRooms {
  readonly #kept: Collection<PublicRoom>
  readonly #roomByLocal = new Map<string, PublicRoom>()
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
    this.#sorted ??= [...this.#roomByLocal.keys()].sort()
    return this.#sorted
  }

  get(local: string): PublicRoom | undefined {
    return this.#roomByLocal.get(local)
  }

  /** Lists a room as it is now, or takes it off the list; once loaded, before it returns. Resolves when that is kept. */
  async update(room: Room): Promise<void> {
    if (!this.#isLoaded) await this.load()
    const isListed = room.isPublic && !room.isLocked
    return this.#set(room.local, isListed ? publicRoomOf(room) : undefined, room.isPersistent)
  }

  /** Takes a room off the list; once loaded, before it returns. Resolves when that is kept. */
  async remove(local: string): Promise<void> {
    if (!this.#isLoaded) await this.load()
    return this.#set(local, undefined, false)
  }

  async #set(local: string, listed: PublicRoom | undefined, isLasting: boolean): Promise<void> {
    const before = this.#roomByLocal.get(local)
    if (listed === undefined) this.#roomByLocal.delete(local)
    else this.#roomByLocal.set(local, listed)
    if ((listed === undefined) !== (before === undefined)) this.#sorted = undefined
    const isKept = isLasting && listed !== undefined
    if (isKept === this.#keptLocals.has(local) && isSame(listed, before)) return
    if (isKept) this.#keptLocals.add(local)
    else if (!this.#keptLocals.delete(local)) return
    try {
      await this.#kept.set('', local, isKept ? listed : undefined)
    } catch (error) {
      // As if it were the other way round in the store: the next change tries again.
      if (isKept) this.#keptLocals.delete(local)
      else this.#keptLocals.add(local)
      throw error
    }
  }

  async #load(): Promise<void> {
    for (const [local, listed] of await this.#kept.all('')) {
      this.#keptLocals.add(local)
      this.#roomByLocal.set(local, listed)
    }
    this.#isLoaded = true
  }
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

function isSame(one: PublicRoom | undefined, other: PublicRoom | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}
