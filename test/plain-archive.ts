// An archive done the plainest way, to hold others against.
import type { ArchivePage, ArchiveQuery, EntryReplacement, NewArchiveEntry } from '../src/storage/storage.ts'
import type { Log } from './archive-calls.ts'

interface Kept {
  readonly owner: string
  readonly entry: NewArchiveEntry<number>
}

/** What an archive should be. */
export class PlainArchive implements Log {
  readonly canSearch = true
  #kept: Kept[] = []

  async append(owner: string, entry: NewArchiveEntry<number>, { keep = Infinity } = {}) {
    if (this.#of(owner).some(({ id }) => id === entry.id)) throw new Error('duplicate')
    this.#kept.push({ owner, entry })
    const superfluous = this.#of(owner).slice(0, Math.max(0, this.#of(owner).length - keep))
    this.#kept = this.#kept.filter((one) => one.owner !== owner || !superfluous.includes(one.entry))
  }
  async find(owner: string, query: ArchiveQuery): Promise<ArchivePage<number> | undefined> {
    const entries = this.#of(owner)
    const placeOf = (id: string | undefined, otherwise: number) =>
      id === undefined ? otherwise : entries.findIndex((entry) => entry.id === id)
    const { newerThan, olderThan, after, before, ids = [] } = query
    const given = [newerThan, olderThan, after, before, ...ids].filter((id) => id !== undefined)
    if (given.some((id) => placeOf(id, 0) < 0)) return undefined
    const isBetween = (entry: NewArchiveEntry<number>, older?: string, newer?: string) => {
      const place = entries.indexOf(entry)
      return place > placeOf(older, -1) && place < placeOf(newer, entries.length)
    }
    const fitting = entries.filter((entry) => isBetween(entry, newerThan, olderThan) && fits(entry, query))
    const ahead = fitting.filter((entry) => isBetween(entry, after, before)).slice(0)
    const found =
      query.index === undefined
        ? ahead
        : ahead.filter((entry) => fitting.indexOf(entry) >= (query.index ?? 0))
    const page = query.backward
      ? found.slice(Math.max(0, found.length - query.limit))
      : found.slice(0, query.limit)
    return {
      entries: page.map(({ id, when, with: party, value }) => ({ id, when, with: party, value })),
      isComplete: found.length <= query.limit,
    }
  }
  async count(owner: string) {
    return this.#of(owner).length
  }
  async replace(owner: string, id: string, by: EntryReplacement<number>) {
    const place = this.#kept.findIndex((one) => one.owner === owner && one.entry.id === id)
    const kept = this.#kept[place]
    if (kept) this.#kept[place] = { owner, entry: { ...kept.entry, text: '', ...by } }
    return kept !== undefined
  }
  async remove(owner: string, { before = Infinity, most = Infinity } = {}) {
    const old = this.#of(owner).filter(({ when }) => when < before)
    const entries = this.#of(owner)
    const isPrefix = (entry: NewArchiveEntry<number>) =>
      entries.slice(0, entries.indexOf(entry) + 1).every(({ when }) => when < before)
    const inOrder = [...old.filter(isPrefix), ...old.filter((entry) => !isPrefix(entry))]
    const removed = inOrder.slice(0, most)
    this.#kept = this.#kept.filter((one) => one.owner !== owner || !removed.includes(one.entry))
    return removed.length
  }
  #of(owner: string) {
    return this.#kept.filter((one) => one.owner === owner).map(({ entry }) => entry)
  }
}

function fits(entry: NewArchiveEntry<number>, query: ArchiveQuery): boolean {
  const { start = -Infinity, end = Infinity, ids, text } = query
  const words = new Set(entry.text?.split(' '))
  return (
    entry.when >= start &&
    entry.when <= end &&
    (query.with === undefined || entry.with === query.with) &&
    (query.resource === undefined || (entry.resource ?? '') === query.resource) &&
    (ids === undefined || ids.includes(entry.id)) &&
    (text === undefined || text.split(' ').every((word) => words.has(word)))
  )
}
