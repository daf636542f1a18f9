// Entries that have come and are not in their archives yet: kept as they came, many in a row, and put in order later, many at once.
import type { DatabaseSync } from 'node:sqlite'
import type { Operation } from './operation.ts'
import type { Savepoint } from './savepoint.ts'

/** An entry on its way into its archive. */
export type Arrival = Operation<'append'>

/** What arrivals ask of the archives. */
export interface Archives {
  /** Puts entries behind those of their archives, in their order. */
  add(arrivals: readonly Arrival[]): void
  /** The greatest id of an archive, in the order of UTF-8; `''` if it is empty. */
  greatestId(store: string, owner: string): string
  hasId(store: string, owner: string, id: string): boolean
}

/** How much may wait; lengths count in characters. */
export interface ArrivalLimits {
  readonly most: number
  readonly mostLength: number
}

/** What has come for one archive. */
interface Waiting {
  greatest: string
  readonly ids: Set<string>
}

/** As a row has it: store, owner, how many to keep, id, time, party, resource, value, text. */
type Kept = [string, string, number | null, string, number, string, string, string, string]

const ascii = /^[ -~]*$/

/**
 * An entry goes into a table, indexes and, later, words. Each is another page of the file, and pages are what a commit costs. So
 * what comes is first written down in a row by itself, which is what is committed; what has gathered is put into
 * its archives at once, when somebody asks for it, when it is much, or when there is time.
 */
export class Arrivals {
  readonly #archives: Archives
  readonly #savepoint: Savepoint
  readonly #limits: ArrivalLimits
  readonly #statement: ReturnType<typeof prepare>
  #written: Arrival[] = []
  #fresh: Arrival[] = []
  #length = 0
  readonly #byArchive = new Map<string, Waiting>()
  #dataVersion: unknown
  #obstacle: unknown

  constructor(database: DatabaseSync, archives: Archives, savepoint: Savepoint, limits: ArrivalLimits) {
    this.#archives = archives
    this.#savepoint = savepoint
    this.#limits = limits
    this.#statement = prepare(database)
  }

  get isEmpty(): boolean {
    return this.#written.length === 0 && this.#fresh.length === 0
  }

  /** Whether some of an archive are here. */
  has(store: string, owner: string): boolean {
    return this.#byArchive.has(nameOf(store, owner))
  }

  /** To be called first in a transaction: another process may have put in order what was here, or left something. */
  begin(): void {
    const version = this.#statement.dataVersion.get()?.data_version
    if (version !== this.#dataVersion) this.#read()
    this.#dataVersion = version
  }

  /** Takes an entry; `false` if its archive has one of that id. */
  add(arrival: Arrival): boolean {
    if (this.#isFull() && this.#obstacle !== undefined) throw this.#obstacle
    if (!this.#isNew(arrival)) return false
    this.#fresh.push(arrival)
    this.#note(arrival)
    return true
  }

  /** To be called last in a transaction. */
  end(): void {
    if (this.#fresh.length === 0) return
    if (this.#isFull()) {
      this.settle()
      return
    }
    this.#statement.add.run(JSON.stringify(this.#fresh.map(keptOf)))
    for (const arrival of this.#fresh) this.#written.push(arrival)
    this.#fresh = []
  }

  /** The transaction was committed. */
  committed(): void {
    this.#obstacle = undefined
  }

  /** The transaction was rolled back because of `error`: what is here is read again. */
  rolledBack(error: unknown): void {
    this.#obstacle = error
    this.#dataVersion = undefined
  }

  /** Puts all into their archives, or throws and leaves everything as it was. */
  settle(): void {
    if (this.isEmpty) return
    this.#savepoint.around(true, () => {
      // First, so that its pages can be used again.
      if (this.#written.length > 0) this.#statement.clear.run()
      this.#archives.add([...this.#written, ...this.#fresh])
    })
    this.#forget()
  }

  #isFull(): boolean {
    const { most, mostLength } = this.#limits
    return this.#written.length + this.#fresh.length > most || this.#length > mostLength
  }

  /** Most ids are greater than all before them, and need not be looked for. */
  #isNew({ store, owner, entry: { id } }: Arrival): boolean {
    const waiting = this.#waitingOf(store, owner)
    if (id > waiting.greatest && ascii.test(id) && ascii.test(waiting.greatest)) return true
    if (!waiting.ids.has(id) && !this.#archives.hasId(store, owner, id)) return true
    // It may be one that has been pushed out.
    this.settle()
    return !this.#archives.hasId(store, owner, id)
  }

  #waitingOf(store: string, owner: string): Waiting {
    const name = nameOf(store, owner)
    let waiting = this.#byArchive.get(name)
    if (!waiting) {
      waiting = { greatest: this.#archives.greatestId(store, owner), ids: new Set() }
      this.#byArchive.set(name, waiting)
    }
    return waiting
  }

  #note({ store, owner, entry }: Arrival): void {
    const waiting = this.#waitingOf(store, owner)
    if (entry.id > waiting.greatest) waiting.greatest = entry.id
    waiting.ids.add(entry.id)
    this.#length += entry.value.length + entry.text.length
  }

  #read(): void {
    this.#forget()
    for (const row of this.#statement.all.all())
      for (const kept of JSON.parse(String(row.entries)) as Kept[]) this.#written.push(arrivalOf(kept))
    for (const arrival of this.#written) this.#note(arrival)
  }

  #forget(): void {
    this.#written = []
    this.#fresh = []
    this.#length = 0
    this.#byArchive.clear()
  }
}

function nameOf(store: string, owner: string): string {
  return `${store}\n${owner}`
}

function keptOf({ store, owner, keep, entry }: Arrival): Kept {
  const { id, when, with: party, resource, value, text } = entry
  return [store, owner, keep ?? null, id, when, party, resource, value, text]
}

function arrivalOf([store, owner, keep, id, when, party, resource, value, text]: Kept): Arrival {
  const entry = { id, when, with: party, resource, value, text }
  return { kind: 'append', store, owner, keep: keep ?? undefined, entry }
}

function prepare(database: DatabaseSync) {
  const sql = (source: string) => database.prepare(source)
  return {
    dataVersion: sql('pragma data_version'),
    add: sql('insert into arrival (entries) values (?)'),
    all: sql('select entries from arrival order by number'),
    clear: sql('delete from arrival'),
  }
}
