// The table of archive entries: appending, counting and removing.
import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import type { EntryPlaces } from './entry-places.ts'
import type { NewStoredEntry } from './operation.ts'
import type { Savepoint } from './savepoint.ts'
import type { ArchiveRemoval } from './storage.ts'
import { tokensOf } from './words.ts'

/** Entries of every archive in a file. */
export class EntryTable {
  readonly #database: DatabaseSync
  readonly #savepoint: Savepoint
  readonly #places: EntryPlaces
  readonly #statement: ReturnType<typeof prepare>

  constructor(database: DatabaseSync, savepoint: Savepoint, places: EntryPlaces) {
    this.#database = database
    this.#savepoint = savepoint
    this.#places = places
    this.#statement = prepare(database)
  }

  /**
   * Adds an entry behind all others of its archive; of these, the last `keep` are kept. Should it fail halfway, it
   * rolls back the transaction: a savepoint would make SQLite write out the index of words for every entry.
   */
  append(store: number, owner: string, entry: NewStoredEntry, keep: number | undefined): void {
    const tokens = entry.text === '' ? [] : tokensOf(entry.text, store, owner)
    const { number, place } = this.#insert(store, owner, entry, tokens.length > 0)
    try {
      if (tokens.length > 0) this.#statement.addWords.run(number, tokens.join(' '))
      // Places begin with 1.
      if (keep !== undefined && place > keep) this.#removeUpTo(store, owner, place - keep)
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('rollback')
      throw error
    }
  }

  count(store: number, owner: string): number {
    const first = this.#places.from(store, owner, 0)
    const last = this.#places.before(store, owner, Number.MAX_SAFE_INTEGER)
    return first && last ? last.place - first.place + 1 : 0
  }

  /** Puts another value and other words in an entry, where it is; answers whether there is one. */
  replace(
    store: number,
    owner: string,
    id: string,
    { value, text }: { value: string; text: string },
  ): boolean {
    const row = this.#statement.get.get(store, owner, id)
    if (!row) return false
    const { number, time, with: party, resource, latest, place } = row as Record<string, SQLInputValue>
    const tokens = text === '' ? [] : tokensOf(text, store, owner)
    this.#savepoint.around(true, () => {
      // Removed and added again, under its number, so that its words go as those of any entry do.
      this.#statement.removeOne.run(number as SQLInputValue)
      const added = [store, owner, id, time, party, resource, value, Number(tokens.length > 0), latest, place]
      this.#statement.addAgain.run(...(added as SQLInputValue[]), number as SQLInputValue)
      if (tokens.length > 0) this.#statement.addWords.run(number as SQLInputValue, tokens.join(' '))
    })
    return true
  }

  /** Answers how many were removed. */
  remove(store: number, owner: string, { before, most }: ArchiveRemoval = {}): number {
    const oldest = this.#places.from(store, owner, 0)
    if (!oldest) return 0
    const end = before === undefined ? Number.MAX_SAFE_INTEGER : this.#places.since(store, owner, before)
    const last = Math.min(end - 1, most === undefined ? end - 1 : oldest.place + most - 1)
    let count = 0
    this.#savepoint.around(true, () => {
      count += Number(this.#statement.removeUpTo.run(store, owner, last).changes)
      if (before !== undefined && last === end - 1)
        count += this.#removeLate(store, owner, before, most, count)
    })
    return count
  }

  #removeUpTo(store: number, owner: string, place: number): void {
    const oldest = this.#places.from(store, owner, 0)
    if (oldest && oldest.place <= place) this.#statement.removeUpTo.run(store, owner, place)
  }

  #insert(store: number, owner: string, entry: NewStoredEntry, hasWords: boolean) {
    const { id, when, with: party, resource, value } = entry
    const last = this.#places.before(store, owner, Number.MAX_SAFE_INTEGER)
    const place = (last?.place ?? 0) + 1
    const latest = Math.max(when, last?.latest ?? when)
    const added = [store, owner, id, when, party, resource, value, Number(hasWords), latest, place]
    return { number: this.#statement.append.run(...added).lastInsertRowid, place }
  }

  /** Entries that were older than one before them leave gaps, which are closed. */
  #removeLate(
    store: number,
    owner: string,
    before: number,
    most: number | undefined,
    removed: number,
  ): number {
    const limit = most === undefined ? -1 : most - removed
    const count = Number(this.#statement.removeLate.run(store, owner, before, limit).changes)
    if (count > 0) this.#statement.closeGaps.run(store, owner, store, owner)
    return count
  }
}

function prepare(database: DatabaseSync) {
  const sql = (source: string) => database.prepare(source)
  return {
    append: sql(`insert into entry
      (store, owner, id, time, "with", resource, value, has_words, latest, place)
      values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`),
    addWords: sql('insert into entry_words (rowid, words) values (?, ?)'),
    get: sql(`select number, time, "with", resource, latest, place from entry
      where store = ? and owner = ? and id = ?`),
    addAgain: sql(`insert into entry
      (store, owner, id, time, "with", resource, value, has_words, latest, place, number)
      values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`),
    removeOne: sql('delete from entry where number = ?'),
    removeUpTo: sql('delete from entry where store = ? and owner = ? and place <= ?'),
    removeLate: sql(`delete from entry where number in (
      select number from entry where store = ? and owner = ? and time < latest and time < ? order by place limit ?)`),
    closeGaps: sql(`update entry set place = numbered.place
      from (select number, row_number() over (order by place) as place from entry
        where store = ? and owner = ?) as numbered
      where store = ? and owner = ? and entry.number = numbered.number`),
  }
}
