// Time-outs, output that nobody reads, input that comes too fast.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { header, plain, type TestPeer, TestServer } from '../../test/stream-peer.ts'
import { boundSweepMs, sweepMs } from './open-streams.ts'

const message = '<message><body>hello</body></message>'
const noKeepAlive = { keepAliveMs: 0 }

/** A stream error as the last thing on a stream. */
function endsWith(condition: string): RegExp {
  return new RegExp(`<stream:error><${condition} [^>]*/>.*</stream:error></stream:stream>$`)
}

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
