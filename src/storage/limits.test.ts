// A full disk, a slow one, and more than the store can take.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, test } from 'node:test'
import { maxValueLength } from './checked.ts'
import { sqlite } from './sqlite.ts'
import type { StorageError } from './storage-error.ts'

const folder = mkdtempSync(join(tmpdir(), 'balcony-limits-'))
after(() => rmSync(folder, { recursive: true }))

function conditionOf(result: PromiseSettledResult<unknown>): string {
  return result.status === 'fulfilled' ? 'kept' : (result.reason as StorageError).condition
}

/** A driver on a file, and a lock on that file with which it can be made to wait. */
async function makeSlow(name: string, options = {}) {
  const path = join(folder, name)
  const driver = sqlite(path, options)
  await driver.open()
  const blocker = new DatabaseSync(path)
  blocker.exec('begin immediate')
  const letGo = () => {
    blocker.exec('rollback')
    blocker.close()
  }
  return { driver, letGo }
}

test('in a full file what does not fit is refused, what fits is kept, and removing makes room', async () => {
  const driver = sqlite(join(folder, 'full.db'), { maxFileBytes: 400_000 })
  const store = driver.keyValue<string>('d/x')
  await store.set('before', 'b')
  const writes = Array.from({ length: 20 }, (_, number) =>
    store.set(`o${number}`, number % 4 === 3 ? 'x'.repeat(300_000) : 'small'),
  )
  const results = (await Promise.allSettled(writes)).map(conditionOf)
  assert.equal(results.filter((result) => result === 'full').length, 4)
  for (const [number, result] of results.entries()) {
    assert.equal(
      await store.get(`o${number}`),
      result === 'kept' ? (number === 3 ? 'x'.repeat(300_000) : 'small') : undefined,
    )
  }
  await store.set('o3', undefined)
  await store.set('big', 'y'.repeat(200_000))
  assert.equal(await store.get('before'), 'b')
  await driver.close()
})

/** Makes fifty small changes, one too big for the limit that the shell sets, and one more, all in one batch. */
const inSmallSpace = `
  import { sqlite } from ${JSON.stringify(new URL('./sqlite.ts', import.meta.url).href)}
  const driver = sqlite(process.argv[1])
  const store = driver.collection('d/x')
  const sizes = [...Array(50).fill(1), 3_000_000, 1]
  const writes = sizes.map((size, number) => {
    const value = 'x'.repeat(size)
    return store.change('o' + number, new Map([['a', value], ['b', value]]))
  })
  const results = await Promise.allSettled(writes)
  const counts = await Promise.all(sizes.map((_, number) => store.count('o' + number)))
  await driver.close()
  console.log(JSON.stringify({ refusals: results.map(({ reason }) => reason?.message ?? ''), counts }))
`

test("when the system refuses a commit, only what cannot be kept is refused, for the system's reason", () => {
  // 512-byte blocks: about a megabyte, which the log of the batch is over.
  const shell = 'ulimit -f 2000; exec "$0" "$@"'
  const program = ['--input-type=module', '-e', inSmallSpace, join(folder, 'limited.db')]
  const limited = spawnSync('sh', ['-c', shell, process.execPath, ...program], { encoding: 'utf8' })
  const { refusals, counts } = JSON.parse(limited.stdout)
  assert.match(refusals[50], /disk I\/O error/)
  assert.deepEqual(refusals.toSpliced(50, 1), Array(51).fill(''))
  assert.deepEqual(counts, [...Array(50).fill(2), 0, 2])
})

test('while the store is slow its writers wait, others read, and nothing fails', async () => {
  const { driver, letGo } = await makeSlow('slow.db', { limits: { maxBatch: 10 } })
  const store = driver.keyValue<number>('d/x')
  let count = 0
  const writes = Array.from({ length: 200 }, (_, number) =>
    store.set(`o${number}`, number).then(() => count++),
  )
  const ownReads = Promise.all([store.get('o150'), store.owners()])
  let hasOwnReads = false
  void ownReads.then(() => {
    hasOwnReads = true
  })
  for (let read = 0; read < 20; read += 1) assert.equal(await store.get('somebody'), undefined)
  assert.equal(await driver.archive('d/log').count('somebody'), 0)
  assert.equal(count, 0)
  assert.equal(hasOwnReads, false)
  letGo()
  await Promise.all(writes)
  const [own, owners] = await ownReads
  assert.deepEqual([own, owners.length], [150, 200])
  await driver.close()
})

test('past what may wait writes are refused as overloaded, and those that wait are kept', async () => {
  const { driver, letGo } = await makeSlow('overloaded.db', { limits: { maxBatch: 5, maxWaiting: 10 } })
  const store = driver.keyValue<number>('d/x')
  const first = store.set('first', 0)
  await store.get('somebody')
  const writes = Array.from({ length: 30 }, (_, number) => store.set(`o${number}`, number))
  const refused = await Promise.allSettled(writes.slice(10))
  assert.deepEqual(new Set(refused.map(conditionOf)), new Set(['overloaded']))
  letGo()
  await Promise.all([first, ...writes.slice(0, 10)])
  assert.equal((await store.owners()).length, 11)
  await driver.close()
})

test('closing waits for what a slow store has not kept yet', async () => {
  const { driver, letGo } = await makeSlow('closing.db', { limits: { maxBatch: 3 } })
  const store = driver.keyValue<number>('d/x')
  const writes = Array.from({ length: 20 }, (_, number) => store.set(`o${number}`, number))
  const closing = driver.close()
  letGo()
  await Promise.all([closing, ...writes])
  const again = sqlite(join(folder, 'closing.db'))
  assert.equal((await again.keyValue('d/x').owners()).length, 20)
  await again.close()
})

test('a value past the limit is refused as too big, one at the limit is kept', async () => {
  const driver = sqlite(':memory:')
  const store = driver.keyValue<string>('d/x')
  const largest = 'x'.repeat(maxValueLength - 2)
  await store.set('a', largest)
  await assert.rejects(store.set('a', `${largest}x`), { name: 'StorageError', condition: 'too-big' })
  assert.equal((await store.get('a'))?.length, largest.length)
  await driver.close()
})
