// Pages of an archive: what fits a query, from either end, reading no more than the page whatever lies before it.
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import type { ArchiveRow } from './archive-table.ts'
import type { EntryPlaces } from './entry-places.ts'
import type { StoredEntry, StoredPage } from './operation.ts'
import type { ArchiveQuery } from './storage.ts'
import { tokensOf } from './words.ts'

/** Places from `first` on, those before `end`. */
interface Range {
  readonly first: number
  readonly end: number
}

type Row = Record<string, SQLInputValue>

/** Finds pages of every archive in a file. */
export class EntryPages {
  readonly #database: DatabaseSync
  readonly #places: EntryPlaces
  readonly #statements = new Map<string, StatementSync>()

  constructor(database: DatabaseSync, places: EntryPlaces) {
    this.#database = database
    this.#places = places
  }

  /** `undefined` if an id that is given names no entry. */
  find(archive: ArchiveRow, query: ArchiveQuery): StoredPage | undefined {
    const { number } = archive
    const fitting = this.#rangeOf(number, query)
    const page = this.#placesBetween(number, query.after, query.before)
    if (!fitting || !page || !this.#hasAll(number, query.ids)) return undefined
    const standing = this.#countOf(number, query, fitting)
    const skipped = standing && query.index !== undefined ? standing.first + query.index : 0
    const range = {
      first: Math.max(fitting.first, page.first, skipped),
      end: Math.min(fitting.end, page.end),
    }
    // One more than asked for tells whether the page is the last.
    const rows = this.#rows(archive, query, range, standing ? 0 : (query.index ?? 0))
    const entries = rows.slice(0, query.limit)
    if (query.backward) entries.reverse()
    return {
      entries: entries.map(entryOf),
      isComplete: rows.length <= query.limit,
      ...(standing && query.isCounted ? countedOf(standing, entries[0]) : {}),
    }
  }

  /** The places where all that fits lies, with perhaps some between that do not. */
  #rangeOf(archive: number, query: ArchiveQuery): Range | undefined {
    const range = this.#placesBetween(archive, query.newerThan, query.olderThan)
    if (!range) return undefined
    const { start, end } = query
    return {
      first: start === undefined ? range.first : Math.max(range.first, this.#places.since(archive, start)),
      end: end === undefined ? range.end : Math.min(range.end, this.#places.behind(archive, end)),
    }
  }

  #placesBetween(archive: number, after: string | undefined, before: string | undefined): Range | undefined {
    const last = after === undefined ? 0 : this.#places.of(archive, after)
    const end = before === undefined ? Number.MAX_SAFE_INTEGER : this.#places.of(archive, before)
    return last === undefined || end === undefined ? undefined : { first: last + 1, end }
  }

  #hasAll(archive: number, ids: readonly string[] = []): boolean {
    return ids.every((id) => this.#places.of(archive, id) !== undefined)
  }

  /** The first place and the count of what fits, where it is all that lies in the range. */
  #countOf(archive: number, query: ArchiveQuery, { first, end }: Range) {
    if (!query.isCounted && query.index === undefined) return undefined
    const { with: party, resource, text, ids, start: from, end: to } = query
    if ([party, resource, text, ids].some((filter) => filter !== undefined)) return undefined
    const isTimed = from !== undefined || to !== undefined
    if (isTimed && !this.#places.isInOrder(archive, first)) return undefined
    const oldest = this.#places.from(archive, first)
    const newest = this.#places.before(archive, end)
    const isEmpty = !oldest || !newest || newest.place < oldest.place
    return isEmpty ? { first, count: 0 } : { first: oldest.place, count: newest.place - oldest.place + 1 }
  }

  #rows(archive: ArchiveRow, query: ArchiveQuery, { first, end }: Range, offset: number): Row[] {
    const { number, store, owner } = archive
    const tokens = query.text === undefined ? undefined : tokensOf(query.text, store, owner)
    if (tokens?.length === 0) return []
    const given: SQLInputValue[] = [number, first, end]
    given.push(query.start ?? Number.NEGATIVE_INFINITY, query.end ?? Number.POSITIVE_INFINITY)
    if (query.with !== undefined) given.push(query.with)
    if (query.resource !== undefined) given.push(query.resource)
    if (query.ids !== undefined) given.push(JSON.stringify(query.ids))
    if (tokens) given.push(...this.#numbersBetween(number, first, end), matchOf(tokens))
    return this.#statementFor(query).all(...given, query.limit + 1, offset)
  }

  /** The index of words knows rows by number only; within an archive these are in the order of places. */
  #numbersBetween(archive: number, first: number, end: number): [number, number] {
    const select = 'select number from entry_by_place where archive = ?'
    const oldest = this.#prepared(`${select} and place >= ? order by place limit 1`).get(archive, first)
    const newest = this.#prepared(`${select} and place < ? order by place desc limit 1`).get(archive, end)
    return [Number(oldest?.number ?? 0), Number(newest?.number ?? -1)]
  }

  #statementFor(query: ArchiveQuery): StatementSync {
    const { with: party, resource, ids, text, backward } = query
    const order = backward ? 'desc' : 'asc'
    const index = indexFor(query)
    const place = index === 'entry_words' ? 'entry' : index
    const address = index === 'entry_by_party' ? index : 'entry'
    return this.#prepared(`select entry.id, entry.time, entry."with", entry.value, entry.place
      from ${index} cross join entry on entry.number = ${index === 'entry_words' ? 'entry_words.rowid' : `${index}.number`}
      where ${place}.archive = ? and ${place}.place >= ? and ${place}.place < ? and entry.time >= ? and entry.time <= ?
        ${party === undefined ? '' : `and ${address}."with" = ?`}
        ${resource === undefined ? '' : `and ${address}.resource = ?`}
        ${ids === undefined ? '' : `and ${place}.id in (select value from json_each(?))`}
        ${text === undefined ? '' : 'and entry_words.rowid between ? and ? and entry_words match ?'}
      order by ${text === undefined ? `${place}.place` : 'entry_words.rowid'} ${order} limit ? offset ?`)
  }

  #prepared(sql: string): StatementSync {
    const known = this.#statements.get(sql)
    if (known) return known
    const statement = this.#database.prepare(sql)
    this.#statements.set(sql, statement)
    return statement
  }
}

/** By what entries are found; left to itself, SQLite does not always choose what reads least. */
function indexFor({ with: party, ids, text }: ArchiveQuery): string {
  if (text !== undefined) return 'entry_words'
  if (ids !== undefined) return 'entry_by_id'
  return party === undefined ? 'entry_by_place' : 'entry_by_party'
}

function countedOf(standing: { first: number; count: number }, firstRow: Row | undefined) {
  const { first, count } = standing
  return firstRow ? { count, index: Number(firstRow.place) - first } : { count }
}

/** https://www.sqlite.org/fts5.html §3: strings side by side are to be found all. */
function matchOf(tokens: readonly string[]): string {
  return tokens.map((token) => `"${token}"`).join(' ')
}

function entryOf(row: Row): StoredEntry {
  return { id: String(row.id), when: Number(row.time), with: String(row.with), value: String(row.value) }
}
