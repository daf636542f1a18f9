import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LoginThrottle, rememberedFailures } from './login-throttle.ts'

const rate = { perSecond: 1 / 30, burst: 3 }
const [address, account] = ['192.0.2.1', 'juliet@localhost']

function closedAfter(failures: number, throttle = new LoginThrottle({ loginFailures: rate })): LoginThrottle {
  for (let index = 0; index < failures; index++) throttle.failed(address, account, 0)
  return throttle
}

test('a few failures close nothing, more do, and time opens again', () => {
  assert.equal(closedAfter(3).isClosed(address, account, 0), false)
  const throttle = closedAfter(4)
  assert.equal(throttle.isClosed(address, account, 0), true)
  assert.equal(throttle.isClosed(address, account, 29_000), true)
  assert.equal(throttle.isClosed(address, account, 30_000), false)
})

test('who guesses locks out neither others nor the owner at another address', () => {
  const throttle = closedAfter(10)
  assert.equal(throttle.isClosed('192.0.2.2', account, 0), false)
  assert.equal(throttle.isClosed(address, 'romeo@localhost', 0), false)
})

test('guessing at many accounts from one address is slowed too, also by one with a whole IPv6 network', () => {
  const throttle = new LoginThrottle({ loginFailures: rate })
  for (let index = 0; index < 31; index++) throttle.failed(`2001:db8::${index}`, `user${index}@localhost`, 0)
  assert.equal(throttle.isClosed('2001:db8::ffff', 'other@localhost', 0), true)
  assert.equal(throttle.isClosed('2001:db8:0:1::1', 'other@localhost', 0), false)
})

test('a rate of 0 is no limit', () => {
  const throttle = closedAfter(1000, new LoginThrottle({ loginFailures: { perSecond: 0, burst: 0 } }))
  assert.equal(throttle.isClosed(address, account, 0), false)
})

test('memory is bounded: the oldest are forgotten', () => {
  const throttle = closedAfter(10)
  for (let index = 0; index < rememberedFailures; index++)
    throttle.failed(`10.${index >> 8}.0.${index & 255}`, `user${index}@localhost`, 0)
  assert.equal(throttle.isClosed(address, account, 0), false)
})

test('the wait doubles with each failure behind the first wait, up to a most, and is forgotten with time', () => {
  const throttle = closedAfter(4)
  let now = 0
  const waits: number[] = []
  for (let round = 0; round < 8; round += 1) {
    let waitMs = 0
    while (throttle.isClosed(address, account, now + waitMs)) waitMs += 1_000
    waits.push(Math.round(waitMs / 10_000) * 10)
    now += waitMs
    throttle.failed(address, account, now)
  }
  assert.deepEqual(waits, [30, 60, 120, 240, 480, 960, 960, 960])
  now += 960_000 + 3 * 30_000
  for (let index = 0; index < 4; index++) throttle.failed(address, account, now)
  assert.equal(throttle.isClosed(address, account, now + 30_000), false)
})

test('who has the right password is forgiven what they mistyped', () => {
  const throttle = closedAfter(3)
  throttle.succeeded(address, account)
  for (let index = 0; index < 3; index++) throttle.failed(address, account, 0)
  assert.equal(throttle.isClosed(address, account, 0), false)
})

test('guessing at one account from many addresses is slowed, but not for the owner where they have been before', () => {
  const throttle = new LoginThrottle({ loginFailures: rate })
  const home = '203.0.113.5'
  throttle.succeeded(home, account)
  for (let index = 0; index < 31; index++) throttle.failed(`10.0.${index}.1`, account, 0)
  assert.equal(throttle.isClosed('10.1.0.1', account, 0), true)
  assert.equal(throttle.isClosed(home, account, 0), false)
  // Nor for anybody else, nor for long.
  assert.equal(throttle.isClosed('10.1.0.1', 'romeo@localhost', 0), false)
  assert.equal(throttle.isClosed('10.1.0.1', account, 3_000), false)
})

test('however many fail at once, nobody else at that address waits for longer than the most', () => {
  const throttle = closedAfter(1000)
  assert.equal(throttle.isClosed(address, account, 959_000), true)
  assert.equal(throttle.isClosed(address, account, 960_000), false)
})

test('no more are looked at together than may fail, and behind the first wait one by one', () => {
  const throttle = new LoginThrottle({ loginFailures: rate })
  const underway = Array.from({ length: 5 }, () => throttle.begin(address, account, 0))
  assert.deepEqual(
    underway.map((end) => end !== undefined),
    [true, true, true, false, false],
  )
  assert.ok(throttle.begin(address, 'romeo@localhost', 0))
  for (let index = 0; index < 4; index++) throttle.failed(address, account, 0)
  for (const end of underway) end?.()
  const later = 30_000
  const end = throttle.begin(address, account, later)
  assert.equal(throttle.begin(address, account, later), undefined)
  end?.()
  assert.ok(throttle.begin(address, account, later))
})
