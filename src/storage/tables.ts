// The statements behind the shapes: one method for each kind of operation.
import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import { EntryPages } from './entry-pages.ts'
import { EntryPlaces } from './entry-places.ts'
import { EntryTable } from './entry-table.ts'
import type { Answer, Kind, Operation, Shape } from './operation.ts'
import { Savepoint } from './savepoint.ts'

type Methods = { [K in Kind]: (operation: Operation<K>) => Answer<K> }

/** Carries out single operations on an open database, inside whatever transaction there is. */
export class Tables implements Methods {
  readonly #entries: EntryTable
  readonly #pages: EntryPages
  readonly #savepoint: Savepoint
  readonly #statement: ReturnType<typeof prepare>
  readonly #numbersByStore = new Map<string, number>()

  constructor(database: DatabaseSync) {
    this.#savepoint = new Savepoint(database)
    const places = new EntryPlaces(database)
    this.#entries = new EntryTable(database, this.#savepoint, places)
    this.#pages = new EntryPages(database, places)
    this.#statement = prepare(database)
  }

  /** Does one thing, wholly or not at all. */
  do<K extends Kind>(operation: Operation<K>): Answer<K> {
    const method = this[operation.kind] as (operation: Operation<K>) => Answer<K>
    return method.call(this, operation)
  }

  /** To be called after a transaction was rolled back: numbers given to new stores went with it. */
  forget(): void {
    this.#numbersByStore.clear()
  }

  getValue({ store, owner }: Operation<'getValue'>): string | undefined {
    return text(this.#statement.getValue.get(this.#known(store, 'key-value'), owner)?.value)
  }

  setValue({ store, owner, value }: Operation<'setValue'>): undefined {
    if (value === null) this.#statement.removeValue.run(this.#known(store, 'key-value'), owner)
    else this.#statement.setValue.run(this.#numberOf(store, 'key-value'), owner, value)
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
    this.#entries.append(this.#numberOf(store, 'archive'), owner, entry, keep)
  }

  find({ store, owner, query }: Operation<'find'>): Answer<'find'> {
    return this.#pages.find(this.#known(store, 'archive'), owner, query)
  }

  replaceEntry({ store, owner, id, value, text }: Operation<'replaceEntry'>): boolean {
    return this.#entries.replace(this.#known(store, 'archive'), owner, id, { value, text })
  }

  countEntries({ store, owner }: Operation<'countEntries'>): number {
    return this.#entries.count(this.#known(store, 'archive'), owner)
  }

  removeEntries({ store, owner, which }: Operation<'removeEntries'>): number {
    return this.#entries.remove(this.#known(store, 'archive'), owner, which)
  }

  eraseOwner({ prefix, owner }: Operation<'eraseOwner'>): undefined {
    this.#savepoint.around(true, () => {
      for (const row of this.#statement.storesOf.all(prefix, prefix)) {
        const number = Number(row.number)
        this.#statement.removeValue.run(number, owner)
        this.#statement.clearItems.run(number, owner)
        this.#entries.remove(number, owner)
      }
    })
  }

  stores(_operation: Operation<'stores'>): { name: string; shape: Shape }[] {
    const rows = this.#statement.stores.all()
    return rows.map((row) => ({ name: String(row.name), shape: row.shape as Shape }))
  }

  /** The number of a store, or one that no store has. */
  #known(name: string, shape: Shape): number {
    const cacheKey = `${shape} ${name}`
    const cached = this.#numbersByStore.get(cacheKey)
    if (cached !== undefined) return cached
    const row = this.#statement.findStore.get(name, shape)
    if (!row) return 0
    const number = Number(row.number)
    this.#numbersByStore.set(cacheKey, number)
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
