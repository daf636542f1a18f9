// How fast a file takes writes and gives reads, and what the event loop notices of it: `node bench/storage.ts`.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { sqlite } from '../src/storage/sqlite.ts'
import type { Driver } from '../src/storage/storage.ts'

const secondsEach = 2
/** About an account's or a roster item's worth. */
const value = { name: 'Somebody', groups: ['Friends'], subscription: 'both', note: 'x'.repeat(150) }

interface Measured {
  readonly perSecond: number
  readonly delayP50Ms: number
  readonly delayP99Ms: number
  readonly delayMaxMs: number
}

/** Keeps `inFlight` calls under way for some seconds. */
async function measure(inFlight: number, call: (number: number) => Promise<unknown>): Promise<Measured> {
  let done = 0
  let next = 0
  const delays = monitorEventLoopDelay({ resolution: 1 })
  delays.enable()
  const begin = performance.now()
  const end = begin + secondsEach * 1000
  async function callOn(): Promise<void> {
    while (performance.now() < end) {
      await call(next++)
      done += 1
    }
  }
  await Promise.all(Array.from({ length: inFlight }, callOn))
  const seconds = (performance.now() - begin) / 1000
  delays.disable()
  const toMs = (nanoseconds: number) => nanoseconds / 1e6
  return {
    perSecond: done / seconds,
    delayP50Ms: toMs(delays.percentile(50)),
    delayP99Ms: toMs(delays.percentile(99)),
    delayMaxMs: toMs(delays.max),
  }
}

/** Keeps writes going while `during` runs. */
async function whileWriting<T>(driver: Driver, during: () => Promise<T>): Promise<T> {
  const log = driver.archive<typeof value>('bench/background')
  let isOver = false
  let count = 0
  const writers = Array.from({ length: 100 }, async (_, number) => {
    while (!isOver) {
      count += 1
      await log.append(`room${number}`, { id: `e${count}`, when: count, with: '', value })
    }
  })
  const result = await during()
  isOver = true
  await Promise.all(writers)
  return result
}

const folder = mkdtempSync(join(tmpdir(), 'balcony-bench-'))
const driver = sqlite(join(folder, 'bench.db'))
await driver.open()
const accounts = driver.keyValue<typeof value>('bench/accounts')
const log = driver.archive<typeof value>('bench/log')
const owner = (number: number) => `user${number % 10_000}@bench.example`
const set = (number: number) => accounts.set(owner(number), value)
const get = (number: number) => accounts.get(owner(number))
const append = (number: number) =>
  log.append(owner(number % 100), { id: `e${number}`, when: number, with: owner(number % 7), value })
const lastPage = (number: number) => log.find(owner(number % 100), { limit: 50, backward: true })

const rows: Record<string, Measured> = {
  'nothing (the timer itself)': await measure(1, () => new Promise((resolve) => setTimeout(resolve, 5))),
  'set, one at a time': await measure(1, set),
  'set, 1000 in flight': await measure(1000, set),
}
let appended = 0
rows['append, 1000 in flight'] = await measure(1000, () => append(appended++))
rows['get, one at a time'] = await measure(1, get)
rows['get, 100 in flight'] = await measure(100, get)
rows['get, one at a time, while 100 append'] = await whileWriting(driver, () => measure(1, get))
rows['last 50 of an archive, 10 in flight'] = await measure(10, lastPage)

console.log('each'.padEnd(40), 'a second'.padStart(10), '  event loop late by, ms: p50   p99    max')
for (const [name, { perSecond, delayP50Ms, delayP99Ms, delayMaxMs }] of Object.entries(rows)) {
  const delays = [delayP50Ms, delayP99Ms, delayMaxMs].map((ms) => ms.toFixed(1).padStart(7)).join('')
  console.log(
    name.padEnd(40),
    Math.round(perSecond).toLocaleString('en').padStart(10),
    ' '.repeat(22),
    delays,
  )
}
await driver.close()
rmSync(folder, { recursive: true })
