import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Clock, ManualClock, type Timer } from '../base/clock.ts'
import { ConnectionCaps } from './caps.ts'
import { boundSweepMs, type OpenStream, OpenStreams, sweepMs } from './open-streams.ts'
import type { StreamError } from './stream-error.ts'

/** A clock that says how many timers are set. */
class CountingClock implements Clock {
  readonly inner = new ManualClock()
  timers = 0

  now(): number {
    return this.inner.now()
  }

  after(delayMs: number, action: () => void): Timer {
    this.timers += 1
    const fire = () => {
      this.timers -= 1
      action()
    }
    const timer = this.inner.after(delayMs, fire)
    return {
      cancel: () => {
        timer.cancel()
        this.timers -= 1
      },
    }
  }
}

class Swept implements OpenStream {
  readonly remoteAddress = '192.0.2.1'
  hasBound = false
  sweptMs = 0
  error: StreamError | undefined

  sweep(elapsedMs: number): void {
    this.sweptMs += elapsedMs
  }

  close(error?: StreamError): void {
    this.error = error
  }
}

test('there is one timer for all streams, and none without streams', () => {
  const clock = new CountingClock()
  const streams = new OpenStreams(clock)
  assert.equal(clock.timers, 0)
  const all = Array.from({ length: 100 }, () => new Swept())
  for (const stream of all) streams.add(stream)
  assert.equal(clock.timers, 1)
  clock.inner.advance(10 * sweepMs)
  assert.equal(clock.timers, 1)
  for (const stream of all) streams.remove(stream)
  assert.equal(clock.timers, 0)
  assert.equal(streams.size, 0)
})

test('all streams learn how much time has passed, those with a resource in larger steps', () => {
  const clock = new ManualClock()
  const streams = new OpenStreams(clock)
  const [young, bound] = [new Swept(), new Swept()]
  streams.add(young)
  streams.add(bound)
  streams.bound(bound)
  clock.advance(3 * sweepMs)
  assert.equal(young.sweptMs, 3 * sweepMs)
  assert.equal(bound.sweptMs, 0)
  clock.advance(boundSweepMs)
  assert.equal(young.sweptMs, 3 * sweepMs + boundSweepMs)
  assert.equal(bound.sweptMs, boundSweepMs)
  streams.closing(bound)
  clock.advance(sweepMs)
  assert.equal(bound.sweptMs, boundSweepMs + sweepMs)
})

test('a stream counts once, however often it is removed', () => {
  const caps = new ConnectionCaps({ connections: 1, connectionsPerAddress: 0, connectionsBeforeLogin: 0 })
  const streams = new OpenStreams(new ManualClock(), caps)
  const stream = new Swept()
  caps.admit(stream.remoteAddress)
  streams.add(stream)
  streams.remove(stream)
  streams.remove(stream)
  assert.equal(caps.admit('192.0.2.1'), undefined)
  assert.equal(caps.admit('192.0.2.1'), 'connections')
})
