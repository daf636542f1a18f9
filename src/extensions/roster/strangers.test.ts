import assert from 'node:assert/strict'
import { test } from 'node:test'
import { befriend, online } from '../../../test/contacts.ts'
import { type InMemory, inMemoryServer } from '../../../test/in-memory.ts'
import { jid } from '../../jid/jid.ts'
import type { MemoryClient } from '../../server/memory-client.ts'
import { Iq } from '../../stanza/stanza.ts'
import { element } from '../../xml/element.ts'
import { roster } from './roster.ts'

const start = (requests: string) =>
  inMemoryServer({ extensions: [roster], options: { roster: { requests } } })

/** Sends a request to one of Juliet’s clients; whether it got there, and what was said if not. */
async function ask(from: MemoryClient, juliet: MemoryClient, resource = 'balcony'): Promise<string> {
  for (const client of [from, juliet]) client.takeAll()
  await from.send(`<iq type='get' id='q' to='juliet@localhost/${resource}'><x xmlns='urn:example'/></iq>`)
  if (juliet.takeAll().some(({ name }) => name === 'iq')) return 'there'
  return from.takeAll()[0]?.child('error')?.elements()[0]?.name ?? ''
}

/** Juliet, her friend Romeo, Tybalt. */
async function people(local: InMemory): Promise<[MemoryClient, MemoryClient, MemoryClient]> {
  const juliet = await online(local, 'juliet@localhost/balcony')
  const romeo = await online(local, 'romeo@localhost/orchard')
  const tybalt = await online(local, 'tybalt@localhost/street')
  await befriend(romeo, juliet)
  return [juliet, romeo, tybalt]
}

test('RFC 6121 §8.5.3.1: requests reach clients, whoever asks, unless the operator says otherwise', async () => {
  await using local = await start('all')
  const [juliet, romeo, tybalt] = await people(local)
  assert.equal(await ask(romeo, juliet), 'there')
  assert.equal(await ask(tybalt, juliet), 'there')
})

test('RFC 6121 §8.5.3.1: where the operator says so, strangers are answered as if nobody were there', async () => {
  await using local = await start('known')
  const [juliet, romeo, tybalt] = await people(local)
  assert.equal(await ask(romeo, juliet), 'there')
  assert.equal(await ask(tybalt, juliet), 'service-unavailable')
  assert.equal(await ask(tybalt, juliet, 'gone'), 'service-unavailable')
  const phone = await online(local, 'juliet@localhost/phone')
  assert.equal(await ask(phone, juliet), 'there', 'an account’s own clients')
})

test('RFC 6121 §8.5.3.1: who was shown a client’s presence directly may ask that client, as long as it holds', async () => {
  await using local = await start('known')
  const [juliet, , tybalt] = await people(local)
  await juliet.send(`<presence to='tybalt@localhost'/>`)
  assert.equal(await ask(tybalt, juliet), 'there')
  const phone = await online(local, 'juliet@localhost/phone')
  assert.equal(await ask(tybalt, phone, 'phone'), 'service-unavailable')
  await juliet.send(`<presence to='tybalt@localhost' type='unavailable'/>`)
  assert.equal(await ask(tybalt, juliet), 'service-unavailable')
})

test('RFC 6121 §8.5.3.1: answers reach who has asked, and the server’s own requests reach clients', async () => {
  await using local = await start('known')
  const [juliet, , tybalt] = await people(local)
  tybalt.takeAll()
  await juliet.send(`<iq type='result' id='q' to='tybalt@localhost/street'/>`)
  assert.equal(tybalt.takeAll()[0]?.attribute('type'), 'result')
  const request = new Iq('get', {
    from: jid('localhost'),
    to: juliet.jid,
    id: 's',
    children: [element('x', 'urn:example')],
  })
  juliet.takeAll()
  await local.server.host('localhost')?.receive(request)
  assert.equal(juliet.takeAll()[0]?.attribute('id'), 's')
})
