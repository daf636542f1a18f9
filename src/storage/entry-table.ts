// The table of archive entries, in the order of arrival, and what is found in it by index: counting, changing, removing.
import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import type { ArchiveRow, ArchiveTable } from './archive-table.ts'
import type { EntryPlaces } from './entry-places.ts'
import type { Savepoint } from './savepoint.ts'
import type { ArchiveRemoval } from './storage.ts'
import { tokensOf } from './words.ts'

/** Entries of every archive in a file. */
export class EntryTable {
  readonly #database: DatabaseSync
  readonly #savepoint: Savepoint
  readonly #archives: ArchiveTable
  readonly #places: EntryPlaces
  readonly #statement: ReturnType<typeof prepare>

  constructor(database: DatabaseSync, savepoint: Savepoint, archives: ArchiveTable, places: EntryPlaces) {
    this.#database = database
    this.#savepoint = savepoint
    this.#archives = archives
    this.#places = places
    this.#statement = prepare(database)
  }

  count({ number }: ArchiveRow): number {
    const first = this.#places.from(number, 0)
    const last = this.#places.before(number, Number.MAX_SAFE_INTEGER)
    return first && last ? last.place - first.place + 1 : 0
  }

  /** Puts another value and other words in an entry, where it is; answers whether there is one. */
  replace(archive: ArchiveRow, id: string, { value, text }: { value: string; text: string }): boolean {
    const row = this.#statement.get.get(archive.number, id)
    if (!row) return false
    const number = row.number as SQLInputValue
    const isIndexed = Number(row.place) <= archive.wordsTo
    const tokens = isIndexed && text !== '' ? tokensOf(text, archive.store, archive.owner) : []
    this.#savepoint.around(true, () => {
      if (row.has_words !== 0) this.#statement.removeWords.run(number)
      this.#statement.replace.run(value, isIndexed ? '' : text, Number(tokens.length > 0), number)
      if (tokens.length > 0) this.#statement.addWords.run(number, tokens.join(' '))
    })
    return true
  }

  /** Answers how many were removed. */
  remove(archive: ArchiveRow, { before, most }: ArchiveRemoval = {}): number {
    const oldest = this.#places.from(archive.number, 0)
    if (!oldest) return 0
    const end = before === undefined ? Number.MAX_SAFE_INTEGER : this.#places.since(archive.number, before)
    const last = Math.min(end - 1, most === undefined ? end - 1 : oldest.place + most - 1)
    let count = 0
    this.#savepoint.around(true, () => {
      count += this.removeUpTo(archive, last)
      if (before !== undefined && last === end - 1)
        count += this.#removeLate(archive, before, most === undefined ? -1 : most - count)
    })
    return count
  }

  /** Removes what is at `place` and before; answers how many it was. Where all are gone, places begin anew. */
  removeUpTo({ number }: ArchiveRow, place: number): number {
    const count = Number(this.#statement.removeUpTo.run(number, place).changes)
    if (count > 0) this.#statement.forgetPlaces.run(number, number)
    return count
  }

  /**
   * Puts the words of the next `most` entries that no search has asked for into their index. Answers whether all are
   * in it. Should it fail halfway, it rolls back the transaction.
   */
  indexWords(archive: ArchiveRow, most: number): boolean {
    const rows = this.#statement.wordless.all(archive.number, archive.wordsTo, most)
    const last = rows.at(-1)
    if (!last) return true
    try {
      for (const { number, text } of rows) this.#addWords(archive, number as SQLInputValue, String(text))
      this.#archives.setWordsTo(archive, Number(last.place))
    } catch (error) {
      // A savepoint would make SQLite write out the index of words each time.
      if (this.#database.isTransaction) this.#database.exec('rollback')
      throw error
    }
    return rows.length < most
  }

  #addWords(archive: ArchiveRow, number: SQLInputValue, text: string): void {
    const tokens = tokensOf(text, archive.store, archive.owner)
    if (tokens.length === 0) return
    this.#statement.addWords.run(number, tokens.join(' '))
    this.#statement.noteWords.run(number)
  }

  /** Entries that were older than one before them leave gaps, which are closed. */
  #removeLate({ number }: ArchiveRow, before: number, most: number): number {
    const count = Number(this.#statement.removeLate.run(number, before, most).changes)
    if (count === 0) return 0
    this.#statement.countWordsTo.run(number)
    for (const statement of this.#statement.closeGaps) statement.run(number)
    return count
  }
}

function prepare(database: DatabaseSync) {
  const sql = (source: string) => database.prepare(source)
  return {
    get: sql(`select entry.number, entry.place, has_words from entry_by_id cross join entry using (number)
      where entry_by_id.archive = ? and entry_by_id.id = ?`),
    replace: sql('update entry set value = ?, text = ?, has_words = ? where number = ?'),
    wordless:
      sql(`select number, entry_by_place.place, text from entry_by_place cross join entry using (number)
      where entry_by_place.archive = ? and entry_by_place.place > ? order by entry_by_place.place limit ?`),
    addWords: sql('insert into entry_words (rowid, words) values (?, ?)'),
    noteWords: sql("update entry set has_words = 1, text = '' where number = ?"),
    removeWords: sql('delete from entry_words where rowid = ?'),
    removeUpTo: sql(`delete from entry where number in (
      select number from entry_by_place where archive = ? and place <= ?)`),
    forgetPlaces: sql(`update archive set words_to = 0
      where number = ? and words_to > 0 and not exists (select 1 from entry_by_place where archive = ?)`),
    removeLate: sql(`delete from entry where number in (
      select number from entry_late cross join entry_by_place using (archive, place)
      where archive = ? and time < ? order by place limit ?)`),
    countWordsTo: sql(`update archive set words_to =
      (select count(*) from entry_by_place as other where other.archive = archive.number and other.place <= words_to)
      where number = ?`),
    // Places are in every index; that by id is there while the others are made anew, and that by place while it is.
    closeGaps: [
      sql(`update entry set place = numbered.place
        from (select number, row_number() over (order by place) as place from entry_by_place where archive = ?)
          as numbered
        where entry.number = numbered.number`),
      sql('delete from entry_by_id where archive = ?'),
      sql(`insert into entry_by_id select archive, id, place, number from entry
        where number in (select number from entry_by_place where archive = ?)`),
      sql('delete from entry_by_place where archive = ?'),
      sql('delete from entry_by_party where archive = ?'),
      sql('delete from entry_late where archive = ?'),
      sql(`insert into entry_by_place select archive, place, latest, number from entry
        where number in (select number from entry_by_id where archive = ?)`),
      sql(`insert into entry_by_party select archive, "with", place, resource, number from entry
        where number in (select number from entry_by_id where archive = ?)`),
      sql(`insert into entry_late select archive, place, time from entry
        where time < latest and number in (select number from entry_by_id where archive = ?)`),
    ],
  }
}
