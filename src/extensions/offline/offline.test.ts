import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type InMemory, type InMemoryParts, inMemoryServer } from '../../../test/in-memory.ts'
import { pause } from '../../../test/pause.ts'
import { jid } from '../../jid/jid.ts'
import type { MemoryClient } from '../../server/memory-client.ts'
import { sqlite } from '../../storage/sqlite.ts'
import { offline } from './offline.ts'

async function start(parts: InMemoryParts = {}): Promise<InMemory> {
  const local = await inMemoryServer({ extensions: [offline], ...parts })
  await local.server.host('localhost')?.accounts.create(jid('juliet@localhost'), 'password')
  return local
}

const message = (body: string, type = 'chat', more = '') =>
  `<message to='juliet@localhost' type='${type}' id='${body}'><body>${body}</body>${more}</message>`

/** The bodies of the messages that came. */
const bodies = (client: MemoryClient) =>
  client
    .takeAll()
    .filter((stanza) => stanza.name === 'message' && stanza.attribute('type') !== 'error')
    .map((stanza) => stanza.child('body')?.text)

/** Logs in and becomes available; resolves when what waited has come. */
async function online(local: InMemory, address: string, presence = '<presence/>'): Promise<MemoryClient> {
  const client = await local.connect(address)
  await client.send(presence)
  await pause()
  return client
}

test('XEP-0160 §2: messages wait for the first presence, come in order, with when they came, and once', async () => {
  await using local = await start()
  const romeo = await local.connect('romeo@localhost/orchard')
  const since = local.clock.now()
  for (const body of ['1', '2', '3']) await romeo.send(message(body))
  assert.deepEqual(romeo.takeAll(), [], 'nobody is told of an absence')
  local.clock.advance(60_000)
  const juliet = await online(local, 'juliet@localhost/balcony')
  assert.equal(juliet.inbox[0]?.name, 'presence')
  const [, first] = juliet.inbox
  assert.equal(first?.attribute('from'), 'romeo@localhost/orchard')
  const delay = first?.child('delay', 'urn:xmpp:delay')
  assert.equal(delay?.attribute('from'), 'localhost')
  assert.equal(Date.parse(delay?.attribute('stamp') ?? ''), since)
  assert.deepEqual(bodies(juliet), ['1', '2', '3'])
  assert.deepEqual(bodies(await online(local, 'juliet@localhost/phone')), [])
})

test('XEP-0160 §2: a negative priority gets nothing, until it is none', async () => {
  await using local = await start()
  const romeo = await local.connect('romeo@localhost/orchard')
  await romeo.send(message('1'))
  const juliet = await online(
    local,
    'juliet@localhost/balcony',
    '<presence><priority>-1</priority></presence>',
  )
  assert.deepEqual(bodies(juliet), [])
  await juliet.send('<presence/>')
  await pause()
  assert.deepEqual(bodies(juliet), ['1'])
})

test('XEP-0160 §3: what is kept, what goes back, and what is dropped', async () => {
  await using local = await start()
  const romeo = await local.connect('romeo@localhost/orchard')
  const bodiless = (payload: string) =>
    `<message to='juliet@localhost' type='chat' id='x'>${payload}</message>`
  const cases: [string, 'back' | 'dropped' | 'kept'][] = [
    [message('x', 'chat'), 'kept'],
    [message('x', 'normal'), 'kept'],
    [message('x', 'headline'), 'dropped'],
    [message('x', 'error'), 'dropped'],
    [message('x', 'groupchat'), 'back'],
    [message('x', 'chat', `<no-store xmlns='urn:xmpp:hints'/>`), 'back'],
    [message('x', 'chat', `<no-permanent-store xmlns='urn:xmpp:hints'/>`), 'kept'],
    [bodiless(`<composing xmlns='http://jabber.org/protocol/chatstates'/>`), 'back'],
    [bodiless(`<received xmlns='urn:xmpp:receipts' id='1'/>`), 'kept'],
    [bodiless(`<x xmlns='urn:x'/><store xmlns='urn:xmpp:hints'/>`), 'kept'],
    [bodiless(''), 'back'],
  ]
  for (const [text, outcome] of cases) {
    await romeo.send(text)
    const isBack = romeo.takeAll().length > 0
    const juliet = await online(local, 'juliet@localhost/balcony')
    const isKept = juliet.takeAll().some((stanza) => stanza.name === 'message')
    juliet.close()
    await pause()
    assert.equal(isBack ? 'back' : isKept ? 'kept' : 'dropped', outcome, text)
  }
})

test('RFC 6121 §8.5.3.2.1: a normal message to a resource that is gone waits for no other; it goes back', async () => {
  await using local = await start()
  const romeo = await local.connect('romeo@localhost/orchard')
  const toGone = (type: string) =>
    romeo.send(
      `<message to='juliet@localhost/gone' type='${type}' id='${type}'><body>${type}</body></message>`,
    )
  const back = () => romeo.takeAll().map((stanza) => stanza.attribute('id'))
  for (const type of ['normal', 'chat']) await toGone(type)
  assert.deepEqual(back(), ['normal'])
  const juliet = await online(local, 'juliet@localhost/balcony')
  assert.deepEqual(bodies(juliet), ['chat'])
  for (const type of ['normal', 'chat']) await toGone(type)
  assert.deepEqual(back(), ['normal'])
  assert.deepEqual(bodies(juliet), ['chat'])
  juliet.close()
  await pause()
  assert.deepEqual(bodies(await online(local, 'juliet@localhost/balcony')), [])
})

test('XEP-0160 §2: past the limit messages go back, and nothing that was kept is lost', async () => {
  await using local = await start({ options: { offline: { maxMessages: 2 } } })
  const romeo = await local.connect('romeo@localhost/orchard')
  for (const body of ['1', '2', '3']) await romeo.send(message(body))
  const [error] = romeo.takeAll()
  assert.equal(error?.attribute('id'), '3')
  assert.equal(error?.child('error')?.elements()[0]?.name, 'service-unavailable')
  assert.deepEqual(bodies(await online(local, 'juliet@localhost/balcony')), ['1', '2'])
})

test('messages survive a restart', async () => {
  const storage = sqlite(':memory:')
  {
    await using local = await start({ storage: { ...storage, close: async () => {} } })
    const romeo = await local.connect('romeo@localhost/orchard')
    for (const body of ['1', '2']) await romeo.send(message(body))
  }
  await using local = await start({ storage })
  assert.deepEqual(bodies(await online(local, 'juliet@localhost/balcony')), ['1', '2'])
})

test('messages that are too old are dropped, where the host says so', async () => {
  await using local = await start({ options: { offline: { keepDays: 1 } } })
  const romeo = await local.connect('romeo@localhost/orchard')
  await romeo.send(message('old'))
  local.clock.advance(86_400_001)
  await romeo.send(message('new'))
  assert.deepEqual(bodies(await online(local, 'juliet@localhost/balcony')), ['new'])
})

test('what comes while the kept messages are being given comes behind them', async () => {
  await using local = await start()
  const romeo = await local.connect('romeo@localhost/orchard')
  for (const body of ['1', '2']) await romeo.send(message(body))
  const juliet = await local.connect('juliet@localhost/balcony')
  await Promise.all([juliet.send('<presence/>'), romeo.send(message('3'))])
  await pause()
  assert.deepEqual(bodies(juliet), ['1', '2', '3'])
})
