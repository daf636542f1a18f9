import assert from 'node:assert/strict'
import { test } from 'node:test'
import { memoryPair } from './memory.ts'
import { testTransport } from './transport-contract.ts'

testTransport('in memory', async () => {
  const [near, far] = memoryPair()
  return { near, far, close() {} }
})

test('what never leaves the process is secure, unless a test says otherwise', () => {
  assert.equal(memoryPair()[0].isSecure, true)
  assert.equal(memoryPair({ isSecure: false })[1].isSecure, false)
  assert.equal(memoryPair({ remoteAddress: '192.0.2.1' })[0].remoteAddress, '192.0.2.1')
})
