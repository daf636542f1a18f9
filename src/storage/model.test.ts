// Any sequence of calls, on a file and in memory, against plain maps and lists.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { sqlite } from './sqlite.ts'
import type { Archive, ArchiveEntry, ArchivePage, ArchiveQuery, Collection } from './storage.ts'

const folder = mkdtempSync(join(tmpdir(), 'balcony-model-'))
after(() => rmSync(folder, { recursive: true }))

/** What a collection should be, done the plainest way. */
class PlainCollection implements Collection<number> {
  readonly #items = new Map<string, Map<string, number>>()

  async get(owner: string, key: string) {
    return this.#of(owner).get(key)
  }
  async all(owner: string) {
    return new Map([...this.#of(owner)].sort(([one], [other]) => (one < other ? -1 : 1)))
  }
  async count(owner: string) {
    return this.#of(owner).size
  }
  async set(owner: string, key: string, value: number | undefined) {
    if (value === undefined) this.#of(owner).delete(key)
    else this.#of(owner).set(key, value)
  }
  async change(owner: string, changes: ReadonlyMap<string, number | undefined>) {
    for (const [key, value] of changes) void this.set(owner, key, value)
  }
  async clear(owner: string) {
    this.#items.delete(owner)
  }
  #of(owner: string) {
    const items = this.#items.get(owner) ?? new Map<string, number>()
    this.#items.set(owner, items)
    return items
  }
}

/** What an archive should be, done the plainest way. */
class PlainArchive implements Archive<number> {
  #entries: { owner: string; entry: ArchiveEntry<number> }[] = []

  async append(owner: string, entry: ArchiveEntry<number>) {
    if (this.#of(owner).some(({ id }) => id === entry.id)) throw new Error('duplicate')
    this.#entries.push({ owner, entry })
  }
  async find(owner: string, query: ArchiveQuery): Promise<ArchivePage<number> | undefined> {
    const entries = this.#of(owner)
    const after = query.after === undefined ? -1 : entries.findIndex(({ id }) => id === query.after)
    const before =
      query.before === undefined ? entries.length : entries.findIndex(({ id }) => id === query.before)
    if ((query.after !== undefined && after < 0) || before < 0) return undefined
    const { start = -Infinity, end = Infinity, with: party, backward, limit } = query
    const fitting = entries
      .slice(after + 1, Math.max(before, after + 1))
      .filter(({ when }) => when >= start && when <= end)
      .filter((entry) => party === undefined || entry.with === party)
    const page = backward ? fitting.slice(Math.max(0, fitting.length - limit)) : fitting.slice(0, limit)
    return { entries: page, isComplete: fitting.length <= limit }
  }
  async count(owner: string) {
    return this.#of(owner).length
  }
  async remove(owner: string, { before = Infinity } = {}) {
    const total = this.#entries.length
    this.#entries = this.#entries.filter((one) => one.owner !== owner || one.entry.when >= before)
    return total - this.#entries.length
  }
  #of(owner: string) {
    return this.#entries.filter((one) => one.owner === owner).map(({ entry }) => entry)
  }
}

const owner = fc.constantFrom('a', 'b')
const key = fc.constantFrom('k', 'l', 'm')
const value = fc.option(fc.nat(9), { nil: undefined })
/** Few times, in any order, as if clocks ran back all the time. */
const time = fc.nat(12)
const id = fc.nat(30).map((number) => `e${number}`)
const party = fc.constantFrom('x', 'y')
const maybe = <T>(some: fc.Arbitrary<T>) => fc.option(some, { nil: undefined, freq: 2 })

type Call<Store> = (store: Store) => Promise<unknown>

/** Calls on a store with any arguments. */
function calls<Store, Args extends unknown[]>(
  args: fc.Arbitrary<Args>,
  call: (store: Store, ...args: Args) => Promise<unknown>,
): fc.Arbitrary<Call<Store>> {
  return args.map((given) => (store) => call(store, ...given))
}

type Numbers = Collection<number>
const itemReads = fc.oneof(
  calls(fc.tuple(owner, key), (store: Numbers, o, k) => store.get(o, k)),
  calls(fc.tuple(owner), (store: Numbers, o) => store.all(o)),
  calls(fc.tuple(owner), (store: Numbers, o) => store.count(o)),
)
const changes = fc.array(fc.tuple(key, value))
const itemWrites = fc.oneof(
  calls(fc.tuple(owner, key, value), (store: Numbers, o, k, v) => store.set(o, k, v)),
  calls(fc.tuple(owner, changes), (store: Numbers, o, all) => store.change(o, new Map(all))),
  calls(fc.tuple(owner), (store: Numbers, o) => store.clear(o)),
)

type Log = Archive<number>
const query = fc.record({
  ...{ start: maybe(time), end: maybe(time), with: maybe(party), after: maybe(id), before: maybe(id) },
  ...{ backward: fc.boolean(), limit: fc.nat(6) },
}) as fc.Arbitrary<ArchiveQuery>
const entryReads = fc.oneof(
  { weight: 9, arbitrary: calls(fc.tuple(owner, query), (store: Log, o, q) => store.find(o, q)) },
  { weight: 1, arbitrary: calls(fc.tuple(owner), (store: Log, o) => store.count(o)) },
)
const append = calls(fc.tuple(owner, id, time, party), (store: Log, o, name, when, other) =>
  store.append(o, { id: name, when, with: other, value: when }),
)
const remove = calls(fc.tuple(owner, fc.nat(15)), (store: Log, o, before) =>
  store.remove(o, before > 12 ? {} : { before }),
)
const entryWrites = fc.oneof({ weight: 9, arbitrary: append }, { weight: 1, arbitrary: remove })

/**
 * Makes all calls without waiting for any, then reads when nothing is under way; answers what each came to. Each
 * owner has a write before all: a read with none before it may also see what is written after it.
 */
async function results<Store>(store: Store, ...steps: Call<Store>[][]): Promise<unknown[]> {
  const all: unknown[] = []
  for (const step of steps) {
    all.push(await Promise.all(step.map((call) => call(store).catch(() => 'refused'))))
  }
  return all
}

for (const path of [':memory:', join(folder, 'model.db')]) {
  const where = path === ':memory:' ? 'in memory' : 'on a file'
  test(`a collection ${where} does what a map would, in any sequence of calls`, async () => {
    const driver = sqlite(path)
    let run = 0
    const first = ['a', 'b'].map((o) => (store: Numbers) => store.set(o, 'k', 1))
    const sequence = fc.array(fc.oneof(itemReads, itemWrites), { maxLength: 40 })
    const property = fc.asyncProperty(sequence, fc.array(itemReads), async (calls, reads) => {
      const found = await results<Numbers>(driver.collection(`d/${run++}`), [...first, ...calls], reads)
      assert.deepEqual(found, await results<Numbers>(new PlainCollection(), [...first, ...calls], reads))
    })
    await fc.assert(property, { seed: 1, numRuns: 150 }).finally(() => driver.close())
  })

  test(`an archive ${where} does what a list would, in any sequence of calls`, async () => {
    const driver = sqlite(path)
    let run = 0
    const first = ['a', 'b'].map((o) => (store: Log) => {
      return store.append(o, { id: 'first', when: 6, with: 'x', value: 0 })
    })
    const sequence = fc.array(fc.oneof(entryReads, entryWrites), { maxLength: 60 })
    const property = fc.asyncProperty(sequence, fc.array(entryReads), async (calls, reads) => {
      const found = await results<Log>(driver.archive(`d/${run++}`), [...first, ...calls], reads)
      assert.deepEqual(found, await results<Log>(new PlainArchive(), [...first, ...calls], reads))
    })
    await fc.assert(property, { seed: 2, numRuns: 200 }).finally(() => driver.close())
  })
}
