import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { TokenBucket } from './bucket.ts'

test('a burst is free, what is more waits for as long as the rate says', () => {
  const bucket = new TokenBucket({ perSecond: 10, burst: 20 }, 0)
  assert.equal(bucket.take(20, 0), 0)
  assert.equal(bucket.take(1, 0), 100)
  assert.equal(bucket.take(0, 100), 0)
  assert.equal(bucket.take(5, 100), 500)
})

test('a pause fills the bucket up to the burst, no further', () => {
  const bucket = new TokenBucket({ perSecond: 10, burst: 20 }, 0)
  assert.equal(bucket.take(20, 3_600_000), 0)
  assert.equal(bucket.take(1, 3_600_000), 100)
})

test('a clock that goes backwards gives nothing away and takes nothing away', () => {
  const bucket = new TokenBucket({ perSecond: 10, burst: 20 }, 1_000_000)
  bucket.take(20, 1_000_000)
  assert.equal(bucket.take(1, 0), 100)
})

test('who waits as told never gets more than burst and rate allow', () => {
  const costs = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 50 })
  fc.assert(
    fc.property(costs, (list) => {
      const bucket = new TokenBucket({ perSecond: 7, burst: 30 }, 0)
      let now = 0
      let taken = 0
      for (const cost of list) {
        const wait = bucket.take(cost, now)
        taken += cost
        now += wait
        assert.ok(taken <= 30 + (7 * now) / 1000 + 1e-6)
      }
    }),
    { seed: 1, numRuns: 300 },
  )
})
