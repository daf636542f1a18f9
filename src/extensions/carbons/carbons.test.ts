import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type InMemory, inMemoryServer } from '../../../test/in-memory.ts'
import type { MemoryClient } from '../../server/memory-client.ts'
import { carbons } from './carbons.ts'

const start = () => inMemoryServer({ extensions: [carbons] })
const chat = (more: string, type = 'chat') =>
  `<message to='juliet@localhost/balcony' type='${type}'><body>hi</body>${more}</message>`

async function online(local: InMemory, address: string, { enables = true } = {}): Promise<MemoryClient> {
  const client = await local.connect(address)
  if (enables) await client.send(`<iq type='set' id='c'><enable xmlns='urn:xmpp:carbons:2'/></iq>`)
  await client.send('<presence/>')
  return client
}

/** What came: `plain`, `sent` or `received`. */
function kinds(client: MemoryClient): string[] {
  return client
    .takeAll()
    .filter((stanza) => stanza.name === 'message')
    .map((stanza) => ['sent', 'received'].find((name) => stanza.child(name, 'urn:xmpp:carbons:2')) ?? 'plain')
}

/** Romeo with two clients writes to Juliet with three, of which one does not want copies. */
async function play(text: string): Promise<Record<string, string[]>> {
  await using local = await start()
  const sender = await online(local, 'romeo@localhost/orchard')
  const own = await online(local, 'romeo@localhost/phone')
  const addressed = await online(local, 'juliet@localhost/balcony')
  const other = await online(local, 'juliet@localhost/phone')
  const plain = await online(local, 'juliet@localhost/old', { enables: false })
  for (const client of [sender, own, addressed, other, plain]) client.takeAll()
  await sender.send(text)
  return {
    own: kinds(own),
    addressed: kinds(addressed),
    other: kinds(other),
    plain: kinds(plain),
    sender: kinds(sender),
  }
}

const copied = { own: ['sent'], addressed: ['plain'], other: ['received'], plain: [], sender: [] }
const notCopied = { own: [], addressed: ['plain'], other: [], plain: [], sender: [] }

test('XEP-0280 §7, §8: a chat message is copied to the other clients of both sides', async () => {
  assert.deepEqual(await play(chat('')), copied)
})

test('XEP-0280 §6.1: what is copied, and what is not', async () => {
  const bodiless = (payload: string) => `<message to='juliet@localhost/balcony'>${payload}</message>`
  assert.deepEqual(await play(chat('', 'normal')), copied)
  assert.deepEqual(await play(bodiless(`<received xmlns='urn:xmpp:receipts' id='1'/>`)), copied)
  assert.deepEqual(await play(bodiless(`<active xmlns='http://jabber.org/protocol/chatstates'/>`)), copied)
  assert.deepEqual(await play(bodiless(`<x xmlns='jabber:x:conference' jid='a@rooms.localhost'/>`)), copied)
  assert.deepEqual(await play(bodiless(`<x xmlns='urn:example'/>`)), notCopied)
  assert.deepEqual(await play(chat('', 'error')), copied)
  assert.deepEqual(await play(chat('', 'headline')), notCopied)
  assert.deepEqual(await play(chat(`<received xmlns='urn:xmpp:receipts' id='1'/>`, 'headline')), copied)
  assert.deepEqual(await play(chat(`<received xmlns='urn:xmpp:receipts' id='1'/>`, 'groupchat')), notCopied)
})

test('XEP-0280 §9: a private message, or one with the hint no-copy, is not copied', async () => {
  assert.deepEqual(await play(chat(`<private xmlns='urn:xmpp:carbons:2'/>`)), notCopied)
  assert.deepEqual(await play(chat(`<no-copy xmlns='urn:xmpp:hints'/>`)), notCopied)
})

test('XEP-0280 §7: to a bare address every client gets one, the message itself or nothing more', async () => {
  await using local = await start()
  const sender = await online(local, 'romeo@localhost/orchard')
  const clients = [
    await online(local, 'juliet@localhost/balcony'),
    await online(local, 'juliet@localhost/phone'),
  ]
  await clients[1]?.send('<presence><priority>-1</priority></presence>')
  for (const client of clients) client.takeAll()
  await sender.send(`<message to='juliet@localhost' type='chat'><body>hi</body></message>`)
  assert.deepEqual(clients.map(kinds), [['plain'], ['received']])
})

test('XEP-0280 §7, §8: what one says to oneself comes once to each client, and not back to the one that says it', async () => {
  await using local = await start()
  const sender = await online(local, 'romeo@localhost/orchard')
  const clients = [
    await online(local, 'romeo@localhost/phone'),
    await online(local, 'romeo@localhost/desk'),
    await online(local, 'romeo@localhost/old', { enables: false }),
  ]
  await clients[1]?.send('<presence><priority>-1</priority></presence>')
  const told = async (to: string) => {
    for (const client of [sender, ...clients]) client.takeAll()
    await sender.send(`<message${to && ` to='${to}'`} type='chat'><body>a note</body></message>`)
    return [sender, ...clients].map(kinds)
  }
  assert.deepEqual(await told('romeo@localhost/phone'), [[], ['plain'], ['received'], []])
  for (const to of ['romeo@localhost', ''])
    assert.deepEqual(await told(to), [['plain'], ['plain'], ['received'], ['plain']])
})

test('XEP-0280 §7: a copy is from the account itself and holds the message as it was', async () => {
  await using local = await start()
  const sender = await online(local, 'romeo@localhost/orchard')
  const phone = await online(local, 'romeo@localhost/phone')
  phone.takeAll()
  await sender.send(`<message to='juliet@localhost/x' type='chat' id='m'><body>hi</body></message>`)
  const [copy] = phone.takeAll()
  assert.equal(copy?.attribute('from'), 'romeo@localhost')
  assert.equal(copy?.attribute('to'), 'romeo@localhost/phone')
  assert.equal(copy?.attribute('type'), 'chat')
  const message = copy
    ?.child('sent', 'urn:xmpp:carbons:2')
    ?.child('forwarded', 'urn:xmpp:forward:0')
    ?.child('message', 'jabber:client')
  assert.equal(message?.attribute('from'), 'romeo@localhost/orchard')
  assert.equal(message?.attribute('to'), 'juliet@localhost/x')
  assert.equal(message?.child('body')?.text, 'hi')
})

test('XEP-0280 §5, §10.1: who has disabled copies, however often, gets none', async () => {
  await using local = await start()
  const sender = await online(local, 'romeo@localhost/orchard')
  const phone = await online(local, 'romeo@localhost/phone')
  for (const id of ['1', '2'])
    await phone.send(`<iq type='set' id='${id}'><disable xmlns='urn:xmpp:carbons:2'/></iq>`)
  assert.equal(phone.takeAll().filter((stanza) => stanza.attribute('type') === 'result').length, 3)
  await sender.send(chat(''))
  assert.deepEqual(kinds(phone), [])
})

test('XEP-0280 §10.3: of a copy that a client refuses nobody is told, whatever it says that it refuses', async () => {
  await using local = await start()
  const juliet = await online(local, 'juliet@localhost/balcony')
  const romeo = await online(local, 'romeo@localhost/orchard')
  const [phone, desk] = [
    await online(local, 'romeo@localhost/phone'),
    await online(local, 'romeo@localhost/desk'),
  ]
  await romeo.send(chat(''))
  await juliet.send(`<message to='romeo@localhost/orchard' type='chat'><body>hi</body></message>`)
  assert.deepEqual(kinds(phone), ['sent', 'received'])
  for (const client of [juliet, romeo, desk]) client.takeAll()
  const refusal = `<error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>`
  for (const inside of ['', `<sent xmlns='urn:xmpp:carbons:2'/>`, `<received xmlns='urn:xmpp:carbons:2'/>`])
    for (const to of [` to='romeo@localhost'`, ''])
      await phone.send(`<message type='error'${to}>${inside}${refusal}</message>`)
  assert.deepEqual([juliet, romeo, desk].map(kinds), [[], [], []])
})

test('XEP-0280 §4: nobody turns copies on or off for somebody else', async () => {
  await using local = await start()
  const sender = await online(local, 'romeo@localhost/orchard')
  const phone = await online(local, 'juliet@localhost/phone')
  const balcony = await online(local, 'juliet@localhost/balcony', { enables: false })
  for (const name of ['enable', 'disable']) {
    await sender.send(
      `<iq type='set' id='${name}' to='juliet@localhost'><${name} xmlns='urn:xmpp:carbons:2'/></iq>`,
    )
    assert.equal(sender.takeAll().at(-1)?.attribute('type'), 'error')
  }
  for (const client of [phone, balcony]) client.takeAll()
  await sender.send(`<message to='juliet@localhost/balcony' type='normal'><body>hi</body></message>`)
  await sender.send(`<message to='juliet@localhost/balcony' type='chat'><body>hi</body></message>`)
  await sender.send(`<message to='juliet@localhost/phone' type='chat'><body>hi</body></message>`)
  assert.deepEqual([phone, balcony].map(kinds), [
    ['received', 'received', 'plain'],
    ['plain', 'plain'],
  ])
})
