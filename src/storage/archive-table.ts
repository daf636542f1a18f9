// The archives that have been written to, each with a number by which its entries name it.
import type { DatabaseSync } from 'node:sqlite'

/** An archive as entries know it. */
export interface ArchiveRow {
  /** 0 for one that has never been written to. */
  readonly number: number
  /** The number of its store. */
  readonly store: number
  readonly owner: string
  /** The place up to which words are in the index. */
  readonly wordsTo: number
}

/** Numbers of archives. */
export class ArchiveTable {
  readonly #statement: ReturnType<typeof prepare>

  constructor(database: DatabaseSync) {
    this.#statement = prepare(database)
  }

  /** The archive of that store and owner; one of number 0 if there is none. */
  find(store: number, owner: string): ArchiveRow {
    const row = this.#statement.find.get(store, owner)
    return { number: Number(row?.number ?? 0), store, owner, wordsTo: Number(row?.words_to ?? 0) }
  }

  /** The same, but made if it is missing. */
  make(store: number, owner: string): ArchiveRow {
    const found = this.find(store, owner)
    if (found.number !== 0) return found
    return { ...found, number: Number(this.#statement.make.run(store, owner).lastInsertRowid) }
  }

  /** Forgets an archive in which nothing is left. */
  remove({ number }: ArchiveRow): void {
    this.#statement.remove.run(number)
  }

  /** Notes that words are in the index up to a place. */
  setWordsTo({ number }: ArchiveRow, place: number): void {
    this.#statement.setWordsTo.run(place, number)
  }
}

function prepare(database: DatabaseSync) {
  const sql = (source: string) => database.prepare(source)
  return {
    find: sql('select number, words_to from archive where store = ? and owner = ?'),
    make: sql('insert into archive (store, owner) values (?, ?)'),
    remove: sql('delete from archive where number = ?'),
    setWordsTo: sql('update archive set words_to = ? where number = ?'),
  }
}
