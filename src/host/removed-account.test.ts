import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inMemoryServer } from '../../test/in-memory.ts'
import { jid } from '../jid/jid.ts'
import type { Host } from './host.ts'

const romeo = jid('romeo@localhost')

test('a password that is being changed does not bring a removed account back', async () => {
  await using local = await inMemoryServer()
  const { accounts } = local.server.host('localhost') as Host
  await accounts.create(romeo, 'wherefore')
  await Promise.all([accounts.setPassword(romeo, 'another'), accounts.remove(romeo)])
  assert.equal(await accounts.exists(romeo), false)
})
