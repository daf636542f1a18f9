// What signals do to a command that serves.
import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { ManualClock } from '../base/clock.ts'
import { type SignalSource, untilStopped } from './lifetime.ts'

function lifetime() {
  const source = new EventEmitter()
  const done: string[] = []
  const stopped = Promise.withResolvers<void>()
  const clock = new ManualClock()
  const ended = untilStopped(
    source as unknown as SignalSource,
    {
      reload: async () => {
        done.push('reload')
        await setImmediate()
        done.push('reloaded')
      },
      stop: async (reason) => {
        done.push(`stop: ${reason}`)
        await stopped.promise
      },
      giveUp: () => done.push('give up'),
    },
    clock,
  )
  return { source, done, stopped, ended, clock }
}

for (const signal of ['SIGTERM', 'SIGINT']) {
  test(`${signal} stops, and a second signal does not wait`, async () => {
    const { source, done, stopped, ended, clock } = lifetime()
    source.emit(signal)
    await setImmediate()
    assert.deepEqual(done, [`stop: ${signal}`])
    source.emit(signal)
    assert.equal(done.length, 1, 'npm hands on what the terminal has sent already')
    clock.advance(1000)
    source.emit('SIGINT')
    assert.deepEqual(done.at(-1), 'give up')
    stopped.resolve()
    assert.equal(await ended, true)
  })
}

test('SIGHUP reloads, one at a time, and stopping waits for it', async () => {
  const { source, done, stopped, ended } = lifetime()
  source.emit('SIGHUP')
  source.emit('SIGHUP')
  source.emit('SIGTERM')
  stopped.resolve()
  assert.equal(await ended, true)
  assert.deepEqual(done, ['reload', 'reloaded', 'reload', 'reloaded', 'stop: SIGTERM'])
})

test('a bug that nobody caught stops the server, which is then no success', async () => {
  const { source, done, stopped, ended } = lifetime()
  source.emit('uncaughtException', new Error('a bug'))
  stopped.resolve()
  assert.equal(await ended, false)
  assert.deepEqual(done, ['stop: a bug'])
})

test('a stop that fails is no success', async () => {
  const { source, stopped, ended } = lifetime()
  source.emit('SIGTERM')
  stopped.reject(new Error('the disk is full'))
  assert.equal(await ended, false)
})
