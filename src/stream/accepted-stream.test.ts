import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { bindRequest, header, plain, type TestPeer, TestServer } from '../../test/stream-peer.ts'
import { StanzaError } from '../stanza/stanza-error.ts'
import { type Element, element } from '../xml/element.ts'
import { boundSweepMs, sweepMs } from './open-streams.ts'
import { StreamError } from './stream-error.ts'

const message = '<message><body>hello</body></message>'
const noKeepAlive = { keepAliveMs: 0 }

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

/** Lets time pass in steps, as a clock does. */
async function pass(server: TestServer, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += sweepMs) {
    server.clock.advance(Math.min(sweepMs, ms - passed))
    for (let turn = 0; turn < 2; turn++) await setImmediate()
  }
}

const stages: readonly [name: string, reach: (peer: TestPeer) => Promise<unknown>][] = [
  ['nothing has been sent', () => Promise.resolve()],
  ['half a header', async (peer) => peer.send("<stream:stream to='localh")],
  ['the header', (peer) => peer.exchange(header())],
  [
    'half a SCRAM exchange',
    async (peer) => {
      await peer.exchange(header())
      await peer.exchange(
        `<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-1'>${btoa('n,,n=juliet,r=a')}</auth>`,
      )
    },
  ],
  [
    'login',
    async (peer) => {
      await peer.exchange(header())
      await peer.exchange(plain('juliet', 'secret'))
    },
  ],
  [
    'the second header',
    async (peer) => {
      await peer.exchange(header())
      await peer.exchange(plain('juliet', 'secret'))
      await peer.exchange(header())
    },
  ],
]
for (const [stage, reach] of stages) {
  test(`RFC 6120 §4.9.3.4: a client that falls silent after ${stage} is ended with connection-timeout`, async () => {
    const server = await TestServer.make({ limits: { negotiationSilenceMs: 20_000 } })
    const peer = server.connect()
    await reach(peer)
    await peer.settled()
    await pass(server, 19_000)
    assert.equal(await peer.settled(), '')
    await pass(server, 1_000)
    assert.match(await peer.read(), endsWith('connection-timeout'))
    assert.equal(server.streams.size, 0)
  })

  test(`a client that dawdles after ${stage} with one byte a second is ended too (slow loris)`, async () => {
    const server = await TestServer.make({ limits: { negotiationMs: 30_000, negotiationSilenceMs: 20_000 } })
    const peer = server.connect()
    await reach(peer)
    for (let second = 0; second < 29; second++) {
      peer.send(' ')
      await peer.settled()
      await pass(server, 1_000)
    }
    assert.equal(peer.isClosed, false)
    peer.send(' ')
    await pass(server, 1_000)
    await peer.read()
    assert.ok(peer.isClosed)
  })
}

test('RFC 6120 §4.6.1: a quiet stream is kept alive with spaces, and spaces count as life', async () => {
  const server = await TestServer.make({ limits: { keepAliveMs: 60_000, silenceMs: 120_000 } })
  const peer = await server.login()
  await pass(server, 70_000)
  assert.equal(await peer.settled(), ' ')
  peer.send(' ')
  await peer.settled()
  await pass(server, 110_000)
  assert.equal(await peer.settled(), ' ')
  assert.equal(peer.isClosed, false)
  await pass(server, 20_000)
  assert.match(await peer.read(), endsWith('connection-timeout'))
  assert.equal(peer.user.endings, 1)
})

test('a stream that is used is not kept alive besides', async () => {
  const server = await TestServer.make({ limits: { keepAliveMs: 60_000, silenceMs: 0 } })
  const peer = await server.login()
  for (let time = 0; time < 20; time++) {
    peer.stream.send('<message/>')
    await pass(server, boundSweepMs)
    assert.equal(await peer.settled(), '<message/>')
  }
})

test('RFC 6120 §4.4: a peer that does not close its side is closed when its time is up', async () => {
  const server = await TestServer.make({ limits: { closingMs: 5_000 } })
  const peer = await server.login()
  peer.transport.pause()
  peer.stream.close()
  await pass(server, 4_000)
  assert.equal(server.streams.size, 1)
  await pass(server, 2_000)
  await peer.settled()
  assert.equal(server.streams.size, 0)
})

test('a peer that reads nothing for long is ended', async () => {
  const server = await TestServer.make({ limits: { ...noKeepAlive, stallMs: 60_000 } })
  const peer = await server.login()
  peer.transport.pause()
  peer.stream.send('<message/>')
  await peer.settled()
  await pass(server, 90_000)
  await peer.settled()
  assert.equal(server.streams.size, 0)
  assert.equal(peer.user.endings, 1)
})

test('a peer that reads nothing costs no more than the limit, then its stream ends with resource-constraint', async () => {
  const limits = { ...noKeepAlive, outputHighWaterBytes: 10_000, outputLimitBytes: 100_000, stallMs: 0 }
  const server = await TestServer.make({ limits })
  const peer = await server.login()
  peer.transport.pause()
  const rest = Buffer.from(`>${'x'.repeat(986)}</message>`)
  let sent = 0
  while (peer.stream.state === 'bound' && sent < 100_000) {
    peer.stream.send('<message', rest)
    sent += 1
    if (sent % 10 === 0) await peer.settled()
  }
  assert.ok(sent <= 200, `${sent} stanzas of 1000 bytes were taken`)
  assert.equal(peer.user.endings, 1)
  peer.transport.resume()
  assert.match(await peer.read(), endsWith('resource-constraint'))
})

test('who does not read is not read from, and goes on where it was', async () => {
  const limits = { ...noKeepAlive, outputHighWaterBytes: 10_000, outputLimitBytes: 1_000_000 }
  const server = await TestServer.make({ limits })
  const peer = await server.login()
  const rest = Buffer.from(`>${'x'.repeat(1000)}</message>`)
  peer.transport.pause()
  for (let index = 0; index < 20; index++) {
    peer.stream.send('<message', rest)
    await peer.settled()
  }
  assert.equal(peer.stream.isCongested, true)
  peer.send(message)
  await peer.settled()
  assert.equal(peer.user.received.length, 0)
  peer.transport.resume()
  const received = await peer.read()
  assert.equal(received.split('</message>').length, 21)
  assert.equal(peer.stream.isCongested, false)
  assert.equal(peer.user.received.length, 1)
})

test('what is sent in one turn is one write', async () => {
  const peer = await (await TestServer.make()).login()
  const chunks: number[] = []
  for (let index = 0; index < 100; index++) peer.stream.send('<message', Buffer.from('/>'))
  peer.transport.receive({ onBytes: (bytes) => chunks.push(bytes.length), onDrain() {}, onClose() {} })
  await peer.settled()
  assert.deepEqual(chunks, [1000])
})

test('what is larger than the buffer arrives whole and in order', async () => {
  const server = await TestServer.make()
  const peer = await server.login()
  let expected = ''
  for (let index = 0; index < 40; index++) {
    const text = `<message id='${index}'>`
    const rest = `${String.fromCharCode(97 + (index % 26)).repeat(index * 997)}é€𝄞</message>`
    peer.stream.send(text, Buffer.from(rest))
    peer.stream.send(text + rest)
    expected += (text + rest).repeat(2)
  }
  assert.equal(await peer.read(), expected)
})

test('what has gone out no longer counts as waiting, also within a large part', async () => {
  const limits = { ...noKeepAlive, outputHighWaterBytes: 256 * 1024 }
  const peer = await (await TestServer.make({ limits })).login()
  peer.transport.pause()
  peer.stream.send(`<message>${'x'.repeat(300 * 1024)}</message>`)
  assert.equal(peer.stream.isCongested, false)
  peer.stream.send(`<message>${'x'.repeat(100 * 1024)}</message>`)
  assert.equal(peer.stream.isCongested, true)
  peer.transport.resume()
  await peer.settled()
  assert.equal(peer.stream.isCongested, false)
})

test('bytes faster than the limit are read more slowly, and none is lost', async () => {
  const server = await TestServer.make({
    limits: { ...noKeepAlive, bytes: { perSecond: 1000, burst: 2000 } },
  })
  const peer = await server.login()
  await pass(server, 5_000)
  const count = 100
  for (let index = 0; index < count; index++) peer.send(message)
  await peer.settled()
  const atOnce = peer.user.received.length
  assert.ok(
    atOnce >= Math.floor(2000 / message.length) && atOnce <= 2100 / message.length + 1,
    `${atOnce} at once`,
  )
  await pass(server, 1_000)
  await peer.settled()
  const after = peer.user.received.length - atOnce
  assert.ok(after > 0 && after <= 1100 / message.length + 1, `${after} in a second`)
  for (let second = 0; second < 10; second++) {
    await pass(server, 1_000)
    await peer.settled()
  }
  assert.equal(peer.user.received.length, count)
})

test('stanzas faster than the limit are read more slowly, and none is lost', async () => {
  const server = await TestServer.make({ limits: { ...noKeepAlive, stanzas: { perSecond: 10, burst: 20 } } })
  const peer = await server.login()
  await pass(server, 10_000)
  peer.send(message.repeat(100))
  await peer.settled()
  assert.equal(peer.user.received.length, 21)
  await pass(server, 1_000)
  await peer.settled()
  assert.ok(Math.abs(peer.user.received.length - 31) <= 1, `${peer.user.received.length}`)
  for (let second = 0; second < 10; second++) {
    await pass(server, 1_000)
    await peer.settled()
  }
  assert.equal(peer.user.received.length, 100)
})

test('limits on speed can be switched off', async () => {
  const off = { perSecond: 0, burst: 0 }
  const peer = await (await TestServer.make({ limits: { bytes: off, stanzas: off } })).login()
  peer.send(message.repeat(20_000))
  await peer.settled()
  assert.equal(peer.user.received.length, 20_000)
})

test('a stream that closes while it is slowed down leaves no timer', async () => {
  const server = await TestServer.make({ limits: { stanzas: { perSecond: 1, burst: 5 } } })
  const peer = await server.login()
  peer.send(message.repeat(50))
  await peer.settled()
  peer.transport.destroy()
  await peer.settled()
  const taken = peer.user.received.length
  await pass(server, 100_000)
  await peer.settled()
  assert.equal(peer.user.received.length, taken)
})
