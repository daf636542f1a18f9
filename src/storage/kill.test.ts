// What was acknowledged survives the process that acknowledged it.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, test } from 'node:test'
import { sqlite } from './sqlite.ts'

const folder = mkdtempSync(join(tmpdir(), 'balcony-kill-'))
after(() => rmSync(folder, { recursive: true }))

const driverModule = new URL('./sqlite.ts', import.meta.url).href

/** Writes without end, a hundred at a time, and prints the number of each write once it is acknowledged. */
const writer = `
  import { sqlite } from ${JSON.stringify(driverModule)}
  const [path, first] = process.argv.slice(1)
  const driver = sqlite(path)
  const values = driver.keyValue('d/values')
  const items = driver.collection('d/items')
  const entries = driver.archive('d/entries')
  let next = Number(first)
  async function writeOn() {
    const number = next++
    const owner = 'owner' + (number % 7)
    await Promise.all([
      values.set('owner' + number, number),
      items.change(owner, new Map([['a' + number, number], ['b' + number, number]])),
      entries.append(owner, { id: 'e' + number, when: number, with: '', value: 'x'.repeat(number % 3000) }),
    ])
    process.stdout.write(number + '\\n')
    void writeOn()
  }
  for (let count = 0; count < 100; count++) void writeOn()
`

/** Starts a writer, kills it as soon as it has acknowledged `count` writes, and answers all that it acknowledged. */
async function writeUntilKilled(path: string, first: number, count: number): Promise<number[]> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', writer, path, String(first)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const acknowledged: number[] = []
  const lines = createInterface(child.stdout)
  lines.on('line', (line) => {
    acknowledged.push(Number(line))
    if (acknowledged.length === count) child.kill('SIGKILL')
  })
  await once(lines, 'close')
  return acknowledged
}

test('each acknowledged write is there after kill -9, whenever it comes, and the file opens again', async () => {
  const path = join(folder, 'killed.db')
  const acknowledged: number[] = []
  for (const [round, count] of [1, 40, 333, 900, 1500].entries()) {
    acknowledged.push(...(await writeUntilKilled(path, round * 1_000_000, count)))
    await using driver = closing(sqlite(path))
    await assertKept(driver, acknowledged)
  }
  assert.ok(acknowledged.length >= 2774)
})

async function assertKept(driver: ReturnType<typeof sqlite>, acknowledged: number[]): Promise<void> {
  const values = driver.keyValue<number>('d/values')
  const owners = new Set(await values.owners())
  assert.deepEqual(
    acknowledged.filter((number) => !owners.has(`owner${number}`)),
    [],
  )
  const owned = Array.from({ length: 7 }, (_, number) => `owner${number}`)
  for (const [index, owner] of owned.entries()) {
    const mine = acknowledged.filter((number) => number % 7 === index)
    const items = await driver.collection<number>('d/items').all(owner)
    const page = await driver.archive<string>('d/entries').find(owner, { limit: 1_000_000 })
    const numbers = page?.entries.map(({ id }) => Number(id.slice(1))) ?? []
    const inOrder = [...new Set(numbers)].sort((one, other) => one - other)
    assert.deepEqual(numbers, inOrder, 'each once, in the order of arrival')
    const ids = new Set(page?.entries.map(({ id }) => id))
    for (const number of mine) {
      assert.equal(items.get(`a${number}`), number)
      assert.ok(ids.has(`e${number}`))
    }
    // Changes that were asked for together are there together, acknowledged or not.
    for (const key of items.keys()) assert.ok(items.has((key[0] === 'a' ? 'b' : 'a') + key.slice(1)))
  }
}

function closing<D extends { close(): Promise<void> }>(driver: D): D & AsyncDisposable {
  return Object.assign(driver, { [Symbol.asyncDispose]: () => driver.close() })
}
