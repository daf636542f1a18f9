// Any sequence of calls, on a file and in memory, against plain maps and lists.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { sqlite } from './sqlite.ts'
import type {
  Archive,
  ArchivePage,
  ArchiveQuery,
  Collection,
  EntryReplacement,
  KeyRange,
  NewArchiveEntry,
} from './storage.ts'

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
  async page(owner: string, { after, before, backward, limit }: KeyRange) {
    const fitting = [...(await this.all(owner))].filter(
      ([key]) => (after === undefined || key > after) && (before === undefined || key < before),
    )
    return new Map(backward ? fitting.slice(Math.max(0, fitting.length - limit)) : fitting.slice(0, limit))
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
  async removeFirst(owner: string, most: number) {
    const first = [...this.#of(owner).keys()].sort().slice(0, most)
    for (const key of first) void this.set(owner, key, undefined)
    return first.length
  }
  #of(owner: string) {
    const items = this.#items.get(owner) ?? new Map<string, number>()
    this.#items.set(owner, items)
    return items
  }
}

interface Kept {
  readonly owner: string
  readonly entry: NewArchiveEntry<number>
}

/** What an archive should be, done the plainest way. */
class PlainArchive implements Archive<number> {
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

const owner = fc.constantFrom('a', 'b')
const key = fc.constantFrom('k', 'l', 'm')
const value = fc.option(fc.nat(9), { nil: undefined })
/** Few times, in any order, as if clocks ran back all the time. */
const time = fc.nat(12)
const id = fc.nat(30).map((number) => `e${number}`)
const party = fc.constantFrom('x', 'y')
const maybe = <T>(some: fc.Arbitrary<T>) => fc.option(some, { nil: undefined, freq: 2 })
const rarely = <T>(some: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 5, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: some })
const resource = fc.constantFrom('home', 'phone')
const text = fc.constantFrom('but', 'soft', 'but soft', 'soft but')

type Call<Store> = (store: Store) => Promise<unknown>

/** Calls on a store with any arguments. */
function calls<Store, Args extends unknown[]>(
  args: fc.Arbitrary<Args>,
  call: (store: Store, ...args: Args) => Promise<unknown>,
): fc.Arbitrary<Call<Store>> {
  return args.map((given) => (store) => call(store, ...given))
}

type Numbers = Collection<number>
const bound = maybe(fc.constantFrom('', 'k', 'kk', 'l', 'm', 'n'))
const keyRange = fc.record({
  ...{ after: bound, before: bound, backward: fc.boolean(), limit: fc.nat(4) },
}) as fc.Arbitrary<KeyRange>
const itemReads = fc.oneof(
  calls(fc.tuple(owner, key), (store: Numbers, o, k) => store.get(o, k)),
  calls(fc.tuple(owner), (store: Numbers, o) => store.all(o)),
  calls(fc.tuple(owner), (store: Numbers, o) => store.count(o)),
  calls(fc.tuple(owner, keyRange), (store: Numbers, o, range) => store.page(o, range)),
)
const changes = fc.array(fc.tuple(key, value))
const itemWrites = fc.oneof(
  calls(fc.tuple(owner, key, value), (store: Numbers, o, k, v) => store.set(o, k, v)),
  calls(fc.tuple(owner, changes), (store: Numbers, o, all) => store.change(o, new Map(all))),
  calls(fc.tuple(owner), (store: Numbers, o) => store.clear(o)),
  calls(fc.tuple(owner, fc.nat(3)), (store: Numbers, o, most) => store.removeFirst(o, most)),
)

type Log = Archive<number>
function queries(words: fc.Arbitrary<string | undefined>): fc.Arbitrary<ArchiveQuery> {
  const fields = fc.record({
    ...{ start: maybe(time), end: maybe(time), with: maybe(party), after: maybe(id), before: maybe(id) },
    ...{ newerThan: rarely(id), olderThan: rarely(id), ids: rarely(fc.array(id, { maxLength: 3 })) },
    ...{ resource: rarely(resource), text: words, index: rarely(fc.nat(8)) },
    ...{ backward: fc.boolean(), limit: fc.nat(6) },
  })
  return fields.map(({ backward, ...rest }) => ({
    ...rest,
    backward: backward && rest.index === undefined,
  })) as fc.Arbitrary<ArchiveQuery>
}
function entryReads(words: fc.Arbitrary<string | undefined>): fc.Arbitrary<Call<Log>> {
  const finds = calls(fc.tuple(owner, queries(words)), (store: Log, o, q) => store.find(o, q))
  const counts = calls(fc.tuple(owner), (store: Log, o) => store.count(o))
  return fc.oneof({ weight: 9, arbitrary: finds }, { weight: 1, arbitrary: counts })
}
const reads = entryReads(rarely(text))
/** What is written while words are looked for may be found or not. */
const wordlessReads = entryReads(fc.constant(undefined))
const rest = fc.record({ resource, text, keep: rarely(fc.integer({ min: 5, max: 20 })) })
const append = calls(fc.tuple(owner, id, time, party, rest), (store: Log, o, name, when, other, more) => {
  const entry = { id: name, when, with: other, value: when, resource: more.resource, text: more.text }
  return store.append(o, entry, more.keep === undefined ? {} : { keep: more.keep })
})
const remove = calls(fc.tuple(owner, fc.nat(15), rarely(fc.nat(3))), (store: Log, o, before, most) =>
  store.remove(o, { ...(before > 12 ? {} : { before }), ...(most === undefined ? {} : { most }) }),
)
const replace = calls(fc.tuple(owner, id, fc.nat(9), rarely(text)), (store: Log, o, name, value, words) =>
  store.replace(o, name, words === undefined ? { value } : { value, text: words }),
)
const entryWrites = fc.oneof(
  { weight: 9, arbitrary: append },
  { weight: 2, arbitrary: replace },
  { weight: 1, arbitrary: remove },
)

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
    const sequence = fc.array(fc.oneof(wordlessReads, entryWrites), { maxLength: 60 })
    await assertLikeList(sequence, 2, (calls) => [calls])
  })

  test(`an archive ${where} does what a list would, one call after the other`, async () => {
    const sequence = fc.array(fc.oneof(reads, entryWrites), { maxLength: 60 })
    await assertLikeList(sequence, 3, (calls) => calls.map((call) => [call]))
  })

  /** `stepsOf` says which calls are made at once. */
  async function assertLikeList(
    sequence: fc.Arbitrary<Call<Log>[]>,
    seed: number,
    stepsOf: (calls: Call<Log>[]) => Call<Log>[][],
  ): Promise<void> {
    const driver = sqlite(path)
    let run = 0
    const first = ['a', 'b'].map((o) => (store: Log) => {
      return store.append(o, { id: 'first', when: 6, with: 'x', value: 0 })
    })
    const property = fc.asyncProperty(sequence, fc.array(reads), async (calls, last) => {
      const steps = [...stepsOf([...first, ...calls]), last]
      const found = await results<Log>(driver.archive(`d/${seed}-${run++}`), ...steps)
      assert.deepEqual(found, await results<Log>(new PlainArchive(), ...steps))
    })
    await fc.assert(property, { seed, numRuns: 200 }).finally(() => driver.close())
  }
}
