import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eachInTurn } from './each-in-turn.ts'

test('what waits for nothing is done at once, in order', () => {
  const done: number[] = []
  assert.equal(
    eachInTurn([1, 2, 3].values(), (item) => void done.push(item)),
    undefined,
  )
  assert.deepEqual(done, [1, 2, 3])
})

test('what comes behind something that waits waits too, and what goes wrong ends it', async () => {
  const done: number[] = []
  const gate = Promise.withResolvers<void>()
  const pending = eachInTurn([1, 2, 3, 4].values(), (item) => {
    done.push(item)
    if (item === 2) return gate.promise
    if (item === 3) return Promise.reject(new Error('three'))
  })
  assert.deepEqual(done, [1, 2])
  gate.resolve()
  await assert.rejects(Promise.resolve(pending), /three/)
  assert.deepEqual(done, [1, 2, 3])
})
