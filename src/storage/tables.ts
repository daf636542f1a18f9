// The statements behind the shapes: one method for each kind of operation.
import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import { type ArchiveRow, ArchiveTable } from './archive-table.ts'
import { type Archives, Arrivals } from './arrivals.ts'
import { EntryPages } from './entry-pages.ts'
import { EntryPlaces } from './entry-places.ts'
import { EntryTable } from './entry-table.ts'
import type { Answer, Kind, Operation, Shape } from './operation.ts'
import { Savepoint } from './savepoint.ts'
import { StorageError } from './storage-error.ts'

const beforeAll = { place: 0, latest: Number.NEGATIVE_INFINITY }

type Methods = { [K in Kind]: (operation: Operation<K>) => Answer<K> }

/** Carries out single operations on an open database, inside whatever transaction there is. */
export class Tables implements Methods {
  readonly #archives: ArchiveTable
  readonly #entries: EntryTable
  readonly #pages: EntryPages
  readonly #arrivals: Arrivals
  readonly #savepoint: Savepoint
  readonly #statement: ReturnType<typeof prepare>
  readonly #numbersByStore = {
    'key-value': new Map<string, number>(),
    collection: new Map<string, number>(),
    archive: new Map<string, number>(),
  } satisfies Record<Shape, Map<string, number>>

  /** Where `mostArrivals` entries wait that could not be put into the indexes of their archives, no more are taken. */
  constructor(database: DatabaseSync, mostArrivals: number) {
    this.#savepoint = new Savepoint(database)
    const places = new EntryPlaces(database)
    this.#archives = new ArchiveTable(database)
    this.#entries = new EntryTable(database, this.#savepoint, this.#archives, places)
    this.#pages = new EntryPages(database, places)
    this.#arrivals = new Arrivals(database, this.#archivesFor(places), this.#savepoint, mostArrivals)
    this.#statement = prepare(database)
  }

  /** Whether all entries are in the indexes of their archives. */
  get isSettled(): boolean {
    return this.#arrivals.isSettled
  }

  /** To be called first in a transaction. */
  begin(): void {
    this.#arrivals.begin()
  }

  /** To be called last in a transaction, after which `mostArrivals` entries may wait to be put into their indexes. */
  end(mostArrivals: number): void {
    this.#arrivals.end(mostArrivals)
  }

  /** To be called after a transaction was rolled back because of `error`: numbers given to new stores went with it. */
  rolledBack(error: unknown): void {
    for (const numbers of Object.values(this.#numbersByStore)) numbers.clear()
    this.#arrivals.rolledBack(error)
  }

  /** Puts all entries into the indexes of their archives. */
  settle(): void {
    this.#arrivals.settle()
  }

  /** Does one thing, wholly or not at all. */
  do<K extends Kind>(operation: Operation<K>): Answer<K> {
    const method = this[operation.kind] as (operation: Operation<K>) => Answer<K>
    return method.call(this, operation)
  }

  getValue({ store, owner }: Operation<'getValue'>): string | undefined {
    return text(this.#statement.getValue.get(this.#known(store, 'key-value'), owner)?.value)
  }

  setValue({ store, owner, value }: Operation<'setValue'>): undefined {
    if (value === null) this.#statement.removeValue.run(this.#known(store, 'key-value'), owner)
    else this.#statement.setValue.run(this.#numberOf(store, 'key-value'), owner, value)
  }

  setLast({ store, owner, value }: Operation<'setLast'>): undefined {
    this.#statement.setValue.run(this.#numberOf(store, 'key-value'), owner, value)
  }

  owners({ store, after, limit }: Operation<'owners'>): string[] {
    const number = this.#known(store, 'key-value')
    const most = limit ?? -1
    const rows =
      after === undefined
        ? this.#statement.firstOwners.all(number, most)
        : this.#statement.nextOwners.all(number, after, most)
    return rows.map((row) => String(row.owner))
  }

  getItem({ store, owner, key }: Operation<'getItem'>): string | undefined {
    return text(this.#statement.getItem.get(this.#known(store, 'collection'), owner, key)?.value)
  }

  allItems({ store, owner }: Operation<'allItems'>): [string, string][] {
    const rows = this.#statement.allItems.all(this.#known(store, 'collection'), owner)
    return rows.map((row) => [String(row.key), String(row.value)])
  }

  pageOfItems({ store, owner, range }: Operation<'pageOfItems'>): [string, string][] {
    const { after, before, backward, limit } = range
    const number = this.#known(store, 'collection')
    const { pageForward, pageBackward } = this.#statement
    // Sorts behind all text: no key is a blob.
    const end = before ?? endOfKeys
    const rows =
      after === undefined
        ? (backward ? pageBackward.from : pageForward.from).all(number, owner, '', end, limit)
        : (backward ? pageBackward.after : pageForward.after).all(number, owner, after, end, limit)
    const items = rows.map((row): [string, string] => [String(row.key), String(row.value)])
    return backward ? items.reverse() : items
  }

  countItems({ store, owner, before }: Operation<'countItems'>): number {
    const number = this.#known(store, 'collection')
    const found =
      before === undefined
        ? this.#statement.countItems.get(number, owner)
        : this.#statement.countItemsBefore.get(number, owner, before)
    return Number(found?.count)
  }

  changeItems({ store, owner, changes }: Operation<'changeItems'>): undefined {
    const number = this.#numberOf(store, 'collection')
    this.#savepoint.around(changes.length > 1, () => {
      for (const [key, value] of changes) {
        if (value === null) this.#statement.removeItem.run(number, owner, key)
        else this.#statement.setItem.run(number, owner, key, value)
      }
    })
  }

  clearItems({ store, owner }: Operation<'clearItems'>): undefined {
    this.#statement.clearItems.run(this.#known(store, 'collection'), owner)
  }

  removeFirst({ store, owner, most }: Operation<'removeFirst'>): number {
    const number = this.#known(store, 'collection')
    return Number(this.#statement.removeFirst.run(number, owner, number, owner, most, endOfKeys).changes)
  }

  append({ store, owner, entry, keep }: Operation<'append'>): undefined {
    if (this.#arrivals.add(this.#numberOf(store, 'archive'), owner, entry, keep)) return
    throw new StorageError('duplicate', 'the archive has an entry of that id')
  }

  find({ store, owner, query }: Operation<'find'>): Answer<'find'> {
    return this.#pages.find(this.#settled(store, owner), query)
  }

  indexWords({ store, owner, most }: Operation<'indexWords'>): boolean {
    return this.#entries.indexWords(this.#settled(store, owner), most)
  }

  replaceEntry({ store, owner, id, value, text }: Operation<'replaceEntry'>): boolean {
    return this.#entries.replace(this.#settled(store, owner), id, { value, text })
  }

  countEntries({ store, owner }: Operation<'countEntries'>): number {
    return this.#entries.count(this.#settled(store, owner))
  }

  removeEntries({ store, owner, which }: Operation<'removeEntries'>): number {
    return this.#entries.remove(this.#settled(store, owner), which)
  }

  eraseOwner({ prefix, owner }: Operation<'eraseOwner'>): undefined {
    this.#arrivals.settle()
    this.#savepoint.around(true, () => {
      for (const row of this.#statement.storesOf.all(prefix, prefix)) {
        const number = Number(row.number)
        this.#statement.removeValue.run(number, owner)
        this.#statement.clearItems.run(number, owner)
        const archive = this.#archives.find(number, owner)
        this.#entries.removeUpTo(archive, Number.MAX_SAFE_INTEGER)
        this.#archives.remove(archive)
      }
    })
  }

  stores(_operation: Operation<'stores'>): { name: string; shape: Shape }[] {
    const rows = this.#statement.stores.all()
    return rows.map((row) => ({ name: String(row.name), shape: row.shape as Shape }))
  }

  #archivesFor(places: EntryPlaces): Archives {
    return {
      make: (store, owner) => this.#archives.make(store, owner),
      standing: ({ number }) => places.before(number, Number.MAX_SAFE_INTEGER) ?? beforeAll,
      greatestId: ({ number }) => places.greatestId(number) ?? '',
      hasId: ({ number }, id) => places.of(number, id) !== undefined,
      removeUpTo: (archive, place) => this.#entries.removeUpTo(archive, place),
    }
  }

  /** An archive with all that has come for it. */
  #settled(store: string, owner: string): ArchiveRow {
    const number = this.#known(store, 'archive')
    if (this.#arrivals.has(number, owner)) this.#arrivals.settle()
    return this.#archives.find(number, owner)
  }

  /** The number of a store, or one that no store has. */
  #known(name: string, shape: Shape): number {
    const numbers = this.#numbersByStore[shape]
    const cached = numbers.get(name)
    if (cached !== undefined) return cached
    const row = this.#statement.findStore.get(name, shape)
    if (!row) return 0
    const number = Number(row.number)
    numbers.set(name, number)
    return number
  }

  #numberOf(name: string, shape: Shape): number {
    const known = this.#known(name, shape)
    if (known !== 0) return known
    this.#statement.addStore.run(name, shape)
    return this.#known(name, shape)
  }
}

const endOfKeys = new Uint8Array(0)

function text(value: SQLInputValue | undefined): string | undefined {
  return value === undefined ? undefined : String(value)
}

function prepare(database: DatabaseSync) {
  const sql = (source: string) => database.prepare(source)
  const page = (start: string, order: string) =>
    sql(`select key, value from item where store = ? and owner = ? and key ${start} ? and key < ?
      order by key ${order} limit ?`)
  return {
    findStore: sql('select number from store where name = ? and shape = ?'),
    addStore: sql('insert into store (name, shape) values (?, ?)'),
    storesOf: sql('select number from store where substr(name, 1, length(?)) = ?'),
    stores: sql('select name, shape from store order by name, shape'),
    getValue: sql('select value from key_value where store = ? and owner = ?'),
    setValue: sql('insert or replace into key_value (store, owner, value) values (?, ?, ?)'),
    removeValue: sql('delete from key_value where store = ? and owner = ?'),
    firstOwners: sql('select owner from key_value where store = ? order by owner limit ?'),
    nextOwners: sql('select owner from key_value where store = ? and owner > ? order by owner limit ?'),
    getItem: sql('select value from item where store = ? and owner = ? and key = ?'),
    allItems: sql('select key, value from item where store = ? and owner = ? order by key'),
    pageForward: { from: page('>=', 'asc'), after: page('>', 'asc') },
    pageBackward: { from: page('>=', 'desc'), after: page('>', 'desc') },
    countItems: sql('select count(*) as count from item where store = ? and owner = ?'),
    countItemsBefore: sql('select count(*) as count from item where store = ? and owner = ? and key < ?'),
    setItem: sql('insert or replace into item (store, owner, key, value) values (?, ?, ?, ?)'),
    removeItem: sql('delete from item where store = ? and owner = ? and key = ?'),
    clearItems: sql('delete from item where store = ? and owner = ?'),
    removeFirst: sql(`delete from item where store = ? and owner = ? and key < coalesce(
      (select key from item where store = ? and owner = ? order by key limit 1 offset ?), ?)`),
  }
}
