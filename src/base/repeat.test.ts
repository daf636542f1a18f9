import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { ManualClock } from './clock.ts'
import { repeat } from './repeat.ts'

test('what is repeated begins again so long after it has ended, not after it began', async () => {
  const clock = new ManualClock()
  const ends: (() => void)[] = []
  const undo = repeat(clock, 1000, () => new Promise<void>((resolve) => ends.push(resolve)), assert.ifError)
  clock.advance(999)
  assert.equal(ends.length, 0)
  clock.advance(5001)
  assert.equal(ends.length, 1)
  ends[0]?.()
  await setImmediate()
  clock.advance(1000)
  assert.equal(ends.length, 2)
  undo()
})

test('what fails is told, and repeated all the same', async () => {
  const clock = new ManualClock()
  const errors: unknown[] = []
  const undo = repeat(
    clock,
    1000,
    () => Promise.reject(new Error('no')),
    (error) => errors.push(error),
  )
  for (let turn = 0; turn < 3; turn += 1) {
    clock.advance(1000)
    await setImmediate()
  }
  assert.equal(errors.length, 3)
  undo()
})

test('once undone nothing begins again, and what is under way hears of it', async () => {
  const clock = new ManualClock()
  const signals: AbortSignal[] = []
  const gate = Promise.withResolvers<void>()
  const work = (signal: AbortSignal) => {
    signals.push(signal)
    return gate.promise
  }
  const undo = repeat(clock, 1000, work, assert.ifError)
  clock.advance(1000)
  assert.equal(signals[0]?.aborted, false)
  undo()
  assert.equal(signals[0]?.aborted, true)
  gate.resolve()
  await setImmediate()
  clock.advance(5000)
  assert.equal(signals.length, 1)
})
