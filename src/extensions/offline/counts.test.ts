import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Counts } from './counts.ts'

test('what is added while it is counted is counted once, and for who asked before not at all', async () => {
  let kept = 5
  const asked: string[] = []
  const counts = new Counts(async (owner) => {
    asked.push(owner)
    return kept
  })
  const first = counts.of('romeo')
  counts.add('romeo')
  const second = counts.of('romeo')
  counts.add('romeo')
  assert.deepEqual([await first, await second, counts.of('romeo')], [5, 6, 7])
  counts.add('romeo')
  assert.equal(counts.of('romeo'), 8)
  counts.subtract('romeo')
  assert.equal(counts.of('romeo'), 7)
  kept = 2
  counts.forget('romeo')
  assert.equal(await counts.of('romeo'), 2)
  assert.deepEqual(asked, ['romeo', 'romeo'])
})

test('the numbers of a bounded number of owners are remembered, and of none that could not be counted', async () => {
  let asked = 0
  const counts = new Counts(async () => {
    asked += 1
    if (asked === 1) throw new Error('out of order')
    return 0
  })
  await assert.rejects(async () => counts.of('romeo'))
  for (let index = 0; index < 1500; index++) await counts.of(`owner ${index}`)
  const before = asked
  assert.equal(counts.of('owner 1499'), 0)
  await counts.of('owner 0')
  assert.equal(asked, before + 1)
})
