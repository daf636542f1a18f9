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

test('what comes for an account that has been removed does not reach whoever gets its name', async () => {
  await using local = await inMemoryServer()
  const host = local.server.host('localhost') as Host
  const old = await local.connect('romeo@localhost/orchard')
  await old.send('<presence/>')
  const juliet = await local.connect('juliet@localhost/balcony')
  await juliet.send('<presence/>')
  juliet.takeAll()
  const account = host.loaded.get('romeo')
  const kept: string[] = []
  host.received.add('store', (delivery) => {
    if (!delivery.isTaken) kept.push(delivery.account.jid.toString())
    delivery.isTaken = true
  })
  const gate = Promise.withResolvers<void>()
  const undo = host.presenceSent.add('announce', () => gate.promise)
  await host.accounts.remove(romeo)
  undo()
  await juliet.send(`<message to='romeo@localhost'><body>Art thou there?</body></message>`)
  assert.equal(juliet.takeAll()[0]?.attribute('type'), 'error')
  assert.deepEqual(kept, [])
  const fresh = await local.connect('romeo@localhost/street')
  assert.notEqual(host.loaded.get('romeo'), account)
  gate.resolve()
  await account?.settled()
  assert.equal(host.loaded.get('romeo')?.sessionsByResource.get('street'), fresh.session)
})

test('what was still being kept for an account while it was removed is not there for who gets its name', async () => {
  await using local = await inMemoryServer()
  const host = local.server.host('localhost') as Host
  const old = await local.connect('romeo@localhost/orchard')
  await old.send('<presence/>')
  const juliet = await local.connect('juliet@localhost/balcony')
  const letters = host.store.collection<string>('letters')
  const gate = Promise.withResolvers<void>()
  host.received.add('archive', async ({ account, message }) => {
    await gate.promise
    await letters.set(account.jid.local, message.id ?? '', 'kept')
  })
  const sent = juliet.send(`<message to='romeo@localhost' id='m'><body>Wait!</body></message>`)
  const account = host.loaded.get('romeo')
  await host.accounts.remove(romeo)
  gate.resolve()
  await sent
  await account?.settled()
  await host.accounts.create(romeo, 'another')
  assert.deepEqual([...(await letters.all('romeo')).keys()], [])
})

test('the sessions of an account can be ended while it stays', async () => {
  await using local = await inMemoryServer()
  const host = local.server.host('localhost') as Host
  const orchard = await local.connect('romeo@localhost/orchard')
  host.accounts.logOut(romeo)
  assert.equal(orchard.error?.condition, 'not-authorized')
  assert.equal(orchard.isOpen, false)
  const street = await local.connect('romeo@localhost/street')
  assert.equal(street.isOpen, true)
})
