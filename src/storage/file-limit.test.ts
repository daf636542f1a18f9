// What a full file still does.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { SeededRandom } from '../../test/random.ts'
import { Engine } from './engine.ts'
import type { ItemChange, Operation } from './operation.ts'

const folder = mkdtempSync(join(tmpdir(), 'balcony-file-limit-'))
after(() => rmSync(folder, { recursive: true }))

const maxFileBytes = 400_000
const owners = ['anna', 'bert', 'cleo', 'dirk']
const change = (owner: string, ...changes: ItemChange[]): Operation => ({
  kind: 'changeItems',
  store: 'd/x',
  owner,
  changes,
})

/** Rows of several owners, as many as there is room for. */
class Rows {
  readonly #engine: Engine
  readonly #random = new SeededRandom(12)
  readonly #keysByOwner = new Map(owners.map((owner) => [owner, [] as string[]]))
  #count = 0

  constructor(engine: Engine) {
    this.#engine = engine
  }

  /** Adds until none of `count` fits any more. */
  fill(count: number): void {
    let added = count
    while (added > 0) {
      const rows = Array.from({ length: count }, () => {
        this.#count += 1
        const owner = this.#random.pick(owners)
        const key = String(this.#count).padStart(6, '0')
        return { owner, key, value: 'x'.repeat(350 + this.#random.below(250)) }
      })
      const outcomes = this.#engine.run(rows.map(({ owner, key, value }) => change(owner, [key, value])))
      const kept = rows.filter((_, index) => 'answer' in (outcomes[index] ?? {}))
      for (const { owner, key } of kept) this.#keysByOwner.get(owner)?.push(key)
      added = kept.length
    }
  }

  /** Removes some of an owner's first; answers whether that could be done. */
  remove(): boolean {
    const owner = this.#random.pick(owners)
    const keys = this.#keysByOwner.get(owner)?.splice(0, 1 + this.#random.below(12)) ?? []
    const [outcome] = this.#engine.run([change(owner, ...keys.map((key): ItemChange => [key, null]))])
    return outcome !== undefined && 'answer' in outcome
  }
}

test('from a full file everything can be removed, though a tree of rows grows before it shrinks', () => {
  const path = join(folder, 'full.db')
  const engine = new Engine({ path, maxFileBytes })
  const rows = new Rows(engine)
  rows.fill(500)
  for (let round = 0; round < 2; round += 1) {
    assert.ok(rows.remove(), `round ${round}`)
    rows.fill(8)
  }
  engine.close()
  assert.ok(statSync(path).size <= maxFileBytes + 2 * 1024 * 1024, 'it grows a little only')
})
