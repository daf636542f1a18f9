// The table of archive entries: adding, counting, changing and removing.
import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import type { ArchiveRow, ArchiveTable } from './archive-table.ts'
import type { Arrival } from './arrivals.ts'
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

  /** Adds entries behind all others of an archive, in their order, as if one after the other. */
  add(archive: ArchiveRow, arrivals: readonly Arrival[]): void {
    const last = this.#places.before(archive.number, Number.MAX_SAFE_INTEGER)
    let { place, latest } = last ?? { place: 0, latest: Number.NEGATIVE_INFINITY }
    let superfluous = 0
    for (const { entry, keep } of arrivals) {
      const { id, when, with: party, resource, value, text } = entry
      place += 1
      latest = Math.max(when, latest)
      this.#statement.add.run(archive.number, place, latest, when, id, party, resource, value, text)
      // Places begin with 1.
      if (keep !== undefined) superfluous = Math.max(superfluous, place - keep)
    }
    const oldest = this.#places.from(archive.number, 0)
    if (oldest && oldest.place <= superfluous) this.#removeUpTo(archive.number, superfluous)
  }

  /** The greatest id of an archive, in the order of UTF-8; `''` if it is empty. */
  greatestId(archive: number): string {
    return String(this.#statement.greatestId.get(archive)?.id ?? '')
  }

  count(archive: number): number {
    const first = this.#places.from(archive, 0)
    const last = this.#places.before(archive, Number.MAX_SAFE_INTEGER)
    return first && last ? last.place - first.place + 1 : 0
  }

  /** Puts another value and other words in an entry, where it is; answers whether there is one. */
  replace(archive: ArchiveRow, id: string, { value, text }: { value: string; text: string }): boolean {
    const row = this.#statement.get.get(archive.number, id)
    if (!row) return false
    const { number, place, latest, time, with: party, resource } = row as Record<string, SQLInputValue>
    const isIndexed = Number(place) <= archive.wordsTo
    const tokens = isIndexed && text !== '' ? tokensOf(text, archive.store, archive.owner) : []
    this.#savepoint.around(true, () => {
      // Removed and added again, under its number, so that its words go as those of any entry do.
      this.#statement.removeOne.run(number as SQLInputValue)
      const added = [number, archive.number, place, latest, time, id, party, resource, value, text]
      this.#statement.addAgain.run(...(added as SQLInputValue[]), Number(tokens.length > 0))
      if (tokens.length > 0) this.#statement.addWords.run(number as SQLInputValue, tokens.join(' '))
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
      count += this.#removeUpTo(archive.number, last)
      if (before !== undefined && last === end - 1)
        count += this.#removeLate(archive, before, most === undefined ? -1 : most - count)
    })
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

  /** Where all are gone, places begin anew. */
  #removeUpTo(archive: number, place: number): number {
    const count = Number(this.#statement.removeUpTo.run(archive, place).changes)
    this.#statement.forgetPlaces.run(archive, archive)
    return count
  }

  /** Entries that were older than one before them leave gaps, which are closed. */
  #removeLate({ number }: ArchiveRow, before: number, most: number): number {
    const count = Number(this.#statement.removeLate.run(number, before, most).changes)
    if (count === 0) return 0
    this.#statement.countWordsTo.run(number)
    this.#statement.closeGaps.run(number, number)
    return count
  }
}

function prepare(database: DatabaseSync) {
  const sql = (source: string) => database.prepare(source)
  return {
    add: sql(`insert into entry (archive, place, latest, time, id, "with", resource, value, text, has_words)
      values (?, ?, ?, ?, ?, ?, ?, ?, ?, 0)`),
    greatestId: sql('select id from entry where archive = ? order by id desc limit 1'),
    get: sql(`select number, place, latest, time, "with", resource from entry where archive = ? and id = ?`),
    addAgain: sql(`insert into entry
      (number, archive, place, latest, time, id, "with", resource, value, text, has_words)
      values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`),
    wordless: sql(`select number, place, text from entry
      where archive = ? and place > ? order by place limit ?`),
    addWords: sql('insert into entry_words (rowid, words) values (?, ?)'),
    noteWords: sql('update entry set has_words = 1 where number = ?'),
    removeOne: sql('delete from entry where number = ?'),
    removeUpTo: sql('delete from entry where archive = ? and place <= ?'),
    forgetPlaces: sql(`update archive set words_to = 0
      where number = ? and words_to > 0 and not exists (select 1 from entry where archive = ?)`),
    removeLate: sql(`delete from entry where number in (
      select number from entry where archive = ? and time < latest and time < ? order by place limit ?)`),
    countWordsTo: sql(`update archive set words_to =
      (select count(*) from entry where entry.archive = archive.number and place <= words_to)
      where number = ?`),
    closeGaps: sql(`update entry set place = numbered.place
      from (select number, row_number() over (order by place) as place from entry where archive = ?) as numbered
      where archive = ? and entry.number = numbered.number`),
  }
}
