// The three shapes in which things are kept, and who brings them.
import type { Waiter } from '../base/waiter.ts'

/** What can be kept: whatever JSON can say. */
export type Value =
  | null
  | boolean
  | number
  | string
  | readonly Value[]
  | { readonly [key: string]: Value | undefined }

/** One value per owner (an account's or a room's bare address, or `''` for the host). */
export interface KeyValue<V extends Value = Value> {
  get(owner: string): Promise<V | undefined>
  /** Resolves when the value would survive a loss of power. `undefined` removes. */
  set(owner: string, value: V | undefined): Promise<void>
  /**
   * Keeps what `make` answers behind all that has been asked of the driver by the time that it is called, which is just before that goes
   * to the database; in the same commit where it can be, and only if nothing of it is refused, of which nobody need have heard. Resolves
   * with whether it was kept. `make` is called once or, where it would not be kept anyway, never; `undefined` is for nothing to keep. Until
   * then who reads does not see it, and what is written goes before it.
   */
  setLast(owner: string, make: () => V | undefined): Promise<boolean>
  /** All owners that have a value, in the order of their code points; at most `limit`, those after `after`. */
  owners(range?: OwnerRange): Promise<string[]>
}

export interface OwnerRange {
  readonly after?: string
  readonly limit?: number
}

/** Which of an owner's keys, in the order of their code points. */
export interface KeyRange {
  /** Only keys behind this one. */
  readonly after?: string
  /** Only keys before this one. */
  readonly before?: string
  /** Count from the end: the last `limit` that fit, still given in order. */
  readonly backward?: boolean
  /** At most so many. */
  readonly limit: number
}

/** Keys and what to keep under them: a `Map`, or anything like its entries. */
export type ItemChanges<V extends Value> = Iterable<readonly [key: string, value: V | undefined]>

/** Many values per owner, each under a key. */
export interface Collection<V extends Value = Value> {
  get(owner: string, key: string): Promise<V | undefined>
  /** All of an owner's, in the order of the code points of their keys. */
  all(owner: string): Promise<Map<string, V>>
  /** Those in a range; costs no more than what it answers. */
  page(owner: string, range: KeyRange): Promise<Map<string, V>>
  /** How many there are, or how many have a key before `before`. */
  count(owner: string, before?: string): Promise<number>
  /** Resolves when the value would survive a loss of power. `undefined` removes. */
  set(owner: string, key: string, value: V | undefined): Promise<void>
  /** Several changes that are kept together or not at all; the last of a key counts. */
  change(owner: string, changes: ItemChanges<V>): Promise<void>
  /** The same for what is best known just before it goes to the database; `make` is called once, or never if it is refused before. */
  changeLate(owner: string, make: () => ItemChanges<V>): Promise<void>
  /** Removes all of an owner's. */
  clear(owner: string): Promise<void>
  /** Removes the first `most` of an owner's, in the order of their keys; answers how many it was. */
  removeFirst(owner: string, most: number): Promise<number>
}

/** One entry of an archive. */
export interface ArchiveEntry<V extends Value = Value> {
  /** Unique for the owner. */
  readonly id: string
  /** Milliseconds since 1970. */
  readonly when: number
  /** The other party's bare address, or `''`. */
  readonly with: string
  readonly value: V
}

/** An entry to be kept, with what it is to be found by and is not given back. */
export interface NewArchiveEntry<V extends Value = Value> extends ArchiveEntry<V> {
  /** What distinguishes `with` from others of the same bare address. */
  readonly resource?: string
  /** What a search goes by, where the archive `canSearch`. */
  readonly text?: string
}

/** What takes the place of an entry's value, and of the text that it was found by. */
export interface EntryReplacement<V extends Value = Value> {
  readonly value: V
  /** None where it is missing. */
  readonly text?: string
}

/** Which entries: those that fit all that is given. */
export interface ArchiveQuery {
  /** Not older than this, in milliseconds since 1970. */
  readonly start?: number
  /** Not newer than this, in milliseconds since 1970. */
  readonly end?: number
  /** Exchanged with this party. */
  readonly with?: string
  /** Exchanged with this resource of `with`. */
  readonly resource?: string
  /** Has all words of this text, whatever their case and diacritics; only where the archive `canSearch`. */
  readonly text?: string
  /** One of these. */
  readonly ids?: readonly string[]
  /** Arrived after the entry of this id. */
  readonly newerThan?: string
  /** Arrived before the entry of this id. */
  readonly olderThan?: string
  /** Which page of all that: what arrived after the entry of this id. */
  readonly after?: string
  /** Which page of all that: what arrived before the entry of this id. */
  readonly before?: string
  /** Which page of all that: so many are passed over. Not together with `after`, `before` or `backward`. */
  readonly index?: number
  /** Count from the newest end: the last `limit` entries that fit, still given oldest first. */
  readonly backward?: boolean
  /** At most so many. */
  readonly limit: number
  /** Tells `count` and `index` of the page, where that costs no more than the page. */
  readonly isCounted?: boolean
}

/** Which entries are removed: all, unless said otherwise. */
export interface ArchiveRemoval {
  /** Only those that are older than this, in milliseconds since 1970. */
  readonly before?: number
  /** At most so many, the oldest first. */
  readonly most?: number
}

/** How an entry is added. */
export interface AppendOptions {
  /** Of the owner's entries the last so many are kept, and the others removed. */
  readonly keep?: number
}

/** A growing list per owner, in order of arrival. */
export interface Archive<V extends Value = Value> {
  /** Whether entries can be found by words of their `text`; otherwise a query for words is refused. */
  readonly canSearch: boolean
  /**
   * Resolves when the entry would survive a loss of power; rejects as `duplicate` if the owner has one of its id.
   */
  append(owner: string, entry: NewArchiveEntry<V>, options?: AppendOptions): Promise<void>
  /** The same, telling `waiter`, perhaps before this returns. */
  appendFor(waiter: Waiter, owner: string, entry: NewArchiveEntry<V>, options?: AppendOptions): void
  /** `undefined` if an id that is given names no entry. */
  find(owner: string, query: ArchiveQuery): Promise<ArchivePage<V> | undefined>
  count(owner: string): Promise<number>
  /**
   * Puts something else in an entry; its place, time and party stay. Resolves when it would survive a loss of power:
   * whether there was such an entry.
   */
  replace(owner: string, id: string, by: EntryReplacement<V>): Promise<boolean>
  /** Answers how many it was. */
  remove(owner: string, which?: ArchiveRemoval): Promise<number>
}

export interface ArchivePage<V extends Value = Value> {
  readonly entries: ArchiveEntry<V>[]
  /** Whether nothing lies beyond this page in the direction of the query. */
  readonly isComplete: boolean
  /** How many entries fit, on this page or not. */
  readonly count?: number
  /** How many entries that fit come before the first of the page; missing where the page is empty. */
  readonly index?: number
}

/** A store that exists: its name, `domain/store`, and the shape in which it was written. */
export interface StoreName {
  readonly name: string
  readonly shape: 'key-value' | 'collection' | 'archive'
}

/**
 * A database, ours or somebody else's. A name is `domain/store`.
 *
 * Each call sees what the calls made before it for the same owner wrote, even if they have not resolved yet; a read
 * that is under way while something is written may see that too. Writes of all owners are kept in the order in which
 * they were asked for. What cannot be done rejects with a `StorageError`, and then nothing of it was kept.
 *
 * An owner, a key or an id is any Unicode text of up to 4,096 bytes, a value up to 16 Mi characters of JSON.
 */
export interface Driver {
  keyValue<V extends Value>(name: string): KeyValue<V>
  collection<V extends Value>(name: string): Collection<V>
  archive<V extends Value>(name: string): Archive<V>
  /** Removes all that an owner has in any store of a domain. Resolves when that would survive a loss of power. */
  eraseOwner(domain: string, owner: string): Promise<void>
  /** The stores that have been written to, in order of their names. */
  stores(): Promise<StoreName[]>
  /** Opens now instead of at first use; rejects with what is in the way. A second call answers the same. */
  open(): Promise<void>
  /** Makes lasting what is under way, then closes. A second call waits for the first. */
  close(): Promise<void>
}

/** What an extension asks for its stores: `host.store.collection('roster')`. */
export interface Store {
  keyValue<V extends Value>(name: string): KeyValue<V>
  collection<V extends Value>(name: string): Collection<V>
  archive<V extends Value>(name: string): Archive<V>
  /** Removes all that an owner has in any store of this domain. */
  eraseOwner(owner: string): Promise<void>
}

/** A driver's view for one domain: the same names in different domains are different stores. */
export function storeOfDomain(driver: Driver, domain: string): Store {
  const own = (name: string) => `${domain}/${name}`
  return {
    keyValue: (name) => driver.keyValue(own(name)),
    collection: (name) => driver.collection(own(name)),
    archive: (name) => driver.archive(own(name)),
    eraseOwner: (owner) => driver.eraseOwner(domain, owner),
  }
}
