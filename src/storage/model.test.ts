// Any sequence of calls, on a file and in memory, against plain maps and lists.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import fc from 'fast-check'
import {
  type Call,
  calls,
  entryWrites,
  type Log,
  maybe,
  owner,
  reads,
  wordlessReads,
} from '../../test/archive-calls.ts'
import { PlainArchive } from '../../test/plain-archive.ts'
import { sqlite } from './sqlite.ts'
import type { Collection, KeyRange } from './storage.ts'

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
  changeLate(owner: string, make: () => ReadonlyMap<string, number | undefined>) {
    return this.change(owner, make())
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

const key = fc.constantFrom('k', 'l', 'm')
const value = fc.option(fc.nat(9), { nil: undefined })

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
  calls(fc.tuple(owner, changes), (store: Numbers, o, all) => store.changeLate(o, () => new Map(all))),
  calls(fc.tuple(owner), (store: Numbers, o) => store.clear(o)),
  calls(fc.tuple(owner, fc.nat(3)), (store: Numbers, o, most) => store.removeFirst(o, most)),
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
