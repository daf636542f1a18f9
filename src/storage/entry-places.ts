// Where entries stand in their archive: each has a place, one more than the entry before it.
import type { DatabaseSync } from 'node:sqlite'

/** An entry's place, and the latest time of all entries up to there, which, unlike their own, never goes back. */
export interface Standing {
  readonly place: number
  readonly latest: number
}

/** Finds places by id and by time. */
export class EntryPlaces {
  readonly #statement: ReturnType<typeof prepare>

  constructor(database: DatabaseSync) {
    this.#statement = prepare(database)
  }

  /** The place of the entry of that id. */
  of(store: number, owner: string, id: string): number | undefined {
    const row = this.#statement.placeOf.get(store, owner, id)
    return row && Number(row.place)
  }

  /** The oldest entry at `place` or behind it. */
  from(store: number, owner: string, place: number): Standing | undefined {
    return standingOf(this.#statement.from.get(store, owner, place))
  }

  /** The newest entry before `place`. */
  before(store: number, owner: string, place: number): Standing | undefined {
    return standingOf(this.#statement.before.get(store, owner, place))
  }

  /** The place from which on `latest` is `time` or more. */
  since(store: number, owner: string, time: number): number {
    return this.#search(store, owner, (latest) => latest >= time)
  }

  /** The place behind the last entry that is not newer than `time`. */
  behind(store: number, owner: string, time: number): number {
    const inOrder = this.#search(store, owner, (latest) => latest > time)
    const late = this.#statement.lastLate.get(store, owner, inOrder, time)
    return late ? Number(late.place) + 1 : inOrder
  }

  /** Whether entries from `place` on are all in the order of their times. */
  isInOrder(store: number, owner: string, place: number): boolean {
    return this.#statement.anyLate.get(store, owner, place) === undefined
  }

  /** The first place at which `isReached`, which once it is true stays so; by halving what is left. */
  #search(store: number, owner: string, isReached: (latest: number) => boolean): number {
    const newest = this.before(store, owner, Number.MAX_SAFE_INTEGER)
    if (!newest || !isReached(newest.latest)) return (newest?.place ?? 0) + 1
    let low = this.from(store, owner, 0)?.place ?? 0
    let high = newest.place
    while (low < high) {
      const middle = Math.floor((low + high) / 2)
      const found = this.from(store, owner, middle)
      if (!found || isReached(found.latest)) high = middle
      else low = found.place + 1
    }
    return low
  }
}

function standingOf(row: Record<string, unknown> | undefined): Standing | undefined {
  return row && { place: Number(row.place), latest: Number(row.latest) }
}

function prepare(database: DatabaseSync) {
  const sql = (source: string) => database.prepare(source)
  return {
    placeOf: sql('select place from entry where store = ? and owner = ? and id = ?'),
    from: sql(`select place, latest from entry
      where store = ? and owner = ? and place >= ? order by place limit 1`),
    before: sql(`select place, latest from entry
      where store = ? and owner = ? and place < ? order by place desc limit 1`),
    lastLate: sql(`select place from entry
      where store = ? and owner = ? and place >= ? and time < latest and time <= ?
      order by place desc limit 1`),
    anyLate: sql(`select 1 from entry
      where store = ? and owner = ? and place >= ? and time < latest limit 1`),
  }
}
