import assert from 'node:assert/strict'
import { test } from 'node:test'
import { befriend, online, told } from '../../../test/contacts.ts'
import { inMemoryServer } from '../../../test/in-memory.ts'
import { jid } from '../../jid/jid.ts'
import type { MemoryClient } from '../../server/memory-client.ts'
import { blocking } from '../blocking/blocking.ts'
import { roster } from './roster.ts'

const start = () => inMemoryServer({ extensions: [roster, blocking] })

test('RFC 6121 §4.3.2: who logs in is told who is there; the other clients, which know, are not', async () => {
  await using local = await start()
  const romeo = await online(local, 'romeo@localhost/orchard')
  const juliet = await online(local, 'juliet@localhost/balcony')
  await befriend(romeo, juliet)
  const street = await local.connect('romeo@localhost/street')
  await street.send('<presence/>')
  assert.ok(told(street).includes('available juliet@localhost/balcony'))
  assert.deepEqual(told(romeo), ['available romeo@localhost/street'])
})

test('RFC 6121 §4.3.2: every available session of a contact is shown, with when its presence was sent', async () => {
  await using local = await start()
  const romeo = await online(local, 'romeo@localhost/orchard')
  const juliet = await online(local, 'juliet@localhost/balcony')
  await befriend(romeo, juliet)
  await online(local, 'juliet@localhost/chamber')
  await local.connect('juliet@localhost/silent')
  romeo.takeAll()
  await romeo.send(`<presence to='juliet@localhost' type='probe'/>`)
  const shown = romeo.takeAll()
  assert.deepEqual(
    shown.map((presence) => [presence.attribute('from'), presence.attribute('to')]),
    [
      ['juliet@localhost/balcony', 'romeo@localhost/orchard'],
      ['juliet@localhost/chamber', 'romeo@localhost/orchard'],
    ],
  )
  for (const presence of shown) assert.ok(presence.child('delay', 'urn:xmpp:delay'))
})

test('RFC 6121 §4.3.2: no account and one that does not show itself answer alike', async () => {
  await using local = await start()
  const romeo = await online(local, 'romeo@localhost/orchard')
  await online(local, 'juliet@localhost/balcony')
  const heard: string[] = []
  local.server.host('localhost')?.presenceReceived.add('check', ({ presence }) => {
    const { type, from, to, children } = presence
    heard.push(`${type} ${from} ${to} ${children.length}`)
  })
  for (const name of ['juliet', 'nobody']) await romeo.send(`<presence to='${name}@localhost' type='probe'/>`)
  assert.deepEqual(
    heard.filter((line) => line.startsWith('unsubscribed')),
    ['juliet', 'nobody'].map((name) => `unsubscribed ${name}@localhost romeo@localhost 0`),
  )
  assert.deepEqual(told(romeo), [], 'who had no subscription is not bothered (Appendix A.3.4)')
})

test('RFC 6121 §4.3.2: an answer that there is no subscription ends one that was believed in', async () => {
  await using local = await start()
  const romeo = await online(local, 'romeo@localhost/orchard')
  const juliet = await online(local, 'juliet@localhost/balcony')
  await befriend(romeo, juliet)
  await local.server.host('localhost')?.store.collection('roster').clear('juliet')
  await local.server.host('localhost')?.accounts.remove(jid('juliet@localhost'))
  romeo.takeAll()
  const street = await local.connect('romeo@localhost/street')
  await street.send('<presence/>')
  assert.ok(told(romeo).includes('push juliet@localhost from'))
})

test('RFC 6121 §4.3.2: a probe that is refused does not cancel a pre-approval', async () => {
  await using local = await start()
  const romeo = await online(local, 'romeo@localhost/orchard')
  const juliet = await online(local, 'juliet@localhost/balcony')
  await juliet.send(`<presence to='romeo@localhost' type='subscribed'/>`)
  await romeo.send(`<presence to='juliet@localhost' type='probe'/>`)
  romeo.takeAll()
  await romeo.send(`<presence to='juliet@localhost' type='subscribe'/>`)
  assert.ok(told(romeo).includes('subscribed juliet@localhost'))
})

test('XEP-0191 §3.3: who is blocked is neither asked for presence nor answered', async () => {
  await using local = await start()
  const romeo = await online(local, 'romeo@localhost/orchard')
  const juliet = await online(local, 'juliet@localhost/balcony')
  await befriend(romeo, juliet)
  await romeo.send(
    `<iq type='set' id='b'><block xmlns='urn:xmpp:blocking'><item jid='juliet@localhost'/></block></iq>`,
  )
  const probes: string[] = []
  local.server.host('localhost')?.presenceReceived.add('check', ({ presence, account }) => {
    if (presence.type === 'probe') probes.push(account.jid.toString())
  })
  const street = await local.connect('romeo@localhost/street')
  await street.send('<presence/>')
  assert.deepEqual(told(street), ['available romeo@localhost/street', 'available romeo@localhost/orchard'])
  assert.deepEqual(probes, [])
  juliet.takeAll()
  await juliet.send(`<presence to='romeo@localhost' type='probe'/>`)
  assert.deepEqual(told(juliet), [])
})

/** Stanzas in short: type, sender, id, and names of what is inside. */
const seen = (client: MemoryClient) =>
  client.takeAll().map((stanza) => {
    const inside = stanza.elements().map(({ name }) => name)
    return [
      stanza.attribute('type') ?? 'available',
      stanza.attribute('from'),
      stanza.attribute('id'),
      ...inside,
    ]
  })

test('RFC 6121 §4.3.2: of a full address, who may see it learns only that it is there, and of no other', async () => {
  await using local = await start()
  const romeo = await online(local, 'romeo@localhost/orchard')
  const juliet = await online(local, 'juliet@localhost/balcony')
  await befriend(romeo, juliet)
  await juliet.send(`<presence id='now'><show>away</show><status>sad</status></presence>`)
  await online(local, 'juliet@localhost/chamber')
  await local.connect('juliet@localhost/silent')
  romeo.takeAll()
  for (const resource of ['balcony', 'silent', 'gone'])
    await romeo.send(`<presence to='juliet@localhost/${resource}' type='probe' id='p'/>`)
  assert.deepEqual(seen(romeo), [
    ['available', 'juliet@localhost/balcony', 'now'],
    ['unavailable', 'juliet@localhost/silent', 'p'],
    ['unavailable', 'juliet@localhost/gone', 'p'],
  ])
})

test('RFC 6121 §4.3.2: of a full address, who may not see it learns nothing', async () => {
  await using local = await start()
  const romeo = await online(local, 'romeo@localhost/orchard')
  await online(local, 'juliet@localhost/balcony')
  for (const resource of ['balcony', 'gone'])
    await romeo.send(`<presence to='juliet@localhost/${resource}' type='probe' id='p'/>`)
  assert.deepEqual(seen(romeo), [])
})

test('RFC 6121 §4.3.2.1: that nobody is there is told under the id of the probe, what is there under its own', async () => {
  await using local = await start()
  const romeo = await online(local, 'romeo@localhost/orchard')
  const juliet = await online(local, 'juliet@localhost/balcony')
  await befriend(romeo, juliet)
  await juliet.send(`<presence id='now'/>`)
  romeo.takeAll()
  await romeo.send(`<presence to='juliet@localhost' type='probe' id='p1'/>`)
  await juliet.send(`<presence type='unavailable'/>`)
  await romeo.send(`<presence to='juliet@localhost' type='probe' id='p2'/>`)
  assert.deepEqual(seen(romeo), [
    ['available', 'juliet@localhost/balcony', 'now', 'delay'],
    ['unavailable', 'juliet@localhost/balcony', undefined],
    ['unavailable', 'juliet@localhost', 'p2'],
  ])
})

test('RFC 6121 §4.6.6: who was shown presence directly learns by a probe that it holds, and nothing else', async () => {
  await using local = await start()
  const romeo = await online(local, 'romeo@localhost/orchard')
  const street = await online(local, 'romeo@localhost/street')
  const juliet = await online(local, 'juliet@localhost/balcony')
  await online(local, 'juliet@localhost/chamber')
  await juliet.send(`<presence to='romeo@localhost/orchard'><status>for you</status></presence>`)
  for (const client of [romeo, street]) client.takeAll()
  for (const client of [romeo, street])
    for (const to of ['juliet@localhost/balcony', 'juliet@localhost/chamber', 'juliet@localhost'])
      await client.send(`<presence to='${to}' type='probe' id='p'/>`)
  assert.deepEqual(seen(romeo), [
    ['available', 'juliet@localhost/balcony', undefined],
    ['available', 'juliet@localhost/balcony', undefined],
  ])
  assert.deepEqual(seen(street), [], 'another client was not shown it')
  await juliet.send(`<presence to='romeo@localhost/orchard' type='unavailable'/>`)
  romeo.takeAll()
  await romeo.send(`<presence to='juliet@localhost/balcony' type='probe'/>`)
  assert.deepEqual(seen(romeo), [], 'it was taken back')
})

test('RFC 6121 §8.5.2.2.2: without rosters a probe goes to no client, whatever its address', async () => {
  await using local = await inMemoryServer()
  const romeo = await local.connect('romeo@localhost/orchard')
  const juliet = await local.connect('juliet@localhost/balcony')
  for (const to of ['juliet@localhost', 'juliet@localhost/balcony'])
    await romeo.send(`<presence to='${to}' type='probe'/>`)
  assert.deepEqual(juliet.takeAll(), [])
})

test('RFC 6121 §8.5.1, §4.3.2: an account that has been removed is like one that never was', async () => {
  await using local = await start()
  const romeo = await online(local, 'romeo@localhost/orchard')
  const juliet = await online(local, 'juliet@localhost/balcony')
  await befriend(romeo, juliet)
  await local.server.host('localhost')?.accounts.remove(jid('juliet@localhost'))
  romeo.takeAll()
  for (const name of ['juliet', 'nobody']) {
    for (const to of [`${name}@localhost`, `${name}@localhost/balcony`])
      await romeo.send(`<presence to='${to}' type='probe' id='p'/>`)
    await romeo.send(`<presence to='${name}@localhost' type='subscribe'/>`)
    assert.deepEqual(told(romeo), [`push ${name}@localhost none ask`])
  }
})
