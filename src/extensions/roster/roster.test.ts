import assert from 'node:assert/strict'
import { test } from 'node:test'
import { befriend, items, online, set, told } from '../../../test/contacts.ts'
import { type InMemoryParts, inMemoryServer } from '../../../test/in-memory.ts'
import { jid } from '../../jid/jid.ts'
import { sqlite } from '../../storage/sqlite.ts'
import { roster } from './roster.ts'

const namespace = 'jabber:iq:roster'

const start = (parts: InMemoryParts = {}) => inMemoryServer({ extensions: [roster], ...parts })

test('RFC 6121 §2.3: a contact is added, kept, and pushed to those who asked for the roster', async () => {
  await using local = await start()
  const romeo = await online(local, 'romeo@localhost/orchard')
  const phone = await online(local, 'romeo@localhost/phone')
  const other = await local.connect('romeo@localhost/other')
  told(romeo)
  await set(romeo, `<item jid='juliet@localhost' name='Juliet'><group>Friends</group></item>`)
  assert.deepEqual(told(romeo), ['result', 'push juliet@localhost none Juliet [Friends]'])
  assert.deepEqual(told(phone), ['push juliet@localhost none Juliet [Friends]'])
  assert.deepEqual(told(other), [])
  assert.deepEqual(await items(phone), ['juliet@localhost none Juliet [Friends]'])
})

test('RFC 6121 §2.3.3: what cannot be a roster set is refused, each with its own error', async () => {
  await using local = await start({ options: { roster: { maxNameLength: 10, maxGroups: 2 } } })
  const romeo = await online(local, 'romeo@localhost/orchard')
  const cases: [string, string][] = [
    ['', 'bad-request'],
    [`<item jid='a@localhost'/><item jid='b@localhost'/>`, 'bad-request'],
    ['<item/>', 'bad-request'],
    [`<item jid='@'/>`, 'bad-request'],
    [`<item jid='juliet@localhost/balcony'/>`, 'bad-request'],
    [`<item jid='Romeo@localhost'/>`, 'not-allowed'],
    [`<item jid='a@localhost'><group>x</group><group>x</group></item>`, 'bad-request'],
    [`<item jid='a@localhost'><group></group></item>`, 'not-acceptable'],
    [`<item jid='a@localhost' name='12345678901'/>`, 'not-acceptable'],
    [`<item jid='a@localhost'><group>12345678901</group></item>`, 'not-acceptable'],
    [`<item jid='a@localhost'><group>1</group><group>2</group><group>3</group></item>`, 'not-acceptable'],
    [`<item jid='a@localhost' subscription='remove'/>`, 'item-not-found'],
  ]
  for (const [item, condition] of cases) {
    await set(romeo, item)
    assert.deepEqual(told(romeo), [`error ${condition}`], item)
  }
  assert.deepEqual(await items(romeo), [])
})

test('RFC 6121 §2.1.5: a client may not change subscriptions by a roster set, and nobody else’s roster', async () => {
  await using local = await start()
  const romeo = await online(local, 'romeo@localhost/orchard')
  await online(local, 'juliet@localhost/balcony')
  await set(romeo, `<item jid='juliet@localhost' subscription='both' approved='true' ask='subscribe'/>`)
  assert.deepEqual(await items(romeo), ['juliet@localhost none'])
  await romeo.send(
    `<iq type='set' id='x' to='juliet@localhost'><query xmlns='${namespace}'><item jid='romeo@localhost'/></query></iq>`,
  )
  assert.deepEqual(told(romeo), ['error forbidden'])
})

test('RFC 6121 §2.6.3: every push has a version of its own, in the order of the changes', async () => {
  await using local = await start()
  const romeo = await online(local, 'romeo@localhost/orchard')
  const phone = await online(local, 'romeo@localhost/phone')
  const names = ['a', 'b', 'c', 'd']
  await Promise.all(
    names.map((name, index) =>
      index % 2
        ? phone.send(`<presence to='${name}@localhost' type='subscribe'/>`)
        : set(romeo, `<item jid='${name}@localhost'/>`),
    ),
  )
  for (const client of [romeo, phone]) {
    const pushes = client.takeAll().flatMap((stanza) => stanza.child('query', namespace) ?? [])
    const seen = pushes.map((query) => [query.attribute('ver'), query.child('item')?.attribute('jid')])
    assert.deepEqual(
      seen,
      names.map((name, index) => [`${index + 1}`, `${name}@localhost`]),
    )
  }
})

test('a roster has a bounded number of contacts', async () => {
  await using local = await start({ options: { roster: { maxItems: 2 } } })
  const romeo = await online(local, 'romeo@localhost/orchard')
  for (const name of ['a', 'b']) await set(romeo, `<item jid='${name}@localhost'/>`)
  told(romeo)
  await set(romeo, `<item jid='c@localhost'/>`)
  assert.deepEqual(told(romeo), ['error resource-constraint'])
  await set(romeo, `<item jid='a@localhost' name='again'/>`)
  assert.deepEqual(told(romeo), ['result', 'push a@localhost none again'])
})

test('RFC 6121 §3.1.3: requests of strangers are bounded, and take no room from contacts', async () => {
  await using local = await start({
    options: { roster: { maxItems: 1, maxRequests: 2, maxRequestBytes: 200 } },
  })
  const juliet = await online(local, 'juliet@localhost/balcony')
  for (const name of ['a', 'b', 'c']) {
    const stranger = await online(local, `${name}@localhost/x`)
    const status = 'Please! '.repeat(50)
    await stranger.send(
      `<presence to='juliet@localhost' type='subscribe' id='s'><status>${status}</status></presence>`,
    )
    const isRefused = told(stranger).includes('error resource-constraint')
    assert.equal(isRefused, name === 'c', name)
  }
  await set(juliet, `<item jid='romeo@localhost'/>`)
  assert.deepEqual(await items(juliet), ['romeo@localhost none'])
  const later = await local.connect('juliet@localhost/chamber')
  await later.send('<presence/>')
  const requests = later.takeAll().filter((stanza) => stanza.attribute('type') === 'subscribe')
  assert.deepEqual(
    requests.map((stanza) => [stanza.attribute('from'), stanza.text]),
    [
      ['a@localhost', ''],
      ['b@localhost', ''],
    ],
  )
})

test('RFC 6121 §3.1: asking, agreeing, and seeing each other', async () => {
  await using local = await start()
  const romeo = await online(local, 'romeo@localhost/orchard')
  const juliet = await online(local, 'juliet@localhost/balcony')
  await romeo.send(`<presence to='juliet@localhost/balcony' type='subscribe'/>`)
  assert.deepEqual(told(romeo), ['push juliet@localhost none ask', 'unavailable juliet@localhost'])
  assert.deepEqual(told(juliet), ['subscribe romeo@localhost'])
  await juliet.send(`<presence to='romeo@localhost' type='subscribed'/>`)
  // §3.1.6: the approval comes before the push.
  assert.deepEqual(told(romeo), [
    'subscribed juliet@localhost',
    'push juliet@localhost to',
    'available juliet@localhost/balcony',
  ])
  assert.deepEqual(told(juliet), ['push romeo@localhost from'])
  await juliet.send('<presence><show>away</show></presence>')
  assert.deepEqual(told(romeo), ['available juliet@localhost/balcony'])
  await romeo.send('<presence><show>away</show></presence>')
  assert.deepEqual(told(juliet), ['available juliet@localhost/balcony'])
})

test('RFC 6121 §3.1.3: a request to somebody who is away is kept whole and comes with each log-in', async () => {
  await using local = await start()
  const romeo = await online(local, 'romeo@localhost/orchard')
  await local.server.host('localhost')?.accounts.create(jid('juliet@localhost'), 'password')
  await romeo.send(
    `<presence to='juliet@localhost' type='subscribe' id='s'><status>It is I</status></presence>`,
  )
  for (const resource of ['balcony', 'chamber']) {
    const juliet = await local.connect(`juliet@localhost/${resource}`)
    await juliet.send('<presence/>')
    const request = juliet.takeAll().find((stanza) => stanza.attribute('type') === 'subscribe')
    assert.equal(request?.attribute('from'), 'romeo@localhost')
    assert.equal(request?.child('status')?.text, 'It is I')
    assert.deepEqual(await items(juliet), [], 'who only asks is not in the roster')
  }
})

test('RFC 6121 §3.2 and §3.3: taking a subscription back, from either side', async () => {
  await using local = await start()
  const romeo = await online(local, 'romeo@localhost/orchard')
  const juliet = await online(local, 'juliet@localhost/balcony')
  await befriend(romeo, juliet)
  await juliet.send(`<presence to='romeo@localhost' type='unsubscribed'/>`)
  assert.deepEqual(told(juliet), ['push romeo@localhost to'])
  // §3.2.2: she goes while he still sees her.
  assert.deepEqual(told(romeo), [
    'unavailable juliet@localhost/balcony',
    'unsubscribed juliet@localhost',
    'push juliet@localhost from',
  ])
  await juliet.send(`<presence to='romeo@localhost' type='unsubscribe'/>`)
  assert.deepEqual(told(romeo), ['unsubscribe juliet@localhost', 'push juliet@localhost none'])
  assert.deepEqual(told(juliet), ['push romeo@localhost none', 'unavailable romeo@localhost/orchard'])
})

test('RFC 6121 §2.5: removing a contact ends the subscriptions both ways', async () => {
  await using local = await start()
  const romeo = await online(local, 'romeo@localhost/orchard')
  const juliet = await online(local, 'juliet@localhost/balcony')
  await befriend(romeo, juliet)
  await set(romeo, `<item jid='juliet@localhost' subscription='remove'/>`)
  assert.deepEqual(told(juliet), [
    'unsubscribe romeo@localhost',
    'push romeo@localhost to',
    'unavailable romeo@localhost/orchard',
    'unsubscribed romeo@localhost',
    'push romeo@localhost none',
  ])
  assert.equal(told(romeo).includes('push juliet@localhost remove'), true)
  assert.deepEqual(await items(romeo), [])
})

test('RFC 6121 §4.3: who logs in sees contacts who are there, and an absence of those who are not', async () => {
  await using local = await start()
  const romeo = await online(local, 'romeo@localhost/orchard')
  const juliet = await online(local, 'juliet@localhost/balcony')
  await befriend(romeo, juliet)
  romeo.close()
  assert.equal((await juliet.receive())?.attribute('type'), 'unavailable')
  const again = await local.connect('romeo@localhost/street')
  await again.send('<presence/>')
  assert.deepEqual(told(again), ['available romeo@localhost/street', 'available juliet@localhost/balcony'])
  assert.deepEqual(told(juliet), ['available romeo@localhost/street'])
  juliet.close()
  await again.receive()
  await again.send(`<presence to='juliet@localhost' type='probe'/>`)
  assert.deepEqual(told(again), ['unavailable juliet@localhost'])
})

// The answer is `unsubscribed`, which goes no further than the server of who asked: Appendix A.3.4.
test('RFC 6121 §4.3.2: who may not see presence sees none by probing', async () => {
  await using local = await start()
  const romeo = await online(local, 'romeo@localhost/orchard')
  await online(local, 'juliet@localhost/balcony')
  await romeo.send(`<presence to='juliet@localhost' type='probe'/>`)
  assert.deepEqual(told(romeo), [])
})

test('RFC 6121 §2.6: a client that has the current version is sent no items', async () => {
  await using local = await start()
  const romeo = await online(local, 'romeo@localhost/orchard')
  for (const name of ['a', 'b']) await set(romeo, `<item jid='${name}@localhost'/>`)
  const version = romeo.takeAll().at(-1)?.child('query', namespace)?.attribute('ver')
  await romeo.send(`<iq type='get' id='v'><query xmlns='${namespace}' ver='${version}'/></iq>`)
  assert.deepEqual(romeo.takeAll()[0]?.elements(), [])
  await romeo.send(`<iq type='get' id='v'><query xmlns='${namespace}' ver='old'/></iq>`)
  assert.equal(romeo.takeAll()[0]?.child('query', namespace)?.elements().length, 2)
})

test('the version of a roster that was never changed is never taken for current', async () => {
  await using local = await start()
  const romeo = await online(local, 'romeo@localhost/orchard')
  await set(romeo, `<item jid='a@localhost'/>`)
  told(romeo)
  await romeo.send(`<iq type='get' id='v'><query xmlns='${namespace}' ver='1'/></iq>`)
  assert.equal(romeo.takeAll()[0]?.child('query', namespace)?.elements().length, 1)
})

test('rosters survive a restart', async () => {
  const storage = sqlite(':memory:')
  const open = { ...storage, close: async () => {} }
  {
    await using local = await start({ storage: open })
    const romeo = await online(local, 'romeo@localhost/orchard')
    await set(romeo, `<item jid='juliet@localhost' name='J'><group>Friends</group></item>`)
  }
  await using local = await start({ storage })
  const romeo = await local.connect('romeo@localhost/orchard')
  assert.deepEqual(await items(romeo), ['juliet@localhost none J [Friends]'])
})

test('an account that is removed takes its leave of its contacts', async () => {
  await using local = await start()
  const romeo = await online(local, 'romeo@localhost/orchard')
  const juliet = await online(local, 'juliet@localhost/balcony')
  await befriend(romeo, juliet)
  await local.server.host('localhost')?.accounts.remove(romeo.jid.bare)
  assert.equal(romeo.error?.condition, 'not-authorized')
  // §3.2.2: it is seen to go, once, before anything is said.
  assert.deepEqual(told(juliet), [
    'unavailable romeo@localhost/orchard',
    'unsubscribed romeo@localhost',
    'push romeo@localhost from',
    'unsubscribe romeo@localhost',
    'push romeo@localhost none',
  ])
  assert.deepEqual(await items(juliet), ['romeo@localhost none'])
})
