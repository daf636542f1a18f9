import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type InMemory, inMemoryServer } from '../../../test/in-memory.ts'
import { enter, romeoInside, room, roomServer } from '../../../test/rooms.ts'
import type { MemoryClient } from '../../server/memory-client.ts'
import { last } from './last.ts'

const ask = async (client: MemoryClient, to?: string): Promise<string> => {
  client.takeAll()
  await client.send(`<iq type='get' id='l'${to ? ` to='${to}'` : ''}><query xmlns='jabber:iq:last'/></iq>`)
  const answer = client.takeAll().at(-1)
  const query = answer?.child('query', 'jabber:iq:last')
  return query
    ? `${query.attribute('seconds')} ${query.text}`.trim()
    : (answer?.child('error')?.elements()[0]?.name ?? '')
}

const start = (): Promise<InMemory> => inMemoryServer({ extensions: [last] })

test('XEP-0012 §5: how long the server has been up', async () => {
  await using local = await start()
  const romeo = await local.connect('romeo@localhost/orchard')
  local.clock.advance(90_500)
  assert.equal(await ask(romeo, 'localhost'), '90')
})

test('XEP-0012 §3: contacts learn when an account was left and with which words, others nothing', async () => {
  await using local = await start()
  const romeo = await local.connect('romeo@localhost/orchard')
  const juliet = await local.connect('juliet@localhost/balcony')
  await romeo.send('<presence/>')
  assert.equal(await ask(juliet, 'romeo@localhost'), 'forbidden')
  await romeo.send(`<presence type='subscribed' to='juliet@localhost'/>`)
  await juliet.send(`<presence type='subscribe' to='romeo@localhost'/>`)
  assert.equal(await ask(juliet, 'romeo@localhost'), '0')
  await romeo.send(`<presence type='unavailable'><status>Parting is such sweet sorrow</status></presence>`)
  local.clock.advance(3000)
  assert.equal(await ask(juliet, 'romeo@localhost'), '3 Parting is such sweet sorrow')
  assert.equal(await ask(romeo), '3 Parting is such sweet sorrow')
  assert.equal(await ask(juliet, 'nobody@localhost'), 'service-unavailable')
})

test('XEP-0012 §4: a stranger’s question does not reach a client, there or not; that of a contact does', async () => {
  await using local = await start()
  const romeo = await local.connect('romeo@localhost/orchard')
  const juliet = await local.connect('juliet@localhost/balcony')
  for (const resource of ['orchard', 'gone']) {
    assert.equal(await ask(juliet, `romeo@localhost/${resource}`), 'forbidden', resource)
  }
  assert.deepEqual(romeo.takeAll(), [])
  await romeo.send(`<presence type='subscribed' to='juliet@localhost'/>`)
  await juliet.send(`<presence type='subscribe' to='romeo@localhost'/>`)
  romeo.takeAll()
  await ask(juliet, 'romeo@localhost/orchard')
  assert.equal(romeo.takeAll().at(-1)?.child('query', 'jabber:iq:last')?.name, 'query')
  assert.equal(await ask(juliet, 'romeo@localhost/gone'), 'service-unavailable', 'RFC 6121 §8.5.3.2.3')
})

test('XEP-0012 §4: who was shown presence directly may ask that client, and no other', async () => {
  await using local = await start()
  const romeo = await local.connect('romeo@localhost/orchard')
  const phone = await local.connect('romeo@localhost/phone')
  const juliet = await local.connect('juliet@localhost/balcony')
  await romeo.send(`<presence to='juliet@localhost/balcony'/>`)
  await ask(juliet, 'romeo@localhost/orchard')
  assert.equal(romeo.takeAll().length, 1)
  assert.equal(await ask(juliet, 'romeo@localhost/phone'), 'forbidden')
  assert.deepEqual(phone.takeAll(), [])
  await romeo.send(`<presence to='juliet@localhost/balcony' type='unavailable'/>`)
  assert.equal(await ask(juliet, 'romeo@localhost/orchard'), 'forbidden')
})

test('XEP-0012 §4: who is in a room with somebody may ask through the room', async () => {
  await using local = await roomServer({ extensions: [last] })
  const romeo = await romeoInside(local)
  const juliet = await local.connect('juliet@localhost/balcony')
  await enter(juliet, 'juliet')
  romeo.takeAll()
  await ask(juliet, `${room}/romeo`)
  assert.equal(romeo.takeAll().at(-1)?.child('query', 'jabber:iq:last')?.name, 'query')
})

test('XEP-0012 §3: who is connected and shows itself to nobody is away as before', async () => {
  await using local = await start()
  const romeo = await local.connect('romeo@localhost/orchard')
  const phone = await local.connect('romeo@localhost/phone')
  await phone.send('<presence/>')
  await romeo.send('<presence/>')
  await romeo.send(`<presence type='unavailable'/>`)
  local.clock.advance(5000)
  assert.equal(await ask(romeo), '0', 'another client is there')
  await phone.send(`<presence type='unavailable'><status>Farewell</status></presence>`)
  local.clock.advance(5000)
  assert.equal(await ask(romeo), '5 Farewell')
})

test('an account that nobody has left yet has no last activity', async () => {
  await using local = await start()
  const romeo = await local.connect('romeo@localhost/orchard')
  assert.equal(await ask(romeo), 'item-not-found')
  await romeo.send(`<presence to='juliet@localhost' type='unavailable'/>`)
  assert.equal(await ask(romeo), 'item-not-found', 'to go for one person is not to leave')
})

test('nothing of how an account was left is kept once it has been removed', async () => {
  await using local = await start()
  const romeo = await local.connect('romeo@localhost/orchard')
  await romeo.send('<presence/>')
  const host = local.server.host('localhost')
  const account = host?.loaded.get('romeo')
  await host?.accounts.remove(romeo.jid.bare)
  await account?.settled()
  const again = await local.connect('romeo@localhost/orchard')
  assert.equal(await ask(again), 'item-not-found')
})
