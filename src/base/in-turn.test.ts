import assert from 'node:assert/strict'
import { test } from 'node:test'
import { InTurn } from './in-turn.ts'

test('one at a time of one name, in order; another name does not wait', async () => {
  const inTurn = new InTurn()
  const log: string[] = []
  const first = Promise.withResolvers<void>()
  const done = [
    inTurn.run('a', () => {
      log.push('first begins')
      return first.promise.then(() => void log.push('first ends'))
    }),
    inTurn.run('a', () => void log.push('second')),
    inTurn.run('a', async () => void log.push('third')),
    inTurn.run('a', () => void log.push('fourth')),
  ]
  assert.equal(
    inTurn.run('b', () => void log.push('other')),
    undefined,
  )
  assert.deepEqual(log, ['first begins', 'other'])
  first.resolve()
  await Promise.all(done)
  assert.deepEqual(log, ['first begins', 'other', 'first ends', 'second', 'third', 'fourth'])
})

test('what is started by what is under way waits for its end', async () => {
  const inTurn = new InTurn()
  const log: string[] = []
  const inner: unknown[] = []
  inTurn.run('a', () => {
    inner.push(inTurn.run('a', () => void log.push('inner')))
    log.push('outer')
  })
  assert.deepEqual(log, ['outer', 'inner'])
  await Promise.all(inner)
})

test('each hears of its own fault, and those behind it go on', async () => {
  const inTurn = new InTurn()
  assert.throws(
    () =>
      inTurn.run('a', () => {
        throw new Error('now')
      }),
    /now/,
  )
  const first = inTurn.run('a', () => Promise.reject(new Error('later')))
  const second = inTurn.run('a', () => {
    throw new Error('in turn')
  })
  const third = inTurn.run('a', () => {})
  await assert.rejects(async () => first, /later/)
  await assert.rejects(async () => second, /in turn/)
  await third
  assert.equal(
    inTurn.run('a', () => {}),
    undefined,
    'nothing is left waiting',
  )
})
