import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { type InMemory, type InMemoryParts, inMemoryServer } from '../../../test/in-memory.ts'
import type { Account } from '../../host/account.ts'
import type { Host } from '../../host/host.ts'
import { jid } from '../../jid/jid.ts'
import type { MemoryClient } from '../../server/memory-client.ts'
import type { Element } from '../../xml/element.ts'
import { parseDocument } from '../../xml/xml.ts'
import { roster } from '../roster/roster.ts'
import { type EntityCapsApi, entityCaps } from './entity-caps.ts'
import { verificationOf } from './verification.ts'

const namespace = 'http://jabber.org/protocol/disco#info'
const start = (parts: InMemoryParts = {}) => inMemoryServer({ extensions: [entityCaps, roster], ...parts })

/** The disco#info of a client with these features. */
const info = (...features: string[]) =>
  `<query xmlns='${namespace}'><identity category='client' type='pc'/>${features.map((name) => `<feature var='${name}'/>`).join('')}</query>`
const verOf = (query: string, hash = 'sha-1') => verificationOf(parseDocument(query) as Element, hash)
/** Presence of a client that shows the caps of `query`. */
const presence = (query: string, { hash = 'sha-1', ver = verOf(query), more = '' } = {}) =>
  `<presence><c xmlns='http://jabber.org/protocol/caps' node='urn:client' hash='${hash}' ver='${ver}'/>${more}</presence>`
const answer = (query: string, to = 'juliet@localhost') =>
  `<iq type='result' id='disco' to='${to}'>${query}</iq>`

/** Who asks a client for its features, oldest first; takes all that has come. */
const asked = (client: MemoryClient) =>
  client
    .takeAll()
    .filter((stanza) => stanza.child('query', namespace) && stanza.attribute('type') === 'get')
    .map((stanza) => stanza.attribute('from'))

function apiOf(local: InMemory): EntityCapsApi {
  return local.server.host('localhost')?.extensions.api(entityCaps) as EntityCapsApi
}

function account(local: InMemory, name: string): Account {
  return (local.server.host('localhost') as Host).loaded.get(name) as Account
}

/** What `name`'s account learns of `client`. */
async function learned(
  local: InMemory,
  client: MemoryClient,
  name = 'juliet',
): Promise<string[] | undefined> {
  const features = await apiOf(local).capsOf(account(local, name), client.jid)
  return features && [...features].sort()
}

/** What `name`'s account knows of `client` without asking. */
function known(local: InMemory, client: MemoryClient, name = 'juliet'): string[] | undefined {
  const features = apiOf(local).known(account(local, name), client.jid)
  return features && [...features].sort()
}

/** Romeo may see Juliet, and Juliet Romeo. */
async function friends(local: InMemory): Promise<[romeo: MemoryClient, juliet: MemoryClient]> {
  const romeo = await local.connect('romeo@localhost/orchard')
  const juliet = await local.connect('juliet@localhost/balcony')
  for (const client of [romeo, juliet]) await client.send('<presence/>')
  for (const [one, other, to] of [
    [romeo, juliet, 'juliet@localhost'],
    [juliet, romeo, 'romeo@localhost'],
  ] as const) {
    await one.send(`<presence type='subscribe' to='${to}'/>`)
    await other.send(`<presence type='subscribed' to='${one.jid.bare}'/>`)
  }
  for (const client of [romeo, juliet]) client.takeAll()
  return [romeo, juliet]
}

test('XEP-0115 §6.2: a client is asked for what it shows before its presence comes back, and what fits is known', async () => {
  await using local = await start()
  const juliet = await local.connect('juliet@localhost/balcony')
  const query = info('urn:a', 'urn:b+notify')
  await juliet.send(presence(query))
  const [question, own] = juliet.inbox
  assert.equal(question?.attribute('from'), 'juliet@localhost')
  assert.equal(question?.attribute('id'), 'disco')
  assert.equal(question?.child('query', namespace)?.attribute('node'), `urn:client#${verOf(query)}`)
  assert.equal(own?.name, 'presence')
  assert.equal(known(local, juliet), undefined)
  const features = learned(local, juliet)
  await juliet.send(answer(query))
  assert.deepEqual(await features, ['urn:a', 'urn:b+notify'])
  assert.deepEqual(known(local, juliet), ['urn:a', 'urn:b+notify'])
})

test('XEP-0115 §8.2: what one client has told is known of all that show the same, with whatever program', async () => {
  await using local = await start()
  const juliet = await local.connect('juliet@localhost/balcony')
  const query = info('urn:a')
  await juliet.send(presence(query))
  await juliet.send(answer(query))
  const romeo = await local.connect('romeo@localhost/orchard')
  await romeo.send(presence(query).replace('urn:client', 'urn:other'))
  assert.deepEqual(asked(romeo), [])
  assert.deepEqual(await learned(local, romeo, 'romeo'), ['urn:a'])
})

test('XEP-0115 §5.4: an answer that does not fit what is shown is believed of nobody, and the next who shows it is asked', async () => {
  await using local = await start()
  const juliet = await local.connect('juliet@localhost/balcony')
  const query = info('urn:honest')
  await juliet.send(presence(query))
  const features = learned(local, juliet)
  await juliet.send(answer(info('urn:poison')))
  assert.deepEqual(await features, [])
  assert.deepEqual(await learned(local, juliet), [], 'and it is not asked again for the same')
  assert.deepEqual(asked(juliet), ['juliet@localhost'])
  const romeo = await local.connect('romeo@localhost/orchard')
  await romeo.send(presence(query))
  await romeo.send(answer(query, 'romeo@localhost'))
  assert.deepEqual(await learned(local, romeo, 'romeo'), ['urn:honest'])
  assert.deepEqual(await learned(local, juliet), ['urn:honest'])
})

test('XEP-0115 §5.4: with a hash function nobody knows here, the answer holds for that client only', async () => {
  await using local = await start()
  const juliet = await local.connect('juliet@localhost/balcony')
  const romeo = await local.connect('romeo@localhost/orchard')
  const shown = presence(info(), { hash: 'md9', ver: 'x' })
  await juliet.send(shown)
  await juliet.send(answer(info('urn:a')))
  assert.deepEqual(await learned(local, juliet), ['urn:a'])
  await romeo.send(shown)
  assert.deepEqual(asked(romeo), ['romeo@localhost'])
  await romeo.send(`<iq type='error' id='disco' to='romeo@localhost'/>`)
  assert.deepEqual(await learned(local, romeo, 'romeo'), [])
})

test('XEP-0115 §10: without a hash function, and with more than any hash is long, nobody is asked', async () => {
  await using local = await start()
  const juliet = await local.connect('juliet@localhost/balcony')
  await juliet.send(
    `<presence><c xmlns='http://jabber.org/protocol/caps' node='urn:client' ver='1.0'/></presence>`,
  )
  await juliet.send(presence(info(), { ver: 'x'.repeat(600) }))
  await juliet.send('<presence/>')
  assert.ok(juliet.inbox.every((stanza) => stanza.attribute('type') !== 'error'))
  assert.deepEqual(asked(juliet), [])
  assert.equal(await learned(local, juliet), undefined)
})

test('a client that never answers is known by nothing, once the time is over', async () => {
  await using local = await start()
  const juliet = await local.connect('juliet@localhost/balcony')
  await juliet.send(presence(info('urn:a')))
  const features = learned(local, juliet)
  local.clock.advance(30_000)
  assert.deepEqual(await features, [])
})

test('XEP-0115 §8.4: presence without caps takes nothing back, other caps do, and so does going away', async () => {
  await using local = await start()
  const juliet = await local.connect('juliet@localhost/balcony')
  const query = info('urn:a')
  await juliet.send(presence(query))
  await juliet.send(answer(query))
  await learned(local, juliet)
  await juliet.send('<presence><show>away</show></presence>')
  assert.deepEqual(known(local, juliet), ['urn:a'])
  await juliet.send(presence(info('urn:b')))
  assert.equal(known(local, juliet), undefined)
  await juliet.send(presence(query))
  assert.deepEqual(known(local, juliet), ['urn:a'])
  await juliet.send(`<presence type='unavailable'/>`)
  assert.equal(await learned(local, juliet), undefined)
})

test('a contact who may see the account is asked for what it shows, on behalf of the account', async () => {
  await using local = await start()
  const [romeo, juliet] = await friends(local)
  const query = info('urn:a')
  await romeo.send(presence(query))
  await setImmediate()
  await romeo.send(answer(query, 'juliet@localhost'))
  assert.deepEqual(await learned(local, romeo, 'juliet'), ['urn:a'])
  assert.deepEqual(asked(romeo), ['romeo@localhost', 'juliet@localhost'])
  await romeo.send(`<presence type='unavailable'/>`)
  assert.equal(known(local, romeo, 'juliet'), undefined)
  assert.deepEqual(asked(juliet), [])
})

test('strangers are asked only when somebody wants to know, and occupants of rooms never', async () => {
  await using local = await start()
  const juliet = await local.connect('juliet@localhost/balcony')
  const romeo = await local.connect('romeo@localhost/orchard')
  await juliet.send('<presence/>')
  const query = info('urn:a')
  const to = (text: string) => text.replace('<presence>', `<presence to='juliet@localhost'>`)
  await romeo.send(to(presence(query, { more: `<x xmlns='http://jabber.org/protocol/muc#user'/>` })))
  assert.equal(await learned(local, romeo, 'juliet'), undefined)
  await romeo.send(to(presence(query)))
  await setImmediate()
  assert.deepEqual(asked(romeo), [])
  const features = learned(local, romeo, 'juliet')
  assert.deepEqual(asked(romeo), ['juliet@localhost'])
  await romeo.send(answer(query))
  assert.deepEqual(await features, ['urn:a'])
})

test('however many accounts want to know, a client is asked a bounded number of times', async () => {
  await using local = await start()
  const romeo = await local.connect('romeo@localhost/orchard')
  const query = info('urn:a')
  const names = Array.from({ length: 15 }, (_, index) => `friend${index}`)
  const answers = []
  for (const name of names) {
    const friend = await local.connect(`${name}@localhost/x`)
    await friend.send('<presence/>')
    await romeo.send(presence(query).replace('<presence>', `<presence to='${name}@localhost'>`))
    answers.push(learned(local, romeo, name))
  }
  assert.equal(asked(romeo).length, 10)
  await romeo.send(answer(query, 'friend0@localhost'))
  local.clock.advance(30_000)
  for (const features of await Promise.all(answers)) assert.deepEqual(features, ['urn:a'])
})

test('a bounded number of sets of features is remembered, those asked for lately; a monstrous one is not', async () => {
  await using local = await start({ options: { 'entity-caps': { maxCached: 2 } } })
  const juliet = await local.connect('juliet@localhost/balcony')
  const show = async (query: string) => {
    await juliet.send(presence(query))
    const isAsked = asked(juliet).length > 0
    if (isAsked) await juliet.send(answer(query))
    await learned(local, juliet)
    return isAsked
  }
  const shown = [info('a'), info('b'), info('a'), info('c'), info('a'), info('b')]
  const results = []
  for (const query of shown) results.push(await show(query))
  assert.deepEqual(results, [true, true, false, true, false, true])
  const many = info(...Array.from({ length: 1001 }, (_, index) => `urn:${index}`))
  for (const query of [many, info('x'.repeat(40_000))]) {
    assert.equal(await show(query), true)
    assert.deepEqual(await learned(local, juliet), [])
  }
})

test('of others a bounded number of clients is followed, and the account’s own are not pushed out', async () => {
  await using local = await start({ options: { 'entity-caps': { maxEntities: 2 } } })
  const juliet = await local.connect('juliet@localhost/balcony')
  const query = info('urn:a')
  await juliet.send(presence(query))
  await juliet.send(answer(query))
  const others = []
  for (const name of ['a', 'b', 'c']) {
    const other = await local.connect(`${name}@localhost/x`)
    await other.send(presence(query).replace('<presence>', `<presence to='juliet@localhost'>`))
    others.push(known(local, other))
  }
  assert.deepEqual(others, [['urn:a'], ['urn:a'], ['urn:a']])
  assert.deepEqual(known(local, juliet), ['urn:a'])
  const first = jid('a@localhost/x')
  assert.equal(apiOf(local).known(account(local, 'juliet'), first), undefined)
})
