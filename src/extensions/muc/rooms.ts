// The rooms of one service: in memory while they are needed, in the store if they are to last.
import type { Clock, Timer } from '../../base/clock.ts'
import { Jid } from '../../jid/jid.ts'
import type { HistoryKeeper } from './history.ts'
import type { PublicRooms } from './public-rooms.ts'
import { Room, type RoomListener } from './room.ts'
import type { RoomStore } from './room-store.ts'
import { historyLength } from './settings/history-length.ts'
import type { RoomConfig } from './settings/room-config.ts'

/** What the list of rooms needs. */
export interface RoomsParts {
  readonly domain: Jid
  readonly clock: Clock
  readonly store: RoomStore
  readonly publicRooms: PublicRooms
  /** The configuration of new rooms. */
  readonly defaults: () => RoomConfig
  readonly historyBytes: number
  /** Whether history is kept with rooms that are. */
  readonly keepHistory: boolean
  /** Messages of history a room has at most. */
  readonly historyLength: number
  /** Who has history besides. */
  readonly historyKeeper: () => HistoryKeeper | undefined
  /** Told of what happens in rooms. */
  readonly listener: RoomListener
  /** Told of a room that is new, before anything happens in it. */
  readonly onCreated: (room: Room) => void
  /** Empty rooms that stay in memory. */
  readonly emptyKept: number
  /** Whether something is under way in a room: it has to stay in memory then. */
  readonly isBusy: (local: string) => boolean
  /** Told of a room that is gone for good; the room is waited for until it has settled. */
  readonly onRemoved: (room: Room) => Promise<void>
  /** Told of what the store could not do where nobody waits for it. */
  readonly onError: (error: unknown) => void
}

/** All rooms. */
export class Rooms {
  readonly #parts: RoomsParts
  readonly #loadedByLocal = new Map<string, Room>()
  readonly #localsByCreator = new Map<string, Set<string>>()
  /** Empty persistent rooms in memory, the one that was used last is the last. */
  readonly #empty = new Map<string, Room>()
  readonly #lockTimers = new Map<Room, Timer>()
  readonly #underway = new Set<Promise<void>>()

  constructor(parts: RoomsParts) {
    this.#parts = parts
  }

  /** Rooms in memory. */
  get loaded(): Room[] {
    return [...this.#loadedByLocal.values()]
  }

  /** A room, if it is in memory. */
  find(local: string): Room | undefined {
    return this.#loadedByLocal.get(local)
  }

  /** A room from the store, which then is in memory. Two at a time for one room must not be. */
  async load(jid: Jid): Promise<Room | undefined> {
    const room = await this.#parts.store.load(jid)
    if (!room) return undefined
    this.#parts.publicRooms.loaded(room)
    const { historyKeeper, keepHistory, historyLength: most } = this.#parts
    const kept = keepHistory ? await historyKeeper()?.newest(room, most) : undefined
    this.#add(room)
    if (kept) room.history.merge(kept, Math.min(most, room.config.get(historyLength)))
    return room
  }

  /** The configuration with which rooms begin, as a copy. */
  standardConfig(): RoomConfig {
    return this.#parts.defaults().draft()
  }

  /** Localparts of rooms in memory and of those that are kept, in order: the first `limit` behind `after`. */
  async list(after: string, limit: number): Promise<string[]> {
    const locals = new Set(await this.#parts.store.list(after, limit))
    for (const local of this.#loadedByLocal.keys()) if (local > after) locals.add(local)
    return [...locals].sort().slice(0, limit)
  }

  /** How many rooms there are that an account made. */
  async countOf(creator: Jid): Promise<number> {
    const kept = await this.#parts.store.createdBy(creator)
    return new Set([...kept, ...(this.#localsByCreator.get(creator.toString()) ?? [])]).size
  }

  /** Localparts of the kept rooms that may know an account: it is on a list of theirs, or made them. */
  async keptOf(account: Jid): Promise<string[]> {
    const { store } = this.#parts
    return [...(await store.createdBy(account)), ...(await store.knowing(account))]
  }

  /** No longer counts the rooms that an account made. */
  forgetCreator(account: Jid): Promise<void> {
    this.#localsByCreator.delete(account.toString())
    return this.#parts.store.forgetCreator(account)
  }

  /** Makes a room: locked, with its creator as owner (XEP-0045 §10.1). */
  create(local: string, creator: Jid): Room {
    const room = new Room({
      jid: Jid.of(local, this.#parts.domain.domain) as Jid,
      creator: creator.bare,
      createdAt: this.#parts.clock.now(),
      historyBytes: this.#parts.historyBytes,
      config: this.standardConfig(),
    })
    room.isLocked = true
    room.affiliations.set(creator.bare.toString(), { affiliation: 'owner' })
    this.#add(room)
    this.#parts.onCreated(room)
    return room
  }

  /** Calls `giveUp` in `delayMs` if the room is still locked then. */
  awaitConfiguration(room: Room, delayMs: number, giveUp: () => void): void {
    this.#lockTimers.set(room, this.#parts.clock.after(delayMs, giveUp))
  }

  /** Stops waiting for anything. */
  close(): void {
    for (const room of [...this.#lockTimers.keys()]) this.#stopTimer(room)
  }

  /** Keeps what has changed of a room, and the addresses of its lists that have. Resolves when it is kept. */
  async save(room: Room, changed: Iterable<string> = []): Promise<void> {
    if (!room.isLocked) this.#stopTimer(room)
    const { store, publicRooms } = this.#parts
    // Asked for in one go, so that it is kept in one go: no room without its place on the list.
    await Promise.all([store.save(room, changed), publicRooms.update(room)])
  }

  /** The same where nobody waits for it. */
  saveLater(room: Room, changed: Iterable<string> = []): void {
    this.#later(this.save(room, changed))
  }

  /** Resolves when nothing is under way for which nobody waits. */
  async settled(): Promise<void> {
    while (this.#underway.size > 0) await Promise.all(this.#underway)
  }

  /** Ends a room. Resolves when it would not come back. */
  async remove(room: Room): Promise<void> {
    this.#forget(room)
    const { store, publicRooms, onRemoved } = this.#parts
    await Promise.all([store.remove(room), publicRooms.remove(room), onRemoved(room)])
  }

  /** A room has been used: one that is empty goes, or waits in memory if it is to last. */
  settle(room: Room): void {
    if (!room.isEmpty) {
      if (this.#empty.size > 0) this.#empty.delete(room.local)
      return
    }
    if (this.#loadedByLocal.get(room.local) !== room) return
    // XEP-0045 §10.1: who leaves a room before configuring it leaves none behind.
    if (room.isLocked || !room.isPersistent) {
      this.#later(this.remove(room))
      return
    }
    this.#empty.delete(room.local)
    this.#empty.set(room.local, room)
    this.#evict()
  }

  #later(work: Promise<void>): void {
    const done = work.catch(this.#parts.onError).finally(() => this.#underway.delete(done))
    this.#underway.add(done)
  }

  #evict(): void {
    for (const room of this.#empty.values()) {
      if (this.#empty.size <= this.#parts.emptyKept) return
      if (this.#parts.isBusy(room.local)) continue
      this.#forget(room)
      this.#parts.store.release(room)
    }
  }

  #add(room: Room): void {
    this.#loadedByLocal.set(room.local, room)
    room.listener = this.#parts.listener
    if (this.#parts.keepHistory) {
      room.history.onChange = (changes) => {
        if (room.isPersistent) this.#later(this.#parts.store.saveHistory(room, changes))
      }
    }
    const creator = room.creator.toString()
    const locals = this.#localsByCreator.get(creator)
    if (locals) locals.add(room.local)
    else this.#localsByCreator.set(creator, new Set([room.local]))
  }

  #stopTimer(room: Room): void {
    this.#lockTimers.get(room)?.cancel()
    this.#lockTimers.delete(room)
  }

  #forget(room: Room): void {
    this.#stopTimer(room)
    this.#empty.delete(room.local)
    this.#loadedByLocal.delete(room.local)
    const creator = room.creator.toString()
    const locals = this.#localsByCreator.get(creator)
    locals?.delete(room.local)
    if (locals?.size === 0) this.#localsByCreator.delete(creator)
  }
}
