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

  /** The greatest id of an archive, in the order of UTF-8. */
  greatestId(archive: number): string | undefined {
    const row = this.#statement.greatestId.get(archive)
    return row && String(row.id)
  }

  /** The place of the entry of that id. */
  of(archive: number, id: string): number | undefined {
    const row = this.#statement.placeOf.get(archive, id)
    return row && Number(row.place)
  }

  /** The oldest entry at `place` or behind it. */
  from(archive: number, place: number): Standing | undefined {
    return standingOf(this.#statement.from.get(archive, place))
  }

  /** The newest entry before `place`. */
  before(archive: number, place: number): Standing | undefined {
    return standingOf(this.#statement.before.get(archive, place))
  }

  /** The place from which on `latest` is `time` or more. */
  since(archive: number, time: number): number {
    return this.#search(archive, (latest) => latest >= time)
  }

  /** The place behind the last entry that is not newer than `time`. */
  behind(archive: number, time: number): number {
    const inOrder = this.#search(archive, (latest) => latest > time)
    const late = this.#statement.lastLate.get(archive, inOrder, time)
    return late ? Number(late.place) + 1 : inOrder
  }

  /** Whether entries from `place` on are all in the order of their times. */
  isInOrder(archive: number, place: number): boolean {
    return this.#statement.anyLate.get(archive, place) === undefined
  }

  /** The first place at which `isReached`, which once it is true stays so; by halving what is left. */
  #search(archive: number, isReached: (latest: number) => boolean): number {
    const newest = this.before(archive, Number.MAX_SAFE_INTEGER)
    if (!newest || !isReached(newest.latest)) return (newest?.place ?? 0) + 1
    let low = this.from(archive, 0)?.place ?? 0
    let high = newest.place
    while (low < high) {
      const middle = Math.floor((low + high) / 2)
      const found = this.from(archive, middle)
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
    greatestId: sql('select id from entry_by_id where archive = ? order by id desc limit 1'),
    placeOf: sql('select place from entry_by_id where archive = ? and id = ?'),
    from: sql(`select place, latest from entry_by_place
      where archive = ? and place >= ? order by place limit 1`),
    before: sql(`select place, latest from entry_by_place
      where archive = ? and place < ? order by place desc limit 1`),
    lastLate: sql(`select place from entry_late
      where archive = ? and place >= ? and time <= ?
      order by place desc limit 1`),
    anyLate: sql('select 1 from entry_late where archive = ? and place >= ? limit 1'),
  }
}
