import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { AttemptLimit } from './attempt-limit.ts'
import { ManualClock } from './clock.ts'
import { SystemIds } from './ids.ts'
import { product } from './product.ts'
import { Scope } from './scope.ts'
import { Signal } from './signal.ts'

test('timers of a clock set by hand fire in the order in which they fall due, those they set included', () => {
  const clock = new ManualClock(0)
  const fired: string[] = []
  clock.after(20, () => fired.push(`b at ${clock.now()}`))
  clock.after(10, () => {
    fired.push(`a at ${clock.now()}`)
    clock.after(5, () => fired.push(`c at ${clock.now()}`))
  })
  clock.after(15, () => fired.push('never')).cancel()
  clock.advance(100)
  assert.deepEqual(fired, ['a at 10', 'c at 15', 'b at 20'])
  assert.equal(clock.now(), 100)
})

test('a scope undoes backwards, all of it, and tells what went wrong', () => {
  const scope = new Scope()
  const undone: number[] = []
  for (const number of [1, 2, 3]) {
    scope.keep(() => {
      undone.push(number)
      if (number === 2) throw new Error('stuck')
    })
  }
  assert.throws(() => scope.close(), AggregateError)
  assert.deepEqual(undone, [3, 2, 1])
  scope.keep(() => undone.push(4))
  assert.deepEqual(undone, [3, 2, 1, 4], 'what comes too late is undone at once')
})

test('a signal reaches everybody, even past one who fails', async () => {
  const signal = new Signal<string>()
  const heard: string[] = []
  const errors: unknown[] = []
  signal.add(() => {
    throw new Error('deaf')
  })
  signal.add(async () => {
    throw new Error('deaf later')
  })
  const undo = signal.add((item) => void heard.push(item))
  await signal.emitAndWait('one', (error) => errors.push(error))
  signal.emit('two', (error) => errors.push(error))
  undo()
  signal.emit('three', (error) => errors.push(error))
  await Promise.resolve()
  assert.deepEqual(heard, ['one', 'two'])
  assert.equal(errors.length, 6)
})

test('attempts are counted by key and window, and the memory of them is bounded', () => {
  const clock = new ManualClock(0)
  const limit = new AttemptLimit({ attempts: 2, windowMs: 1000, maxKeys: 2 }, clock)
  assert.deepEqual([limit.take('a'), limit.take('a'), limit.take('a')], [true, true, false])
  assert.equal(limit.take('b'), true)
  clock.advance(1000)
  assert.equal(limit.take('a'), true, 'a new window')
  limit.take('a')
  limit.take('c')
  limit.take('d')
  assert.equal(limit.allows('a'), true, 'the oldest are forgotten')
})

test('ids are unguessable and do not repeat', () => {
  const ids = new SystemIds()
  const drawn = new Set(Array.from({ length: 2000 }, () => ids.id()))
  assert.equal(drawn.size, 2000)
  for (const id of drawn) assert.match(id, /^[\w-]{20}$/)
})

test('ordered ids are unguessable, and in the order of ASCII follow each other and their times, whatever the clock does', () => {
  const ids = new SystemIds()
  const times = [0, 1.5, 1_767_225_600_000, 1_767_225_600_001, 1_767_225_500_000, 7_000_000_000_000]
  const drawn = times.flatMap((now) => Array.from({ length: 3000 }, () => ids.ordered(now)))
  for (const [index, id] of drawn.entries()) {
    assert.match(id, /^[\w-]{20}$/)
    assert.ok(index === 0 || (drawn[index - 1] as string) < id)
  }
  assert.equal(new Set(drawn.map((id) => id.slice(9))).size, drawn.length)
  assert.ok(new SystemIds().ordered(1_767_225_600_000) < new SystemIds().ordered(1_767_225_600_001))
})

test('the program knows its version', () => {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  assert.equal(product.version, version)
})
