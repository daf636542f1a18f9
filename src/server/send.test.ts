import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inMemoryServer } from '../../test/in-memory.ts'
import { archive } from '../extensions/archive/archive.ts'
import { blocking } from '../extensions/blocking/blocking.ts'
import { disco } from '../extensions/disco/disco.ts'
import { muc } from '../extensions/muc/muc.ts'
import { offline } from '../extensions/offline/offline.ts'
import { standard } from '../extensions/standard/standard.ts'
import { jid } from '../jid/jid.ts'
import { Message, Presence } from '../stanza/stanza.ts'
import { StanzaError } from '../stanza/stanza-error.ts'
import { StorageError } from '../storage/storage-error.ts'
import { element } from '../xml/element.ts'

test('a program sends from the domain, from an account, and from an address that nobody has', async () => {
  await using local = await inMemoryServer()
  const juliet = await local.connect('juliet@localhost/balcony')
  await juliet.send('<presence/>')
  juliet.takeAll()
  for (const from of ['localhost', 'romeo@localhost', 'shop@localhost/till']) {
    await local.server.send({ from, to: 'juliet@localhost', body: 'The lark', lang: 'en', id: 'x' })
    const [message] = juliet.takeAll()
    const attributes = ['from', 'type', 'id', 'xml:lang'].map((name) => message?.attribute(name))
    assert.deepEqual(attributes, [from, 'chat', 'x', 'en'])
    assert.equal(message?.child('body')?.text, 'The lark')
  }
})

test('a message has an id, and whatever else is put into it', async () => {
  await using local = await inMemoryServer()
  const juliet = await local.connect('juliet@localhost/balcony')
  const children = [element('order', 'urn:example:shop', { number: '7' })]
  await local.server.send({ from: 'localhost', to: 'juliet@localhost/balcony', type: 'headline', children })
  const [message] = juliet.takeAll()
  assert.equal(message?.attribute('type'), 'headline')
  assert.notEqual(message?.attribute('id') ?? '', '')
  assert.equal(message?.child('order', 'urn:example:shop')?.attribute('number'), '7')
  assert.equal(message?.child('body'), undefined)
})

test('stanzas that are made already are sent as they are', async () => {
  await using local = await inMemoryServer()
  const juliet = await local.connect('juliet@localhost/balcony')
  const parts = { from: jid('romeo@localhost/orchard'), to: juliet.jid }
  await local.server.send(new Presence('available', parts))
  await local.server.send(new Message('normal', parts))
  assert.deepEqual(
    juliet.takeAll().map(({ name }) => name),
    ['presence', 'message'],
  )
})

test('RFC 6121 §8.5.1: who sends learns that a message is refused, and why', async () => {
  await using local = await inMemoryServer({ extensions: [blocking], rooms: [disco, muc] })
  const refusal = (to: string) =>
    local.server.send({ from: 'localhost', to, body: 'x' }).then(
      () => 'sent',
      (error: unknown) => error instanceof StanzaError && error.condition,
    )
  assert.equal(await refusal('nobody@localhost'), 'service-unavailable')
  assert.equal(await refusal('juliet@elsewhere.example'), 'remote-server-not-found')
  assert.equal(await refusal('lobby@rooms.localhost'), 'item-not-found')
  const juliet = await local.connect('juliet@localhost/balcony')
  await juliet.send('<presence/>')
  assert.equal(await refusal('juliet@localhost'), 'sent')
  await juliet.send(
    "<iq type='set' id='b'><block xmlns='urn:xmpp:blocking'><item jid='localhost'/></block></iq>",
  )
  assert.equal(await refusal('juliet@localhost'), 'service-unavailable')
})

test('only addresses of this server are sent from, and only addresses are sent to', async () => {
  await using local = await inMemoryServer()
  const send = (from: string, to: string) => local.server.send({ from, to, body: 'x' })
  await assert.rejects(send('a@elsewhere.example', 'juliet@localhost'), TypeError)
  await assert.rejects(send('localhost', '@'), TypeError)
  await assert.rejects(send('', 'juliet@localhost'), TypeError)
  const from = jid('localhost')
  await assert.rejects(local.server.send(new Message('chat', { from })), TypeError)
})

test('what was sent to somebody who is away is kept when it resolves, and comes at log-in', async () => {
  await using local = await inMemoryServer({ extensions: standard })
  const first = await local.connect('juliet@localhost/balcony')
  first.close()
  await local.server.send({ from: 'shop@localhost', to: 'juliet@localhost', body: 'Your order' })
  const juliet = await local.connect('juliet@localhost/balcony')
  await juliet.send('<presence/>')
  const bodies = juliet.takeAll().flatMap((stanza) => stanza.child('body')?.text ?? [])
  assert.deepEqual(bodies, ['Your order'])
})

test('it does not resolve where what was sent could not be kept', async () => {
  await using local = await inMemoryServer({ extensions: [archive, offline] })
  await local.connect('juliet@localhost/balcony').then((client) => client.close())
  local.server.host('localhost')?.received.add('store', (delivery) => {
    delivery.isTaken = true
    delivery.acknowledgeAfter(Promise.reject(new StorageError('full', 'no room')))
  })
  await assert.rejects(
    local.server.send({ from: 'localhost', to: 'juliet@localhost', body: 'x' }),
    (error) => error instanceof StanzaError && error.condition === 'resource-constraint',
  )
})
