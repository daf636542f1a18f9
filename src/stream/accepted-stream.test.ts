import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bindRequest, header, plain, TestServer } from '../../test/stream-peer.ts'
import { StanzaError } from '../stanza/stanza-error.ts'
import { type Element, element } from '../xml/element.ts'
import { StreamError } from './stream-error.ts'

const message = '<message><body>hello</body></message>'

/** A stream error as the last thing on a stream. */
function endsWith(condition: string): RegExp {
  return new RegExp(`<stream:error><${condition} [^>]*/>.*</stream:error></stream:stream>$`)
}

test('RFC 6120 §4.4: the peer’s closing tag is answered with ours, and the connection closes', async () => {
  const server = await TestServer.make()
  const peer = await server.login()
  assert.equal(await peer.exchange('</stream:stream>'), '</stream:stream>')
  assert.ok(peer.isClosed)
  assert.equal(peer.user.endings, 1)
  assert.equal(server.streams.size, 0)
})

test('RFC 6120 §4.4: our closing tag ends the stream; what comes after it is not read', async () => {
  const server = await TestServer.make()
  const peer = await server.login()
  peer.stream.close()
  peer.send(message)
  assert.equal(await peer.read(), '</stream:stream>')
  assert.equal(peer.user.received.length, 0)
  assert.equal(peer.user.endings, 1)
})

test('a connection that is lost ends the stream, once', async () => {
  const server = await TestServer.make()
  const peer = await server.login()
  peer.transport.destroy()
  await peer.settled()
  peer.stream.close(new StreamError('conflict'))
  peer.stream.send('<message/>')
  await peer.settled()
  assert.equal(peer.user.endings, 1)
  assert.equal(peer.stream.state, 'closed')
  assert.equal(server.streams.size, 0)
})

test('RFC 6120 §4.9: an error has condition, text and the application’s condition, and nothing comes after it', async () => {
  const peer = await (await TestServer.make()).login()
  peer.stream.close(
    new StreamError('conflict', "who's <there>", { application: element('escalated', 'urn:test') }),
  )
  peer.stream.send('<message/>')
  assert.equal(
    await peer.read(),
    "<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>" +
      "<text xmlns='urn:ietf:params:xml:ns:xmpp-streams' xml:lang='en'>who's &lt;there&gt;</text>" +
      "<escalated xmlns='urn:test'/></stream:error></stream:stream>",
  )
})

test('RFC 6120 §4.9.3.19: see-other-host says where', async () => {
  const peer = await (await TestServer.make()).login()
  peer.stream.close(new StreamError('see-other-host', '', { address: '[2001:db8::1]:9222' }))
  assert.match(await peer.read(), />\[2001:db8::1\]:9222<\/see-other-host>/)
})

test('RFC 6120 §4.9.1.2: an error of ours before the peer’s header has a header before it', async () => {
  const peer = (await TestServer.make()).connect()
  peer.stream.close(new StreamError('system-shutdown'))
  assert.match(
    await peer.read(),
    /^<\?xml version='1\.0'\?><stream:stream [^>]*><stream:error><system-shutdown /,
  )
})

test('stanzas come to the user in order, however the bytes are cut', async () => {
  const peer = await (await TestServer.make()).login()
  for (const byte of Buffer.from(`${message}<presence/> <iq type='get' id='1'><q xmlns='urn:q'/></iq>`)) {
    peer.send(Uint8Array.of(byte))
  }
  await peer.settled()
  assert.deepEqual(
    peer.user.received.map(({ name }) => name),
    ['message', 'presence', 'iq'],
  )
})

test('while the user is busy with a stanza, nothing more is read', async () => {
  const peer = await (await TestServer.make()).login()
  const { promise, resolve } = Promise.withResolvers<void>()
  peer.user.onReceive = () => promise
  peer.send(message.repeat(3))
  peer.send(message.repeat(1000))
  await peer.settled()
  assert.equal(peer.user.received.length, 1)
  assert.equal(peer.transport.bufferedBytes, message.length * 1000)
  peer.user.onReceive = () => {}
  resolve()
  await peer.settled()
  assert.equal(peer.user.received.length, 1003)
})

test('RFC 6120 §4.9.3.24: elements that are no stanzas and belong to no feature', async () => {
  const peer = await (await TestServer.make()).login()
  assert.match(await peer.exchange("<r xmlns='urn:xmpp:sm:3'/>"), endsWith('unsupported-stanza-type'))
})

test('RFC 6120 §4.9.3.1: text between stanzas', async () => {
  const peer = await (await TestServer.make()).login()
  assert.match(await peer.exchange('hello'), /<stream:error><(bad-format|not-well-formed) /)
})

test('a StreamError of the user ends the stream, thrown or rejected', async () => {
  const server = await TestServer.make()
  for (const refuse of [
    () => {
      throw new StreamError('invalid-from', 'that is not your address')
    },
    () => Promise.reject(new StreamError('invalid-from')),
  ]) {
    const peer = await server.login()
    peer.user.onReceive = refuse
    assert.match(await peer.exchange(message), /<invalid-from /)
  }
})

test('a bug behind a stanza is logged, and stream and process go on', async () => {
  const server = await TestServer.make()
  const peer = await server.login()
  const bugs = [
    () => {
      throw new TypeError('a bug')
    },
    () => Promise.reject(new TypeError('a bug')),
  ]
  for (const bug of bugs) {
    peer.user.onReceive = bug
    peer.send(message)
    await peer.settled()
  }
  peer.user.onReceive = () => peer.stream.send('<message/>')
  assert.equal(await peer.exchange(message), '<message/>')
  const logged = server.log.entries.filter(({ event }) => event === 'stream-failed')
  assert.equal(logged.length, 2)
  assert.match(String(logged[0]?.data?.error), /a bug/)
})

test('a bug in what a feature offers, or in what a user does at its end, is logged and ends that stream only', async () => {
  const server = await TestServer.make()
  const peer = await server.login()
  peer.user.ended = () => {
    throw new TypeError('a bug')
  }
  assert.equal(await peer.exchange('</stream:stream>'), '</stream:stream>')
  server.domain.streamFeatures = [
    {
      name: 'faulty',
      advertise: () => {
        throw new TypeError('a bug')
      },
      accepts: () => false,
      receive: () => {},
    },
  ]
  assert.match(await server.connect().exchange(header()), endsWith('internal-server-error'))
  assert.equal(server.log.entries.filter(({ event }) => event === 'stream-failed').length, 2)
  assert.equal(server.streams.size, 0)
})

test('features of extensions come after the core’s, only where they may, and take their elements', async () => {
  const server = await TestServer.make()
  const taken: string[] = []
  const feature = (name: string, more: object) => ({
    name,
    advertise: () => element(name, 'urn:test'),
    accepts: (received: Element) => received.is(name, 'urn:test'),
    receive: () => {
      taken.push(name)
    },
    ...more,
  })
  server.domain.streamFeatures = [
    feature('register', { forbids: ['authenticated'] }),
    feature('resume', { needs: ['authenticated'] }),
    feature('ask', { needs: ['bound'] }),
  ]
  const peer = server.connect()
  assert.match(
    await peer.exchange(header()),
    /<\/mechanisms><register xmlns='urn:test'\/><\/stream:features>$/,
  )
  peer.send("<register xmlns='urn:test'/>")
  await peer.exchange(plain('juliet', 'secret'))
  assert.match(await peer.exchange(header()), /<\/session><resume xmlns='urn:test'\/><\/stream:features>$/)
  await peer.exchange(bindRequest())
  peer.send("<ask xmlns='urn:test'/>")
  await peer.settled()
  assert.deepEqual(taken, ['register', 'ask'])
  assert.match(await peer.exchange("<register xmlns='urn:test'/>"), endsWith('unsupported-stanza-type'))
})

test('a StanzaError of a feature is the answer to the iq', async () => {
  const server = await TestServer.make()
  server.domain.streamFeatures = [
    {
      name: 'register',
      forbids: ['authenticated'],
      advertise: () => undefined,
      accepts: (received) => received.name === 'iq',
      receive: () => Promise.reject(new StanzaError('conflict')),
    },
  ]
  const peer = server.connect()
  await peer.exchange(header())
  assert.match(
    await peer.exchange("<iq type='set' id='r'/>"),
    /^<iq type='error' id='r'><error type='cancel'><conflict /,
  )
  // RFC 6120 §8.2.3: results are not answered, whatever is wrong with them.
  peer.send("<iq type='result' id='r'/>")
  assert.equal(await peer.settled(), '')
  assert.equal(peer.stream.state, 'negotiating')
})

test('larger stanzas are taken after login than before (RFC 6120 §13.12)', async () => {
  const server = await TestServer.make()
  const large = `<message><body>${'x'.repeat(20_000)}</body></message>`
  const stranger = server.connect()
  await stranger.exchange(header())
  assert.match(await stranger.exchange(large), endsWith('policy-violation'))
  const peer = await server.login()
  peer.send(large)
  await peer.settled()
  assert.equal(peer.user.received.length, 1)
})
