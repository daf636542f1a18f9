import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Paces, takeTurn } from './pace.ts'

test('so many at once, then so many a second', () => {
  const pace = { perSecond: 2, atOnce: 3 }
  let due = 0
  const take = (now: number) => {
    const next = takeTurn(due, now, pace)
    due = next ?? due
    return next !== undefined
  }
  assert.deepEqual([take(1000), take(1000), take(1000), take(1000)], [true, true, true, false])
  assert.deepEqual([take(1499), take(1500), take(1500)], [false, true, false])
  assert.deepEqual([take(9000), take(9000), take(9000), take(9000)], [true, true, true, false])
})

test('a clock that is set back makes nobody wait longer', () => {
  const pace = { perSecond: 1, atOnce: 2 }
  const due = takeTurn(0, 1_000_000, pace) as number
  assert.equal(takeTurn(due, 0, pace), 1000)
  assert.equal(takeTurn(due, 1000, { perSecond: 0, atOnce: 1 }), 0)
})

test('fractions of a second do not add up to a turn more or less', () => {
  const pace = { perSecond: 7 / 3, atOnce: 1000 }
  let due: number | undefined = 0
  for (let turn = 0; turn < 1000; turn += 1) due = takeTurn(due as number, 1_700_000_000_123, pace)
  assert.ok(due)
  assert.equal(takeTurn(due, 1_700_000_000_123, pace), undefined)
})

test('each has its own pace, and only so many are remembered', () => {
  const paces = new Paces({ perSecond: 1, atOnce: 1 }, 2)
  assert.deepEqual([paces.take('a', 0), paces.take('a', 0), paces.take('b', 0)], [true, false, true])
  assert.equal(paces.take('c', 0), true)
  assert.deepEqual([paces.take('b', 0), paces.take('a', 0)], [false, true], 'a is forgotten')
})
