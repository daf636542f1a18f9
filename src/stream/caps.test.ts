import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConnectionCaps, networkOf } from './caps.ts'

const none = { connections: 0, connectionsPerAddress: 0, connectionsBeforeLogin: 0 }

test('an IPv4 address counts as itself, also when written as IPv6', () => {
  assert.equal(networkOf('192.0.2.1'), '192.0.2.1')
  assert.equal(networkOf('::ffff:192.0.2.1'), '192.0.2.1')
})

test('an IPv6 address counts by its first 64 bits, however it is written', () => {
  const network = networkOf('2001:db8:0:1::1')
  assert.equal(networkOf('2001:db8:0:1:2:3:4:5'), network)
  assert.notEqual(networkOf('2001:db8:0:2::1'), network)
  assert.equal(networkOf('2001:db8::1'), networkOf('2001:db8:0:0:9::'))
  assert.equal(networkOf('fe80::1%eth0'), networkOf('fe80::2'))
  assert.equal(networkOf('::1'), networkOf('0:0:0:0:0:0:0:2'))
})

test('each cap refuses what goes past it, and takes it again when there is room', () => {
  const caps = new ConnectionCaps({ connections: 4, connectionsPerAddress: 2, connectionsBeforeLogin: 3 })
  assert.equal(caps.admit('192.0.2.1'), undefined)
  assert.equal(caps.admit('192.0.2.1'), undefined)
  assert.equal(caps.admit('192.0.2.1'), 'connectionsPerAddress')
  assert.equal(caps.admit('192.0.2.2'), undefined)
  assert.equal(caps.admit('192.0.2.3'), 'connectionsBeforeLogin')
  caps.loggedIn()
  assert.equal(caps.admit('192.0.2.3'), undefined)
  caps.loggedIn()
  assert.equal(caps.admit('192.0.2.4'), 'connections')
  caps.release('192.0.2.1', true)
  assert.equal(caps.admit('192.0.2.1'), undefined)
})

test('caps of 0 are none', () => {
  const caps = new ConnectionCaps(none)
  for (let index = 0; index < 1000; index++) assert.equal(caps.admit('192.0.2.1'), undefined)
})

test('only those that had not logged in make room for others before login', () => {
  const caps = new ConnectionCaps({ ...none, connectionsBeforeLogin: 2 })
  for (let index = 0; index < 2; index++) caps.admit('192.0.2.1')
  caps.loggedIn()
  caps.admit('192.0.2.1')
  caps.release('192.0.2.1', true)
  assert.equal(caps.admit('192.0.2.1'), 'connectionsBeforeLogin')
  caps.release('192.0.2.1', false)
  assert.equal(caps.admit('192.0.2.1'), undefined)
})
