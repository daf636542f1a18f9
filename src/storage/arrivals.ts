// Entries as they come: into a table in the order of arrival, and into the indexes of their archives later, many at once.
import type { DatabaseSync } from 'node:sqlite'
import type { ArchiveRow } from './archive-table.ts'
import type { NewStoredEntry } from './operation.ts'
import type { Savepoint } from './savepoint.ts'

/** What arrivals ask of the archives, of what is in them already. */
export interface Archives {
  make(store: number, owner: string): ArchiveRow
  /** The last place, and the latest time of all. */
  standing(archive: ArchiveRow): { readonly place: number; readonly latest: number }
  /** The greatest id, in the order of UTF-8; `''` if there is none. */
  greatestId(archive: ArchiveRow): string
  hasId(archive: ArchiveRow, id: string): boolean
  /** Removes what is at `place` and before. */
  removeUpTo(archive: ArchiveRow, place: number): void
}

/** How far an archive has grown. */
interface Growth {
  place: number
  latest: number
  greatestId: string
  /** What lies up to there is too much. */
  superfluous: number
}

/** An archive for which something has come. */
interface Growing extends Growth {
  readonly archive: ArchiveRow
  /** How far it had grown before the transaction that is under way, if that has added to it. */
  before: Growth | undefined
}

const ascii = /^[ -~]*$/

/**
 * Each index that an entry is in is another page of the file, and pages are what a commit costs. So an entry is first in one
 * table only, which grows at its end. What has gathered there goes into the indexes when somebody asks for it,
 * when it is much, or when there is time.
 */
export class Arrivals {
  readonly #archives: Archives
  readonly #savepoint: Savepoint
  readonly #most: number
  readonly #statement: ReturnType<typeof prepare>
  readonly #growing = new Map<number, Map<string, Growing>>()
  /** The number of the last entry, and that of the last one that is in the indexes. */
  #last = 0
  #settled = 0
  /** Whether an entry has come that is older than one before it. */
  #hasLate = false
  /** What has come, as archive and id: asked for where an id is not behind all others, so nearly never. */
  #ids: Set<string> | undefined
  #dataVersion: unknown
  /** What the transaction under way has done: how many entries it took, of which archives, which of these it was the first to need. */
  #added = 0
  readonly #grown: Growing[] = []
  readonly #begun: ArchiveRow[] = []
  /** Whether it has put entries into the indexes. */
  #hasSettled = false
  /** Whether what is known here may not be what is in the file. */
  #isInDoubt = false
  /** Why the last transaction failed, while more wait than may. */
  #obstacle: unknown

  /** Where `most` entries wait and could not be put into the indexes, no more are taken until they are. */
  constructor(database: DatabaseSync, archives: Archives, savepoint: Savepoint, most: number) {
    this.#archives = archives
    this.#savepoint = savepoint
    this.#most = most
    this.#statement = prepare(database)
  }

  /** Whether all that has come is in the indexes. */
  get isSettled(): boolean {
    return !this.#isInDoubt && this.#waiting === 0
  }

  /** Whether something has come for an archive. */
  has(store: number, owner: string): boolean {
    return this.#growing.get(store)?.has(owner) ?? false
  }

  /** To be called first in a transaction: another process may have put into the indexes what was here, or left something. */
  begin(): void {
    this.#forgetTransaction()
    const version = this.#statement.dataVersion.get()?.data_version
    if (this.#isInDoubt || version !== this.#dataVersion) this.#read()
    this.#dataVersion = version
    if (this.#waiting < this.#most || this.#waiting === 0) this.#obstacle = undefined
  }

  /** Takes an entry, of which its archive is to keep the last `keep`; `false` if it has one of that id. */
  add(store: number, owner: string, entry: NewStoredEntry, keep: number | undefined): boolean {
    if (this.#waiting >= this.#most && this.#obstacle !== undefined) throw this.#obstacle
    const known = this.#growingOf(store, owner)
    if (!this.#isNew(known, entry.id)) return false
    // To look for the id all may have been put into the indexes.
    const growing = this.isSettled ? this.#growingOf(store, owner) : known
    const { id, when, with: party, resource, value, text } = entry
    const latest = Math.max(when, growing.latest)
    const place = growing.place + 1
    const { number } = growing.archive
    // With `run` an object would be made that says what became of it.
    this.#statement.add.get(this.#last + 1, number, place, latest, when, id, party, resource, value, text)
    this.#last += 1
    this.#noteBefore(growing)
    note(growing, { id, place, latest })
    this.#ids?.add(nameOf(number, id))
    if (when < latest) this.#hasLate = true
    // Places begin with 1.
    if (keep !== undefined) growing.superfluous = Math.max(growing.superfluous, place - keep)
    return true
  }

  /** To be called last in a transaction, after which no more than `most` entries may wait. */
  end(most: number): void {
    if (this.#waiting > most || this.#waiting === 0) this.settle()
  }

  /** The transaction was rolled back because of `error`. */
  rolledBack(error: unknown): void {
    this.#obstacle = error
    if (this.#hasSettled) this.#isInDoubt = true
    else this.#undo()
  }

  /**
   * Puts all into the indexes, or throws and leaves everything as it was. What is known of archives is forgotten in any
   * case: it ends where something other than appending is done to them.
   */
  settle(): void {
    if (this.#waiting > 0) this.#index()
    this.#growing.clear()
    this.#ids = undefined
    this.#hasLate = false
    this.#obstacle = undefined
  }

  #index(): void {
    this.#savepoint.around(true, () => {
      const { index, indexLate, setSettled } = this.#statement
      for (const statement of index) statement.run(this.#settled)
      if (this.#hasLate) indexLate.run(this.#settled)
      setSettled.run(this.#last)
      for (const byOwner of this.#growing.values())
        for (const { archive, superfluous } of byOwner.values())
          if (superfluous > 0) this.#archives.removeUpTo(archive, superfluous)
    })
    this.#settled = this.#last
    this.#hasSettled = true
  }

  #noteBefore(growing: Growing): void {
    this.#added += 1
    if (growing.before) return
    const { place, latest, greatestId, superfluous } = growing
    growing.before = { place, latest, greatestId, superfluous }
    this.#grown.push(growing)
  }

  #undo(): void {
    for (const growing of this.#grown) Object.assign(growing, growing.before)
    this.#ids = undefined
    this.#last -= this.#added
    for (const { store, owner } of this.#begun) this.#growing.get(store)?.delete(owner)
    this.#forgetTransaction()
  }

  #forgetTransaction(): void {
    this.#added = 0
    for (const growing of this.#grown) growing.before = undefined
    this.#grown.length = 0
    this.#begun.length = 0
    this.#hasSettled = false
  }

  /** How many entries are not in the indexes. */
  get #waiting(): number {
    return this.#last - this.#settled
  }

  /** Most ids are greater than all before them, and need not be looked for. */
  #isNew({ archive, greatestId }: Growing, id: string): boolean {
    if (id > greatestId && ascii.test(id) && ascii.test(greatestId)) return true
    if (!this.#hasCome(archive, id) && !this.#archives.hasId(archive, id)) return true
    // It may be one that is too much.
    this.settle()
    return !this.#archives.hasId(archive, id)
  }

  /** Whether an id is among what has come. Where one is not in order there will be others, so all are read. */
  #hasCome({ number }: ArchiveRow, id: string): boolean {
    if (this.#waiting === 0) return false
    if (!this.#ids) {
      const rows = this.#statement.ids.all(this.#settled)
      this.#ids = new Set(rows.map((row) => nameOf(Number(row.archive), String(row.id))))
    }
    return this.#ids.has(nameOf(number, id))
  }

  #growingOf(store: number, owner: string): Growing {
    let byOwner = this.#growing.get(store)
    if (!byOwner) {
      byOwner = new Map()
      this.#growing.set(store, byOwner)
    }
    let growing = byOwner.get(owner)
    if (!growing) {
      growing = this.#beginOf(this.#archives.make(store, owner))
      byOwner.set(owner, growing)
      this.#begun.push(growing.archive)
    }
    return growing
  }

  #beginOf(archive: ArchiveRow): Growing {
    const greatestId = this.#archives.greatestId(archive)
    return { archive, ...this.#archives.standing(archive), greatestId, superfluous: 0, before: undefined }
  }

  #read(): void {
    this.#isInDoubt = true
    this.#growing.clear()
    this.#ids = undefined
    this.#settled = Number(this.#statement.getSettled.get()?.number)
    this.#last = this.#settled
    for (const row of this.#statement.unsettled.all(this.#settled)) {
      const growing = this.#growingOf(Number(row.store), String(row.owner))
      note(growing, { id: String(row.id), place: Number(row.place), latest: Number(row.latest) })
      if (row.is_late === 1) this.#hasLate = true
      this.#last = Number(row.number)
    }
    this.#begun.length = 0
    this.#isInDoubt = false
  }
}

function note(growing: Growing, { id, place, latest }: { id: string; place: number; latest: number }): void {
  growing.place = place
  growing.latest = latest
  if (id > growing.greatestId) growing.greatestId = id
}

function nameOf(number: number, text: string): string {
  return `${number} ${text}`
}

function prepare(database: DatabaseSync) {
  const sql = (source: string) => database.prepare(source)
  return {
    dataVersion: sql('pragma data_version'),
    getSettled: sql('select number from settled'),
    setSettled: sql('update settled set number = ?'),
    unsettled: sql(`select entry.number, store, owner, id, place, latest, time < latest as is_late
      from entry join archive on archive.number = entry.archive where entry.number > ? order by entry.number`),
    ids: sql('select archive, id from entry where entry.number > ?'),
    add: sql(`insert into entry (number, archive, place, latest, time, id, "with", resource, value, text, has_words)
      values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)`),
    indexLate: sql(`insert into entry_late (archive, place, time)
      select archive, place, time from entry where number > ? and time < latest`),
    index: [
      sql(`insert into entry_by_place (archive, place, latest, number)
        select archive, place, latest, number from entry where number > ? order by archive, place`),
      sql(`insert into entry_by_id (archive, id, place, number)
        select archive, id, place, number from entry where number > ? order by archive, id`),
      sql(`insert into entry_by_party (archive, "with", place, resource, number)
        select archive, "with", place, resource, number from entry where number > ? order by archive, "with", place`),
    ],
  }
}
