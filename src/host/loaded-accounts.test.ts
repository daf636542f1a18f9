import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inMemoryServer } from '../../test/in-memory.ts'
import type { Host } from './host.ts'

test('of accounts that nobody uses any more a bounded number stays in memory, those used last', async () => {
  await using local = await inMemoryServer()
  const host = local.server.host('localhost') as Host
  for (let index = 0; index < 150; index++) {
    const client = await local.connect(`somebody${index}@localhost/x`)
    client.close()
    await host.loaded.get(`somebody${index}`)?.settled()
  }
  await local.connect('romeo@localhost/orchard')
  const loaded = host.loaded.all.map(({ jid }) => jid.local)
  assert.equal(loaded.length, 101)
  assert.ok(loaded.includes('romeo'))
  assert.ok(loaded.includes('somebody149'))
  assert.ok(!loaded.includes('somebody10'))
})

test('messages to somebody who is away look up the account once', async () => {
  await using local = await inMemoryServer()
  const host = local.server.host('localhost') as Host
  const juliet = await local.connect('juliet@localhost/balcony')
  juliet.close()
  await host.loaded.get('juliet')?.settled()
  const romeo = await local.connect('romeo@localhost/orchard')
  const seen = new Set<object>()
  host.received.add('check', ({ account }) => {
    if (account.jid.local === 'juliet') seen.add(account)
  })
  for (let count = 0; count < 3; count++)
    await romeo.send(`<message to='juliet@localhost'><body>?</body></message>`)
  assert.equal(seen.size, 1)
  assert.equal(host.loaded.get('juliet')?.isIdle, true)
})
