import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inMemoryServer } from '../../test/in-memory.ts'
import type { MemoryClient } from '../server/memory-client.ts'

const presences = (client: MemoryClient) =>
  client.takeAll().map((stanza) => `${stanza.attribute('from')} ${stanza.attribute('type') ?? 'available'}`)

test('RFC 6121 §4.2.2: initial presence comes back, goes to the other resources, and theirs comes in turn', async () => {
  await using local = await inMemoryServer()
  const phone = await local.connect('romeo@localhost/phone')
  const laptop = await local.connect('romeo@localhost/laptop')
  const idle = await local.connect('romeo@localhost/idle')
  await phone.send('<presence/>')
  assert.deepEqual(presences(phone), ['romeo@localhost/phone available'])
  await laptop.send('<presence/>')
  assert.deepEqual(presences(phone), ['romeo@localhost/laptop available'])
  assert.deepEqual(presences(laptop), ['romeo@localhost/laptop available', 'romeo@localhost/phone available'])
  assert.deepEqual(presences(idle), [])
})

test('RFC 6121 §4.5.2: unavailable presence goes to the other resources; so does the end of a session', async () => {
  await using local = await inMemoryServer()
  const phone = await local.connect('romeo@localhost/phone')
  const laptop = await local.connect('romeo@localhost/laptop')
  for (const client of [phone, laptop]) await client.send('<presence/>')
  for (const client of [phone, laptop]) client.takeAll()
  await laptop.send(`<presence type='unavailable'><status>bye</status></presence>`)
  assert.deepEqual(presences(phone), ['romeo@localhost/laptop unavailable'])
  await laptop.send('<presence/>')
  presences(phone)
  laptop.close()
  assert.equal((await phone.receive())?.attribute('type'), 'unavailable')
})

test('a session that ends while its presence is on its way is seen to come and go, in that order', async () => {
  await using local = await inMemoryServer()
  const phone = await local.connect('romeo@localhost/phone')
  await phone.send('<presence/>')
  presences(phone)
  const laptop = await local.connect('romeo@localhost/laptop')
  const gate = Promise.withResolvers<void>()
  local.server.host('localhost')?.presenceSent.add('stamp', () => gate.promise)
  const sent = laptop.send('<presence/>')
  laptop.close()
  gate.resolve()
  await sent
  assert.deepEqual(
    [(await phone.receive())?.attribute('type'), (await phone.receive())?.attribute('type')],
    [undefined, 'unavailable'],
  )
})

test('RFC 6121 §4.6.3: who was shown presence directly sees it end with the session', async () => {
  await using local = await inMemoryServer()
  const romeo = await local.connect('romeo@localhost/orchard')
  const juliet = await local.connect('juliet@localhost/balcony')
  await romeo.send(`<presence to='juliet@localhost/balcony'/>`)
  assert.deepEqual(presences(juliet), ['romeo@localhost/orchard available'])
  romeo.close()
  assert.equal((await juliet.receive())?.attribute('type'), 'unavailable')
})

test('RFC 6121 §4.6.3: directed presence that was taken back does not end twice', async () => {
  await using local = await inMemoryServer()
  const romeo = await local.connect('romeo@localhost/orchard')
  const juliet = await local.connect('juliet@localhost/balcony')
  await romeo.send(`<presence to='juliet@localhost/balcony'/>`)
  await romeo.send(`<presence to='juliet@localhost/balcony' type='unavailable'/>`)
  await romeo.send('<presence/>')
  await romeo.send(`<presence type='unavailable'/>`)
  assert.deepEqual(presences(juliet), [
    'romeo@localhost/orchard available',
    'romeo@localhost/orchard unavailable',
  ])
})

test('directed presence goes to a bounded number of addresses', async () => {
  await using local = await inMemoryServer({ limits: { directedPresence: 2 } })
  const romeo = await local.connect('romeo@localhost/orchard')
  for (const to of ['a', 'b', 'b', 'c']) await romeo.send(`<presence to='${to}@localhost/x' id='${to}'/>`)
  const errors = romeo.takeAll()
  assert.deepEqual(
    errors.map((stanza) => stanza.attribute('id')),
    ['c'],
  )
  assert.equal(errors[0]?.child('error')?.child('policy-violation', stanzas) !== undefined, true)
})

test('RFC 6121 §4.7.2.3: a priority is a number from -128 to 127, and 0 where it is none', async () => {
  await using local = await inMemoryServer()
  const romeo = await local.connect('romeo@localhost/orchard')
  for (const [text, priority] of Object.entries({
    '5': 5,
    '-1': -1,
    '+3': 3,
    '999': 127,
    '-999': -128,
    x: 0,
    '': 0,
  })) {
    await romeo.send(`<presence><priority>${text}</priority></presence>`)
    assert.equal(romeo.session.priority, priority, `priority ${text}`)
  }
})

test('RFC 6120 §7.7.2.2: a new session with the same resource replaces the old one', async () => {
  await using local = await inMemoryServer()
  const first = await local.connect('romeo@localhost/orchard')
  const second = await local.connect('romeo@localhost/orchard')
  assert.equal(first.error?.condition, 'conflict')
  assert.equal(second.isOpen, true)
  const juliet = await local.connect('juliet@localhost/balcony')
  await juliet.send(`<message to='romeo@localhost/orchard'><body>still there?</body></message>`)
  assert.equal(second.takeAll().length, 1)
})

test('RFC 6120 §7.6.2.1: an account has a bounded number of sessions', async () => {
  await using local = await inMemoryServer({ limits: { sessionsPerAccount: 2 } })
  await local.connect('romeo@localhost/a')
  await local.connect('romeo@localhost/b')
  await assert.rejects(local.connect('romeo@localhost/c'), {
    name: 'StanzaError',
    condition: 'resource-constraint',
  })
})

const stanzas = 'urn:ietf:params:xml:ns:xmpp-stanzas'
