// What pages of a large archive cost, first to last: `node bench/archive.ts [messages]`.
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sqlite } from '../src/storage/sqlite.ts'
import type { Archive, ArchiveQuery } from '../src/storage/storage.ts'
import { quantile } from './measure.ts'

/** The archive that is paged through, and others beside it in the same file. */
const size = Number(process.argv[2] ?? 1_000_000)
const others = 100
const sizeOfOthers = Math.ceil(size / 1000)
const pageSize = 50
const pagesEach = 200
const parties = 50
/** At the median; the bar of this benchmark. */
const barMs = 5

const vocabulary = Array.from({ length: 20_000 }, (_, number) => `word${number.toString(36)}`)

/** From 0 to 1, the same for the same seed. */
function randomOf(seed: number): number {
  let mixed = Math.imul(seed ^ (seed >>> 16), 0x45d9f3b)
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x45d9f3b)
  return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32
}

/** Words as they are used: few often, most rarely. */
function bodyOf(number: number): string {
  const words: string[] = []
  for (let index = 0; index < 12; index += 1) {
    words.push(vocabulary[Math.floor(randomOf(number * 12 + index) ** 3 * vocabulary.length)] as string)
  }
  return words.join(' ')
}

const idOf = (number: number) => `${((number * 2654435761) % 2 ** 32).toString(36)}-${number}`
const partyOf = (number: number) => `party${number % parties}@bench.example`
const startMs = Date.UTC(2020, 0, 1)
const timeOf = (number: number) => startMs + number * 60_000

async function fill(archive: Archive<string>, owner: string, count: number): Promise<void> {
  const atATime = 2000
  for (let first = 0; first < count; first += atATime) {
    const appends = Array.from({ length: Math.min(atATime, count - first) }, (_, index) => {
      const number = first + index
      const text = bodyOf(number)
      const value = `<message xmlns='jabber:client' from='${partyOf(number)}/phone' to='${owner}@bench.example' type='chat' id='${number}'><body>${text}</body></message>`
      const address = { with: partyOf(number), resource: number % 3 ? 'phone' : 'desk' }
      return archive.append(owner, { id: idOf(number), when: timeOf(number), ...address, value, text })
    })
    await Promise.all(appends)
  }
}

interface Measured {
  readonly median: number
  readonly p99: number
  readonly max: number
}

function summary(times: readonly number[]): Measured {
  return { median: quantile(times, 0.5), p99: quantile(times, 0.99), max: quantile(times, 1) }
}

/** Milliseconds of each of a few hundred pages that begin at places all over the archive. */
async function measure(
  archive: Archive<string>,
  queryAt: (number: number) => Partial<ArchiveQuery>,
): Promise<{ all: Measured; first: Measured; last: Measured }> {
  const times: number[] = []
  for (let page = 0; page < pagesEach; page += 1) {
    const number = Math.floor((page / pagesEach) * (size - pageSize - 1))
    const query = { limit: pageSize, isCounted: true, ...queryAt(number) }
    const begin = performance.now()
    const found = await archive.find('romeo', query)
    times.push(performance.now() - begin)
    if (!found || found.entries.length === 0) throw new Error(`nothing found: ${JSON.stringify(query)}`)
  }
  const tenth = pagesEach / 10
  return { all: summary(times), first: summary(times.slice(0, tenth)), last: summary(times.slice(-tenth)) }
}

const withOne = (number: number) => ({ with: partyOf(number) })
const queries: Record<string, (number: number) => Partial<ArchiveQuery>> = {
  'the first page': () => ({}),
  'the last page': () => ({ backward: true }),
  'forward, after an id': (number) => ({ after: idOf(number) }),
  'backward, before an id': (number) => ({ before: idOf(number + pageSize), backward: true }),
  'with one of 50, after an id': (number) => ({
    ...withOne(number),
    after: idOf(Math.max(0, number - 3000)),
  }),
  'with one of 50, before an id': (number) => ({
    ...withOne(number),
    before: idOf(Math.min(size - 1, number + 3000)),
    backward: true,
  }),
  'with a resource, after an id': (number) => ({
    ...withOne(number),
    resource: 'desk',
    after: idOf(Math.max(0, number - 9000)),
  }),
  'since a time': (number) => ({ start: timeOf(number) }),
  'up to a time, backward': (number) => ({ end: timeOf(number + pageSize), backward: true }),
  'with one of 50, since a time': (number) => ({
    ...withOne(number),
    start: timeOf(Math.max(0, number - 3000)),
  }),
  'by index': (number) => ({ index: number }),
  'by ids': (number) => ({ ids: Array.from({ length: pageSize }, (_, index) => idOf(number + index)) }),
  'a frequent word, after an id': (number) => ({ text: 'word1', after: idOf(Math.max(0, number - 20_000)) }),
  'a frequent word, the last page': () => ({ text: 'word1', backward: true }),
  'two frequent words, after an id': (number) => ({
    text: 'word0 word1',
    after: idOf(Math.max(0, number - 20_000)),
  }),
}

const folder = mkdtempSync(join(tmpdir(), 'balcony-archive-'))
const path = join(folder, 'bench.db')
// Filling takes long enough: more is committed at a time than a server would.
const driver = sqlite(path, { limits: { maxBatch: 2000, maxBatchLength: 16 * 1024 * 1024 } })
try {
  const archive = driver.archive<string>('bench/archive')
  let begin = performance.now()
  await fill(archive, 'romeo', size)
  for (let other = 0; other < others; other += 1) await fill(archive, `other${other}`, sizeOfOthers)
  const seconds = (performance.now() - begin) / 1000
  const total = size + others * sizeOfOthers
  console.log(
    `${total.toLocaleString('en')} appended: ${Math.round(total / seconds).toLocaleString('en')} a second`,
  )
  console.log(`${Math.round(statSync(path).size / total)} bytes of file for each\n`)
  console.log(
    `pages of ${pageSize}, in ms`.padEnd(36),
    'median    p99    max    first tenth   last tenth (medians)',
  )
  let isWithin = true
  for (const [name, queryAt] of Object.entries(queries)) {
    const { all, first, last } = await measure(archive, queryAt)
    const figures = [all.median, all.p99, all.max].map((ms) => ms.toFixed(2).padStart(6)).join(' ')
    const ends = [first.median, last.median].map((ms) => ms.toFixed(2).padStart(12)).join(' ')
    isWithin &&= all.median <= barMs
    console.log(name.padEnd(36), figures, ends, all.median <= barMs ? '' : `  over ${barMs} ms`)
  }
  begin = performance.now()
  for (let count = 0; count < 100; count += 1) await archive.count('romeo')
  console.log('count'.padEnd(36), ((performance.now() - begin) / 100).toFixed(2).padStart(6))
  process.exitCode = isWithin ? 0 : 1
} finally {
  await driver.close()
  rmSync(folder, { recursive: true })
}
