import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type InMemory, inMemoryServer } from '../../../test/in-memory.ts'
import { authenticatedPeer } from '../../../test/in-memory-peer.ts'
import { bindRequest, type TestPeer } from '../../../test/stream-peer.ts'
import type { MemoryClient } from '../../server/memory-client.ts'
import type { ClientSession } from '../../session/client.ts'
import { carbons } from '../carbons/carbons.ts'
import { streamManagement } from '../stream-management/stream-management.ts'
import { clientState } from './client-state.ts'

const inactive = `<inactive xmlns='urn:xmpp:csi:0'/>`
const active = `<active xmlns='urn:xmpp:csi:0'/>`
const to = `to='juliet@localhost/phone'`
const states = 'http://jabber.org/protocol/chatstates'
const typing = (more = '') => `<message ${to} type='chat'><composing xmlns='${states}'/>${more}</message>`
const event = (...items: string[]) =>
  `<message ${to} type='headline'><event xmlns='http://jabber.org/protocol/pubsub#event'><items node='tune'>${items.join('')}</items></event></message>`
const item = (id: string, text: string) => `<item id='${id}'><body>${text}</body></item>`
const body = (text: string) => `<message ${to} type='chat'><body>${text}</body></message>`
const presenceTo = (address: string) => `<presence to='${address}'/>`
const status = (text: string) => `<presence ${to}><status>${text}</status></presence>`

const start = (options = {}) =>
  inMemoryServer({
    extensions: [clientState, carbons, streamManagement],
    options: { 'client-state': options, 'stream-management': { resumeSeconds: 60 } },
  })

/** Juliet's phone, inactive, and Romeo, who writes to it. */
async function play(
  local: InMemory,
  { says = inactive } = {},
): Promise<{ phone: TestPeer; romeo: MemoryClient }> {
  const phone = await authenticatedPeer(local)
  await phone.exchange(bindRequest('phone'))
  phone.send(says)
  await phone.settled()
  return { phone, romeo: await local.connect('romeo@localhost/orchard') }
}

/** What came, in short: statuses, bodies and other contents, in order. */
const told = (text: string) =>
  [...text.matchAll(/<(?:status|body)>([^<]*)<|<(composing|paused|ping|error|subscribe)\b/g)].map(
    ([, content, name]) => content ?? name,
  )

/** What of `sent` comes to Juliet's inactive phone at once, and what when it becomes active. */
async function heldOf(...sent: string[]): Promise<{ atOnce: string; later: string }> {
  await using local = await start()
  const { phone, romeo } = await play(local)
  for (const text of sent) await romeo.send(text)
  const atOnce = await phone.settled()
  phone.send(active)
  return { atOnce, later: await phone.settled() }
}

test('XEP-0352 §4.1: offered to those who have logged in', async () => {
  await using local = await start()
  assert.match((await authenticatedPeer(local)).features, /<csi xmlns='urn:xmpp:csi:0'\/>/)
})

test('XEP-0352 §3.2: of presence the latest waits, of typing too, until the client is active', async () => {
  const { atOnce, later } = await heldOf(status('1'), typing(), status('2'), status('3'))
  assert.equal(atOnce, '')
  assert.deepEqual(told(later), ['composing', '3'])
})

test('XEP-0352 §5: a client is active until it says otherwise, and says it as often as it likes', async () => {
  await using local = await start()
  const { phone, romeo } = await play(local, { says: '' })
  await romeo.send(status('1'))
  assert.deepEqual(told(await phone.settled()), ['1'])
  phone.send(inactive + inactive)
  await phone.settled()
  await romeo.send(status('2'))
  phone.send(inactive)
  assert.equal(await phone.settled(), '')
  phone.send(active + active)
  assert.deepEqual(told(await phone.settled()), ['2'])
  await romeo.send(status('3'))
  assert.deepEqual(told(await phone.settled()), ['3'])
})

test('XEP-0352 §5, §6: being inactive is neither presence, nor seen by anybody', async () => {
  await using local = await start()
  const { phone, romeo } = await play(local, { says: '' })
  phone.send(`<presence><show>chat</show></presence>${presenceTo('romeo@localhost/orchard')}`)
  await phone.settled()
  const desk = await local.connect('juliet@localhost/desk')
  await desk.send('<presence/>')
  for (const client of [romeo, desk]) client.takeAll()
  phone.send(inactive)
  await phone.settled()
  await romeo.send(`<message to='juliet@localhost' type='chat'><body>hi</body></message>`)
  assert.deepEqual(told(await phone.settled()), ['hi'], 'it is as available as before')
  phone.send(active)
  await phone.settled()
  const names = (client: MemoryClient) => client.takeAll().map(({ name }) => name)
  assert.deepEqual([romeo, desk].map(names), [[], ['message']])
})

test('XEP-0352 §5.1: what was held back comes before the answer to what the client asks next', async () => {
  await using local = await start()
  const { phone, romeo } = await play(local)
  await romeo.send(status('1'))
  const ask = `<iq type='get' id='ping'><ping xmlns='urn:xmpp:ping'/></iq>`
  assert.match(await phone.exchange(active + ask), /<status>1<.*<iq [^>]*id='ping'/)
})

test('what matters goes at once, behind what its sender and others sent before', async () => {
  const important = {
    body: body('hi'),
    'message with anything but a chat state': `<message ${to}><body/><x xmlns='urn:example'/></message>`,
    invitation: `<message ${to}><x xmlns='jabber:x:conference' jid='a@rooms.localhost'/></message>`,
    'typing, and something else': typing(`<x xmlns='urn:example'/>`),
    receipt: `<message ${to}><received xmlns='urn:xmpp:receipts' id='1'/></message>`,
    error: `<message ${to} type='error'><composing xmlns='${states}'/></message>`,
    'presence error': `<presence ${to} type='error'/>`,
    request: `<iq ${to} type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>`,
    subscription: `<presence ${to} type='subscribe'/>`,
    'own room presence': `<presence ${to}><x xmlns='http://jabber.org/protocol/muc#user'><status code='110'/></x></presence>`,
    'two items in one event': event(item('a', '1'), item('b', '2')),
    'an item without id': event('<item/>'),
    'an event that retracts': event(`<retract id='a'/>`),
    'end of a room': `<presence ${to} type='unavailable'><x xmlns='http://jabber.org/protocol/muc#user'><destroy/></x></presence>`,
  }
  for (const [name, stanza] of Object.entries(important)) {
    const { atOnce, later } = await heldOf(status('before'), typing(), stanza, status('after'))
    const [first, second, ...rest] = told(atOnce)
    assert.deepEqual([first, second], ['before', 'composing'], `${name}: ${atOnce}`)
    assert.equal(atOnce.match(/<(message|presence|iq) /g)?.length, 3, `${name}: ${atOnce}`)
    assert.ok(!rest.includes('after'), name)
    assert.deepEqual(told(later), ['after'], name)
  }
})

test('what waits: room presence of others, published items, and hints and ids beside a chat state', async () => {
  const { atOnce, later } = await heldOf(
    `<presence ${to}><x xmlns='http://jabber.org/protocol/muc#user'><item/></x><status>1</status></presence>`,
    typing(`<thread>t</thread><no-store xmlns='urn:xmpp:hints'/><origin-id xmlns='urn:xmpp:sid:0' id='1'/>`),
    event(item('a', '2')),
    event(item('b', '3')),
    event(item('a', '4')),
  )
  assert.equal(atOnce, '')
  assert.deepEqual(told(later), ['1', 'composing', '3', '4'])
})

test('what the client sends and gets back itself does not wait', async () => {
  await using local = await start()
  const { phone } = await play(local)
  assert.deepEqual(told(await phone.exchange('<presence><status>1</status></presence>')), ['1'])
})

test('XEP-0352 with XEP-0280: copies of typing wait, copies of messages do not, nor what only looks like a copy', async () => {
  await using local = await start()
  const { phone, romeo } = await play(local)
  await phone.exchange(`<iq type='set' id='c'><enable xmlns='urn:xmpp:carbons:2'/></iq>`)
  const desk = await local.connect('juliet@localhost/desk')
  await romeo.send('<presence/>')
  const write = (inside: string) => desk.send(`<message to='romeo@localhost' type='chat'>${inside}</message>`)
  await write(`<composing xmlns='${states}'/>`)
  assert.equal(await phone.settled(), '')
  await write('<body>hi</body>')
  assert.deepEqual(told(await phone.settled()), ['composing', 'hi'])
  await write(`<private xmlns='urn:xmpp:carbons:2'/><body>not copied</body>`)
  await romeo.send(
    `<message to='juliet@localhost/desk' type='error'><composing xmlns='${states}'/></message>`,
  )
  assert.deepEqual(told(await phone.settled()), ['composing'], 'the copy of an error')
  await romeo.send(
    `<message ${to}><sent xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client'><composing xmlns='${states}'/></message></forwarded></sent></message>`,
  )
  assert.deepEqual(told(await phone.settled()), ['composing'])
})

test('a bounded number of stanzas, and of bytes, is held back; past it all of them are sent', async () => {
  for (const options of [{ maxHeld: 2 }, { maxBytes: 150 }]) {
    await using local = await start(options)
    const { phone, romeo } = await play(local)
    const nurse = await local.connect('nurse@localhost/house')
    await romeo.send(status('1'))
    await romeo.send(status('2'))
    await nurse.send(status('3'))
    assert.equal(await phone.settled(), '', JSON.stringify(options))
    const third = await local.connect('tybalt@localhost/house')
    await third.send(status('4'))
    assert.deepEqual(told(await phone.settled()), ['2', '3', '4'])
    await nurse.send(status('5'))
    assert.equal(await phone.settled(), '', 'and it begins anew')
  }
})

test('XEP-0352 §5.2 with XEP-0198: who comes back is active, and gets what waited behind what it missed', async () => {
  await using local = await start()
  const { phone, romeo } = await play(local)
  const enabled = await phone.exchange(`<enable xmlns='urn:xmpp:sm:3' resume='true'/>`)
  const id = /id='([^']*)'/.exec(enabled)?.[1]
  await romeo.send(body('1'))
  await phone.settled()
  phone.transport.destroy()
  await phone.settled()
  for (const text of ['2', '3']) await romeo.send(status(text))
  const again = await authenticatedPeer(local)
  const answer = await again.exchange(`<resume xmlns='urn:xmpp:sm:3' previd='${id}' h='0'/>`)
  assert.deepEqual(told(answer), ['1', '3'])
  await romeo.send(status('4'))
  assert.deepEqual(told(await again.settled()), ['4'])
  again.send(`<a xmlns='urn:xmpp:sm:3' h='3'/><r xmlns='urn:xmpp:sm:3'/>`)
  assert.match(await again.settled(), /<a /, 'what was held back counts when it is sent')
})

test('what a client says before it has a resource, and what is no state, changes nothing for others', async () => {
  await using local = await start()
  const phone = await authenticatedPeer(local)
  phone.send(inactive)
  assert.equal(await phone.settled(), '')
  await phone.exchange(bindRequest('phone'))
  const romeo = await local.connect('romeo@localhost/orchard')
  await romeo.send(status('1'))
  assert.deepEqual(told(await phone.settled()), ['1'])
  assert.match(await phone.exchange(`<asleep xmlns='urn:xmpp:csi:0'/>`), /<unsupported-stanza-type /)
})

test('unloaded, it hands out what it holds back', async () => {
  await using local = await start()
  const { phone, romeo } = await play(local)
  await romeo.send(status('1'))
  local.server.host('localhost')?.extensions.unload(clientState)
  assert.deepEqual(told(await phone.settled()), ['1'])
})

test('others can ask whether a client is active, and nothing is kept of one that has left', async () => {
  await using local = await start()
  const { phone } = await play(local)
  const session = phone.stream.peer as ClientSession
  const api = local.server.host('localhost')?.extensions.api(clientState)
  assert.equal(api?.isActive(session), false)
  phone.send('</stream:stream>')
  await phone.settled()
  assert.equal(api?.isActive(session), true)
})
