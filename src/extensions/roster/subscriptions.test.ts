// Subscriptions as the clients of both sides see them, where there are several of them or none.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { befriend, items, online, told } from '../../../test/contacts.ts'
import { type InMemory, inMemoryServer } from '../../../test/in-memory.ts'
import { authenticatedPeer } from '../../../test/in-memory-peer.ts'
import { jid } from '../../jid/jid.ts'
import { Presence } from '../../stanza/stanza.ts'
import { roster } from './roster.ts'

const start = () => inMemoryServer({ extensions: [roster] })

/** Presence from another server for one of Juliet's full addresses. */
const arrive = (
  local: InMemory,
  type: 'subscribe' | 'subscribed' | 'unsubscribe' | 'unsubscribed',
  to: string,
) =>
  local.server.host('localhost')?.receive(new Presence(type, { from: jid('romeo@localhost'), to: jid(to) }))

/** Romeo and Juliet, who see each other, each with two clients. */
async function friendsWithTwoClients(local: InMemory) {
  const romeo = await online(local, 'romeo@localhost/orchard')
  const juliet = await online(local, 'juliet@localhost/balcony')
  await befriend(romeo, juliet)
  const street = await online(local, 'romeo@localhost/street')
  const chamber = await online(local, 'juliet@localhost/chamber')
  for (const client of [romeo, street, juliet, chamber]) client.takeAll()
  return { romeo, street, juliet, chamber }
}

for (const type of ['subscribed', 'unsubscribe', 'unsubscribed'] as const) {
  test(`RFC 6121 §8.5.3.2.2: ${type} to a resource that is not there changes nothing`, async () => {
    await using local = await start()
    const romeo = await online(local, 'romeo@localhost/orchard')
    const juliet = await online(local, 'juliet@localhost/balcony')
    await befriend(romeo, juliet)
    if (type === 'subscribed') {
      await juliet.send(`<presence to='romeo@localhost' type='unsubscribe'/>`)
      await juliet.send(`<presence to='romeo@localhost' type='subscribe'/>`)
    }
    const before = await items(juliet)
    await arrive(local, type, 'juliet@localhost/gone')
    assert.deepEqual(told(juliet), [])
    assert.deepEqual(await items(juliet), before)
    await arrive(local, type, 'juliet@localhost/balcony')
    assert.notDeepEqual(await items(juliet), before, '§8.5.3.1: to one that is there it does')
  })
}

test('RFC 6121 §3.1.3, §8.5.3.2.2: a request to a resource, there or not, is one to the account', async () => {
  for (const resource of ['balcony', 'gone']) {
    await using local = await start()
    const juliet = await online(local, 'juliet@localhost/balcony')
    const phone = await online(local, 'juliet@localhost/phone')
    await arrive(local, 'subscribe', `juliet@localhost/${resource}`)
    for (const client of [juliet, phone]) {
      const [request] = client.takeAll().filter((stanza) => stanza.attribute('type') === 'subscribe')
      assert.equal(request?.attribute('to'), 'juliet@localhost')
    }
  }
})

test('RFC 6121 §3.1.3: who may see the account already, and asks, is told so at once under the id of the request', async () => {
  await using local = await start()
  const romeo = await online(local, 'romeo@localhost/orchard')
  const juliet = await online(local, 'juliet@localhost/balcony')
  await befriend(romeo, juliet)
  const answers: string[] = []
  local.server.host('localhost')?.presenceReceived.add('check', ({ presence: { type, id, from, to } }) => {
    if (type === 'subscribed') answers.push(`${from} ${to} ${id}`)
  })
  await romeo.send(`<presence to='juliet@localhost' type='subscribe' id='again'/>`)
  assert.deepEqual(answers, ['juliet@localhost romeo@localhost again'])
  assert.deepEqual(told(juliet), [], 'and she is not asked')
})

test('RFC 6121 §3.1.5, §3.1.6: approval reaches all interested clients, with the presence of each available one', async () => {
  await using local = await start()
  const romeo = await online(local, 'romeo@localhost/orchard')
  const street = await online(local, 'romeo@localhost/street')
  const careless = await local.connect('romeo@localhost/careless')
  const juliet = await online(local, 'juliet@localhost/balcony')
  const chamber = await online(local, 'juliet@localhost/chamber')
  await local.connect('juliet@localhost/silent')
  await romeo.send(`<presence to='juliet@localhost' type='subscribe'/>`)
  for (const client of [romeo, street, juliet, chamber]) client.takeAll()
  await juliet.send(`<presence to='romeo@localhost' type='subscribed'/>`)
  for (const client of [romeo, street]) {
    assert.deepEqual(told(client), [
      'subscribed juliet@localhost',
      'push juliet@localhost to',
      'available juliet@localhost/balcony',
      'available juliet@localhost/chamber',
    ])
  }
  for (const client of [juliet, chamber]) assert.deepEqual(told(client), ['push romeo@localhost from'])
  assert.deepEqual(told(careless), [], 'neither available nor interested')
})

test('RFC 6121 §3.2.2, §3.2.3: cancelling: every available client goes, then it is said, and all are pushed', async () => {
  await using local = await start()
  const { romeo, street, juliet, chamber } = await friendsWithTwoClients(local)
  await juliet.send(`<presence to='romeo@localhost' type='unsubscribed'/>`)
  for (const client of [romeo, street]) {
    assert.deepEqual(told(client), [
      'unavailable juliet@localhost/balcony',
      'unavailable juliet@localhost/chamber',
      'unsubscribed juliet@localhost',
      'push juliet@localhost from',
    ])
  }
  for (const client of [juliet, chamber]) assert.deepEqual(told(client), ['push romeo@localhost to'])
})

test('RFC 6121 §3.3.2, §3.3.3: unsubscribing: it is said, all are pushed, and every available client goes', async () => {
  await using local = await start()
  const { romeo, street, juliet, chamber } = await friendsWithTwoClients(local)
  await romeo.send(`<presence to='juliet@localhost' type='unsubscribe'/>`)
  for (const client of [juliet, chamber])
    assert.deepEqual(told(client), ['unsubscribe romeo@localhost', 'push romeo@localhost to'])
  for (const client of [romeo, street]) {
    assert.deepEqual(told(client), [
      'push juliet@localhost from',
      'unavailable juliet@localhost/balcony',
      'unavailable juliet@localhost/chamber',
    ])
  }
})

test('RFC 6121 §4.6.1: a subscription goes before presence that was shown directly, in its making and in its end', async () => {
  await using local = await start()
  const romeo = await online(local, 'romeo@localhost/orchard')
  const juliet = await online(local, 'juliet@localhost/balcony')
  await romeo.send(`<presence to='juliet@localhost'/>`)
  await juliet.send(`<presence to='romeo@localhost' type='subscribe'/>`)
  await romeo.send(`<presence to='juliet@localhost' type='subscribed'/>`)
  juliet.takeAll()
  await romeo.send('<presence><show>away</show></presence>')
  assert.deepEqual(told(juliet), ['available romeo@localhost/orchard'])
  await romeo.send(`<presence to='juliet@localhost' type='unsubscribed'/>`)
  assert.deepEqual(told(juliet), [
    'unavailable romeo@localhost/orchard',
    'unsubscribed romeo@localhost',
    'push romeo@localhost none',
  ])
  await romeo.send('<presence/>')
  assert.deepEqual(told(juliet), [])
})

test('RFC 6121 §3.1.2: a roster set and a request come in either order', async () => {
  const set = `<iq type='set' id='s'><query xmlns='jabber:iq:roster'><item jid='juliet@localhost' name='J'/></query></iq>`
  const ask = `<presence to='juliet@localhost' type='subscribe'/>`
  for (const order of [
    [set, ask],
    [ask, set],
  ]) {
    await using local = await start()
    const romeo = await online(local, 'romeo@localhost/orchard')
    for (const stanza of order) await romeo.send(stanza)
    assert.deepEqual(await items(romeo), ['juliet@localhost none J ask'])
  }
})

test('RFC 6121 §3.1.2: who asks somebody at a domain that cannot be reached is told so', async () => {
  await using local = await start()
  const romeo = await online(local, 'romeo@localhost/orchard')
  await romeo.send(`<presence to='juliet@elsewhere.example' type='subscribe' id='far'/>`)
  const error = romeo.takeAll().find((stanza) => stanza.name === 'presence')
  assert.deepEqual(
    [error?.attribute('type'), error?.attribute('id'), error?.child('error')?.elements()[0]?.name],
    ['error', 'far', 'remote-server-not-found'],
  )
})

test('RFC 6121 §8.5.1, §3.1.2: nobody answers for an account that does not exist, and the request stays pending', async () => {
  await using local = await start()
  const romeo = await online(local, 'romeo@localhost/orchard')
  for (const type of ['subscribe', 'subscribed', 'unsubscribed', 'unsubscribe'])
    await romeo.send(`<presence to='nobody@localhost' type='${type}' id='${type}'/>`)
  for (const to of ['nobody@localhost', 'nobody@localhost/x']) {
    await romeo.send(`<presence to='${to}'/>`)
    await romeo.send(`<presence to='${to}' type='unavailable'/>`)
  }
  assert.deepEqual(
    told(romeo).filter((line) => !line.startsWith('push nobody@localhost none')),
    [],
  )
})

test('RFC 6121 §2.6.1, §3.4: versions of the roster and pre-approval are offered to who has logged in', async () => {
  await using local = await start()
  const features = (await authenticatedPeer(local, 'juliet')).features
  assert.match(features, /<ver xmlns='urn:xmpp:features:rosterver'\/>/)
  assert.match(features, /<sub xmlns='urn:xmpp:features:pre-approval'\/>/)
})
