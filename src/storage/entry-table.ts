// The table of archive entries: appending, and pages found by place, time and party.
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import type { StoredEntry, StoredPage } from './operation.ts'
import type { ArchiveQuery } from './storage.ts'

/** Entries of every archive in a file, numbered in order of arrival. */
export class EntryTable {
  readonly #database: DatabaseSync
  readonly #statement: ReturnType<typeof prepare>
  /** One statement for each combination of bounds that was asked for: at most 64. */
  readonly #pagesBySource = new Map<string, StatementSync>()

  constructor(database: DatabaseSync) {
    this.#database = database
    this.#statement = prepare(database)
  }

  append(store: number, owner: string, entry: StoredEntry): void {
    this.#statement.append.run(store, owner, entry.id, entry.when, entry.with, entry.value)
  }

  count(store: number, owner: string): number {
    return Number(this.#statement.count.get(store, owner)?.count)
  }

  /** Removes what is older than `before`, or all; answers how many. */
  remove(store: number, owner: string, before: number | undefined): number {
    const removed =
      before === undefined
        ? this.#statement.removeAll.run(store, owner)
        : this.#statement.removeOlder.run(store, owner, before)
    return Number(removed.changes)
  }

  find(store: number, owner: string, query: ArchiveQuery): StoredPage | undefined {
    const after = this.#numberOf(store, owner, query.after)
    const before = this.#numberOf(store, owner, query.before)
    if (after === 'unknown' || before === 'unknown') return undefined
    const conditions: [string, SQLInputValue | undefined][] = [
      ['store = ?', store],
      ['owner = ?', owner],
      ['number > ?', after],
      ['number < ?', before],
      ['time >= ?', query.start],
      ['time <= ?', query.end],
      ['"with" = ?', query.with],
    ]
    const given = conditions.filter(([, value]) => value !== undefined)
    const statement = this.#page(given.map(([source]) => source).join(' and '), query.backward === true)
    // One more than asked for tells whether the page is the last.
    const rows = statement.all(...given.map(([, value]) => value as SQLInputValue), query.limit + 1)
    const entries = rows.slice(0, query.limit).map(entryOf)
    return { entries: query.backward ? entries.reverse() : entries, isComplete: rows.length <= query.limit }
  }

  #page(where: string, isBackward: boolean): StatementSync {
    const order = isBackward ? 'desc' : 'asc'
    const source = `select id, time, "with", value from entry where ${where} order by number ${order} limit ?`
    let statement = this.#pagesBySource.get(source)
    if (!statement) {
      statement = this.#database.prepare(source)
      this.#pagesBySource.set(source, statement)
    }
    return statement
  }

  #numberOf(store: number, owner: string, id: string | undefined): number | undefined | 'unknown' {
    if (id === undefined) return undefined
    const row = this.#statement.numberOf.get(store, owner, id)
    return row ? Number(row.number) : 'unknown'
  }
}

function entryOf(row: Record<string, SQLInputValue>): StoredEntry {
  return { id: String(row.id), when: Number(row.time), with: String(row.with), value: String(row.value) }
}

function prepare(database: DatabaseSync) {
  const sql = (source: string) => database.prepare(source)
  return {
    append: sql('insert into entry (store, owner, id, time, "with", value) values (?, ?, ?, ?, ?, ?)'),
    count: sql('select count(*) as count from entry where store = ? and owner = ?'),
    numberOf: sql('select number from entry where store = ? and owner = ? and id = ?'),
    removeAll: sql('delete from entry where store = ? and owner = ?'),
    removeOlder: sql('delete from entry where store = ? and owner = ? and time < ?'),
  }
}
