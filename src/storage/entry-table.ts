// The table of archive entries: appending, and pages found by place, time and party.
import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import type { StoredEntry, StoredPage } from './operation.ts'
import type { Savepoint } from './savepoint.ts'
import type { ArchiveQuery } from './storage.ts'

/**
 * A place in an owner's archive, between entries or at one. `latest` is the latest time of all entries up to there,
 * which, unlike their own time, never goes back; so the order of arrival is also the order of (latest, number).
 */
interface Place {
  readonly latest: number
  readonly number: number
}

const start: Place = { latest: Number.NEGATIVE_INFINITY, number: 0 }
const end: Place = { latest: Number.POSITIVE_INFINITY, number: 0 }

/** Entries of every archive in a file. */
export class EntryTable {
  readonly #savepoint: Savepoint
  readonly #statement: ReturnType<typeof prepare>

  constructor(database: DatabaseSync, savepoint: Savepoint) {
    this.#savepoint = savepoint
    this.#statement = prepare(database)
  }

  append(store: number, owner: string, { id, when, with: party, value }: StoredEntry): void {
    this.#statement.append.run(store, owner, id, when, party, value, when, store, owner)
  }

  count(store: number, owner: string): number {
    return Number(this.#statement.count.get(store, owner)?.count)
  }

  /** Removes what is older than `before`, or all; answers how many. */
  remove(store: number, owner: string, before: number | undefined): number {
    if (before === undefined) return Number(this.#statement.removeAll.run(store, owner).changes)
    let count = 0
    this.#savepoint.around(true, () => {
      count += Number(this.#statement.removeUpTo.run(store, owner, before).changes)
      count += Number(this.#statement.removeLate.run(store, owner, before).changes)
    })
    return count
  }

  /** Reads no more than the page, whatever lies before it; but for one party's it may pass over other times. */
  find(store: number, owner: string, query: ArchiveQuery): StoredPage | undefined {
    const after = query.after === undefined ? start : this.#placeOf(store, owner, query.after)
    const before = query.before === undefined ? end : this.#placeOf(store, owner, query.before)
    if (!after || !before) return undefined
    const lower = query.start === undefined ? after : later(after, { latest: query.start, number: 0 })
    const upper = query.end === undefined ? before : earlier(before, this.#endOf(store, owner, query.end))
    const bounds = [
      ...[store, owner, lower.latest, lower.number, upper.latest, upper.number],
      ...[query.start ?? Number.NEGATIVE_INFINITY, query.end ?? Number.POSITIVE_INFINITY],
      ...(query.with === undefined ? [] : [query.with]),
    ]
    // One more than asked for tells whether the page is the last.
    const rows = this.#page(query).all(...bounds, query.limit + 1)
    const entries = rows.slice(0, query.limit).map(entryOf)
    return { entries: query.backward ? entries.reverse() : entries, isComplete: rows.length <= query.limit }
  }

  #page({ backward, with: party }: ArchiveQuery) {
    const { forward, forwardWith, backward: newestFirst, backwardWith } = this.#statement
    if (party === undefined) return backward ? newestFirst : forward
    return backward ? backwardWith : forwardWith
  }

  #placeOf(store: number, owner: string, id: string): Place | undefined {
    return placeOf(this.#statement.placeOf.get(store, owner, id))
  }

  /** The place behind the last entry that is not newer than `time`. */
  #endOf(store: number, owner: string, time: number): Place {
    const inOrder = { latest: time, number: Number.MAX_SAFE_INTEGER }
    const late = placeOf(this.#statement.lastLate.get(store, owner, time))
    return late ? later(inOrder, { latest: late.latest, number: late.number + 1 }) : inOrder
  }
}

function compare(one: Place, other: Place): number {
  return one.latest === other.latest ? one.number - other.number : one.latest - other.latest
}

function later(one: Place, other: Place): Place {
  return compare(one, other) > 0 ? one : other
}

function earlier(one: Place, other: Place): Place {
  return compare(one, other) < 0 ? one : other
}

type Row = Record<string, SQLInputValue>

function placeOf(row: Row | undefined): Place | undefined {
  return row && { latest: Number(row.latest), number: Number(row.number) }
}

function entryOf(row: Row): StoredEntry {
  return { id: String(row.id), when: Number(row.time), with: String(row.with), value: String(row.value) }
}

function prepare(database: DatabaseSync) {
  const sql = (source: string) => database.prepare(source)
  const page = (party: string, order: string) =>
    sql(`select id, time, "with", value from entry
      where store = ? and owner = ? and (latest, number) > (?, ?) and (latest, number) < (?, ?)
        and time >= ? and time <= ? ${party}
      order by latest ${order}, number ${order} limit ?`)
  return {
    append: sql(`insert into entry (store, owner, id, time, "with", value, latest)
      values (?, ?, ?, ?, ?, ?, max(?, coalesce(
        (select latest from entry where store = ? and owner = ? order by latest desc limit 1), -9e999)))`),
    count: sql('select count(*) as count from entry where store = ? and owner = ?'),
    placeOf: sql('select latest, number from entry where store = ? and owner = ? and id = ?'),
    lastLate: sql(`select latest, number from entry
      where store = ? and owner = ? and time < latest and time <= ?
      order by latest desc, number desc limit 1`),
    removeAll: sql('delete from entry where store = ? and owner = ?'),
    removeUpTo: sql('delete from entry where store = ? and owner = ? and latest < ?'),
    removeLate: sql('delete from entry where store = ? and owner = ? and time < latest and time < ?'),
    forward: page('', 'asc'),
    backward: page('', 'desc'),
    forwardWith: page('and "with" = ?', 'asc'),
    backwardWith: page('and "with" = ?', 'desc'),
  }
}
