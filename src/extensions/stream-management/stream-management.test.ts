import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type InMemory, inMemoryServer } from '../../../test/in-memory.ts'
import { authenticatedPeer, connectedPeer } from '../../../test/in-memory-peer.ts'
import { bindRequest, header, plain, type TestPeer } from '../../../test/stream-peer.ts'
import { jid } from '../../jid/jid.ts'
import { roster } from '../roster/roster.ts'
import { streamManagement } from './stream-management.ts'

const ns = `xmlns='urn:xmpp:sm:3'`

const start = (options = {}) =>
  inMemoryServer({ extensions: [roster, streamManagement], options: { 'stream-management': options } })

/** A client that has bound a resource and enabled stream management; answers its SM-ID, too. */
async function managed(
  local: InMemory,
  name: string,
  { resource = 'balcony', attributes = `resume='true'` } = {},
): Promise<TestPeer & { id: string }> {
  const peer = await authenticatedPeer(local, name)
  await peer.exchange(bindRequest(resource))
  const enabled = await peer.exchange(`<enable ${ns} ${attributes}/>`)
  return Object.assign(peer, { id: /<enabled [^>]*id='([^']*)'/.exec(enabled)?.[1] ?? '' })
}

const message = (to: string, body: string) =>
  `<message to='${to}' type='chat' id='${body}'><body>${body}</body></message>`

/** The bodies of messages in a text, in order. */
const bodies = (text: string) => [...text.matchAll(/<body>([^<]*)<\/body>/g)].map(([, body]) => body)

test('XEP-0198 §2: stream management is offered to those who have logged in', async () => {
  await using local = await start()
  const peer = connectedPeer(local)
  assert.doesNotMatch(await peer.exchange(header()), /<\/authentication>.*urn:xmpp:sm:3/)
  await local.server.host('localhost')?.accounts.create(jid('juliet@localhost'), 'password')
  await peer.exchange(plain('juliet', 'password'))
  assert.match(await peer.exchange(header()), /<sm xmlns='urn:xmpp:sm:3'\/>/)
})

test('XEP-0198 §3: enabling needs a bound resource, and may be asked for once', async () => {
  await using local = await start()
  const peer = await authenticatedPeer(local, 'juliet')
  assert.match(await peer.exchange(`<enable ${ns}/>`), /<failed xmlns='urn:xmpp:sm:3'><unexpected-request /)
  await peer.exchange(bindRequest())
  assert.match(await peer.exchange(`<enable ${ns}/>`), /<enabled xmlns='urn:xmpp:sm:3'\/>/)
  assert.match(await peer.exchange(`<enable ${ns}/>`), /<policy-violation /)
})

test('XEP-0198 §3: the wait for a client is what it wishes, and at most what the host allows', async () => {
  await using local = await start({ resumeSeconds: 60, location: 'here.example:5222' })
  const enabled = async (attributes: string) => {
    const peer = await authenticatedPeer(local, 'juliet')
    await peer.exchange(bindRequest())
    return peer.exchange(`<enable ${ns} ${attributes}/>`)
  }
  assert.match(await enabled(`resume='true'`), /resume='true' max='60' location='here.example:5222'/)
  assert.match(await enabled(`resume='1' max='5'`), /max='5'/)
  assert.match(await enabled(`resume='true' max='999'`), /max='60'/)
  assert.match(await enabled(`resume='true' max='soon'`), /max='60'/)
  assert.doesNotMatch(await enabled(`resume='false'`), /resume/)
})

test('XEP-0198 §4: the server counts what it has dealt with, refused or not, and nothing else', async () => {
  await using local = await start()
  const peer = await managed(local, 'juliet')
  assert.match(await peer.exchange(`<r ${ns}/>`), /<a xmlns='urn:xmpp:sm:3' h='0'\/>/)
  await peer.exchange(`<presence/>${message('nobody@localhost', 'x')}<iq type='get'/><message to='@'/>`)
  assert.match(await peer.exchange(` <r ${ns}/>`), /<a xmlns='urn:xmpp:sm:3' h='4'\/>/)
})

test('XEP-0198 §4: the server asks for an acknowledgement behind what it sends, one question at a time', async () => {
  await using local = await start()
  const peer = await managed(local, 'juliet')
  const romeo = await local.connect('romeo@localhost/orchard')
  await romeo.send(message('juliet@localhost/balcony', '1'))
  assert.match(await peer.read(), /<\/message><r xmlns='urn:xmpp:sm:3'\/>$/)
  await romeo.send(message('juliet@localhost/balcony', '2'))
  assert.doesNotMatch(await peer.read(), /<r /)
  peer.send(`<a ${ns} h='2'/>`)
  await peer.settled()
  await romeo.send(message('juliet@localhost/balcony', '3'))
  assert.match(await peer.read(), /<r /)
})

test('XEP-0198 §6: who acknowledges more than was sent is told so, and the stream ends', async () => {
  await using local = await start()
  for (const h of ['1', '4294967295']) {
    const peer = await managed(local, 'juliet')
    const answer = await peer.exchange(`<a ${ns} h='${h}'/>`)
    assert.match(
      answer,
      /<undefined-condition .*<handled-count-too-high xmlns='urn:xmpp:sm:3' h='\d+' send-count='0'\/>/,
    )
  }
})

test('what is no counter, or out of place, ends the stream', async () => {
  await using local = await start()
  for (const nonza of [
    `<a ${ns}/>`,
    `<a ${ns} h='-1'/>`,
    `<a ${ns} h='4294967296'/>`,
    `<a ${ns} h='x'/>`,
    `<b ${ns}/>`,
  ]) {
    const peer = await managed(local, 'juliet')
    assert.match(await peer.exchange(nonza), /<stream:error>/, nonza)
  }
  const unmanaged = await authenticatedPeer(local, 'juliet')
  await unmanaged.exchange(bindRequest())
  assert.match(await unmanaged.exchange(`<r ${ns}/>`), /<policy-violation /)
})

test('XEP-0198 §5: a client that comes back gets what it missed, in order, and nothing twice', async () => {
  await using local = await start()
  const first = await managed(local, 'juliet')
  const romeo = await local.connect('romeo@localhost/orchard')
  for (const body of ['1', '2', '3']) await romeo.send(message('juliet@localhost/balcony', body))
  assert.deepEqual(bodies(await first.read()), ['1', '2', '3'])
  first.transport.destroy()
  await first.settled()
  for (const body of ['4', '5']) await romeo.send(message('juliet@localhost/balcony', body))
  const second = await authenticatedPeer(local, 'juliet')
  const resumed = await second.exchange(`<resume ${ns} previd='${first.id}' h='2'/>`)
  assert.match(resumed, new RegExp(`^<resumed xmlns='urn:xmpp:sm:3' previd='${first.id}' h='0'/>`))
  assert.deepEqual(bodies(resumed), ['3', '4', '5'])
  await romeo.send(message('juliet@localhost/balcony', '6'))
  assert.deepEqual(bodies(await second.read()), ['6'])
  second.send(`<presence/>`)
  assert.match(await second.exchange(`<r ${ns}/>`), /<a xmlns='urn:xmpp:sm:3' h='1'\/>/)
  assert.deepEqual(romeo.takeAll(), [], 'nobody was told of an absence')
})

test('XEP-0198 §5: resuming ends a stream that does not know yet that it is dead', async () => {
  await using local = await start()
  const first = await managed(local, 'juliet')
  const second = await authenticatedPeer(local, 'juliet')
  assert.match(await second.exchange(`<resume ${ns} previd='${first.id}' h='0'/>`), /<resumed /)
  assert.match(await first.read(), /<conflict /)
  const romeo = await local.connect('romeo@localhost/orchard')
  await romeo.send(message('juliet@localhost/balcony', 'hi'))
  assert.deepEqual(bodies(await second.read()), ['hi'])
})

test('XEP-0198 §5: an unknown id, somebody else’s, or one that is over is not resumed, and a resource can be bound', async () => {
  await using local = await start({ resumeSeconds: 60 })
  const first = await managed(local, 'juliet')
  first.send('<presence/>')
  await first.settled()
  first.transport.destroy()
  await first.settled()
  const failed = async (name: string, id: string) => {
    const peer = await authenticatedPeer(local, name)
    const answer = await peer.exchange(`<resume ${ns} previd='${id}' h='0'/>`)
    assert.match(answer, /<item-not-found /)
    assert.match(await peer.exchange(bindRequest(`other-${id.length}`)), /<jid>/)
    return answer
  }
  await failed('juliet', 'made-up')
  await failed('romeo', first.id)
  local.clock.advance(60_000)
  await first.settled()
  assert.match(await failed('juliet', first.id), /<failed xmlns='urn:xmpp:sm:3' h='1'>/)
})

test('XEP-0198 §7: a stream that is closed on purpose is not kept', async () => {
  await using local = await start()
  const first = await managed(local, 'juliet')
  first.send('</stream:stream>')
  await first.settled()
  const second = await authenticatedPeer(local, 'juliet')
  assert.match(await second.exchange(`<resume ${ns} previd='${first.id}' h='0'/>`), /<item-not-found /)
})

test('contacts see a session that waits as it was, and go when the wait is over', async () => {
  await using local = await start({ resumeSeconds: 60 })
  const romeo = await local.connect('romeo@localhost/orchard')
  await romeo.send('<presence/>')
  const juliet = await managed(local, 'juliet')
  await juliet.exchange(`<presence/><presence to='romeo@localhost' type='subscribed'/>`)
  await romeo.send(`<presence to='juliet@localhost' type='subscribe'/>`)
  await juliet.settled()
  romeo.takeAll()
  juliet.transport.destroy()
  await juliet.settled()
  assert.deepEqual(romeo.takeAll(), [])
  local.clock.advance(60_000)
  await juliet.settled()
  assert.deepEqual(
    romeo.takeAll().map((stanza) => stanza.attribute('type')),
    ['unavailable'],
  )
})

test('XEP-0198 §4: what was not acknowledged when the wait is over goes to another resource, in order, with its time', async () => {
  await using local = await start({ resumeSeconds: 60 })
  const dying = await managed(local, 'juliet')
  const romeo = await local.connect('romeo@localhost/orchard')
  for (const body of ['1', '2', '3']) await romeo.send(message('juliet@localhost/balcony', body))
  await dying.exchange(`<a ${ns} h='1'/>`)
  dying.transport.destroy()
  await dying.settled()
  const phone = await local.connect('juliet@localhost/phone')
  await phone.send('<presence/>')
  phone.takeAll()
  local.clock.advance(60_000)
  await dying.settled()
  const received = phone.takeAll().filter((stanza) => stanza.name === 'message')
  assert.deepEqual(
    received.map((stanza) => stanza.child('body')?.text),
    ['2', '3'],
  )
  assert.ok(received.every((stanza) => stanza.child('delay', 'urn:xmpp:delay')))
  assert.deepEqual(romeo.takeAll(), [])
})

test('XEP-0198 §4: where there is nobody else, the senders are told', async () => {
  await using local = await start({ resumeSeconds: 0 })
  const dying = await managed(local, 'juliet')
  const romeo = await local.connect('romeo@localhost/orchard')
  await romeo.send(message('juliet@localhost/balcony', 'm'))
  await romeo.send(`<iq type='get' id='i' to='juliet@localhost/balcony'><ping xmlns='urn:xmpp:ping'/></iq>`)
  await dying.read()
  dying.transport.destroy()
  await dying.settled()
  const errors = romeo
    .takeAll()
    .map((stanza) => [stanza.attribute('id'), stanza.child('error')?.elements()[0]?.name])
  assert.deepEqual(errors.sort(), [
    ['i', 'service-unavailable'],
    ['m', 'service-unavailable'],
  ])
})

test('a session that acknowledges nothing ends at the limit, and what it was sent goes elsewhere', async () => {
  await using local = await start({ maxUnacknowledged: 10 })
  const deaf = await managed(local, 'juliet')
  const romeo = await local.connect('romeo@localhost/orchard')
  for (let index = 1; index <= 11; index++)
    await romeo.send(message('juliet@localhost/balcony', String(index)))
  assert.match(await deaf.read(), /<resource-constraint /)
  await deaf.settled()
  const returned = romeo.takeAll().map((stanza) => Number(stanza.attribute('id')))
  assert.deepEqual(
    returned,
    Array.from({ length: 11 }, (_, index) => index + 1),
  )
  const again = await authenticatedPeer(local, 'juliet')
  assert.match(await again.exchange(`<resume ${ns} previd='${deaf.id}' h='0'/>`), /<item-not-found /)
})

test('a session that sleeps keeps a bounded number of stanzas', async () => {
  await using local = await start({ maxUnacknowledged: 10 })
  const sleeping = await managed(local, 'juliet')
  sleeping.transport.destroy()
  await sleeping.settled()
  const romeo = await local.connect('romeo@localhost/orchard')
  for (let index = 1; index <= 11; index++)
    await romeo.send(message('juliet@localhost/balcony', String(index)))
  await sleeping.settled()
  assert.equal(romeo.takeAll().length, 11)
})

test('a session that sleeps keeps a bounded number of bytes, and what is too much goes back in order', async () => {
  await using local = await start({ maxUnacknowledgedBytes: 1_048_576 })
  const sleeping = await managed(local, 'juliet')
  sleeping.transport.destroy()
  await sleeping.settled()
  const romeo = await local.connect('romeo@localhost/orchard')
  const long = (id: number) =>
    `<message to='juliet@localhost/balcony' id='${id}'><body>${'x'.repeat(200_000)}</body></message>`
  for (let id = 1; id <= 5; id++) await romeo.send(long(id))
  await sleeping.settled()
  assert.deepEqual(romeo.takeAll(), [])
  await romeo.send(long(6))
  await sleeping.settled()
  assert.deepEqual(
    romeo.takeAll().map((stanza) => stanza.attribute('id')),
    ['1', '2', '3', '4', '5', '6'],
  )
})
