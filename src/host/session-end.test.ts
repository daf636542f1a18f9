import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inMemoryServer } from '../../test/in-memory.ts'
import type { MemoryClient } from '../server/memory-client.ts'
import { StanzaError } from '../stanza/stanza-error.ts'
import type { Host } from './host.ts'

const presences = (client: MemoryClient) =>
  client
    .takeAll()
    .filter(({ name }) => name === 'presence')
    .map((stanza) => `${stanza.attribute('from')} ${stanza.attribute('type') ?? 'available'}`)

test('RFC 6121 §4.6.3: who was refused directed presence does not see it end either', async () => {
  await using local = await inMemoryServer()
  const host = local.server.host('localhost') as Host
  const romeo = await local.connect('romeo@localhost/orchard')
  const juliet = await local.connect('juliet@localhost/balcony')
  const undo = host.presenceSent.add('check', ({ presence }) => {
    if (presence.to) throw new StanzaError('not-acceptable')
  })
  await romeo.send(`<presence to='juliet@localhost/balcony'/>`)
  undo()
  assert.deepEqual(presences(romeo), ['juliet@localhost/balcony error'])
  romeo.close()
  await host.loaded.get('romeo')?.settled()
  assert.deepEqual(presences(juliet), [])
})

test('RFC 6121 §4.5.2: the end of a session is told to all, though it could not be told to some', async () => {
  await using local = await inMemoryServer()
  const host = local.server.host('localhost') as Host
  const ended: string[] = []
  host.sessionEnded.add(({ jid }) => void ended.push(jid.resource))
  const romeo = await local.connect('romeo@localhost/orchard')
  const juliet = await local.connect('juliet@localhost/balcony')
  await romeo.send('<presence/>')
  await romeo.send(`<presence to='juliet@localhost/balcony'/>`)
  presences(juliet)
  host.presenceSent.add('announce', ({ presence }) => {
    if (presence.type === 'unavailable' && !presence.to) throw new Error('the roster cannot be read')
  })
  romeo.close()
  await host.loaded.get('romeo')?.settled()
  assert.deepEqual(presences(juliet), ['romeo@localhost/orchard unavailable'])
  assert.deepEqual(ended, ['orchard'])
})

test('RFC 6120 §7.7.2.2: who sees a session replaced sees the old one go before the new one comes', async () => {
  await using local = await inMemoryServer()
  const host = local.server.host('localhost') as Host
  const phone = await local.connect('romeo@localhost/phone')
  await phone.send('<presence/>')
  const old = await local.connect('romeo@localhost/orchard')
  await old.send('<presence/>')
  presences(phone)
  const gate = Promise.withResolvers<void>()
  const undo = host.presenceSent.add('stamp', () => gate.promise)
  const last = old.send('<presence><show>away</show></presence>')
  undo()
  const fresh = await local.connect('romeo@localhost/orchard')
  const sent = fresh.send('<presence/>')
  gate.resolve()
  await Promise.all([last, sent, host.loaded.get('romeo')?.settled()])
  assert.deepEqual(presences(phone), [
    'romeo@localhost/orchard available',
    'romeo@localhost/orchard unavailable',
    'romeo@localhost/orchard available',
  ])
})
