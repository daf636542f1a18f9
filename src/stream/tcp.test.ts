import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { connect as connectTls } from 'node:tls'
import { Certificates } from './certificates.ts'
import { TcpTransport } from './tcp.ts'
import { testTransport } from './transport-contract.ts'

const fixture = (name: string) => readFileSync(new URL(`../../test/fixtures/tls/${name}`, import.meta.url))
const contexts = new Certificates()
contexts.set('localhost', { key: fixture('localhost.key'), cert: fixture('localhost.crt') })
const options = { contexts, keepAliveMs: 60_000 }

/** Two sockets that are connected. */
async function socketPair() {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0
  const near = connect({ port, host: '127.0.0.1' })
  const [[far]] = (await Promise.all([once(server, 'connection'), once(near, 'connect')])) as [
    [Socket],
    unknown,
  ]
  return { near, far, close: () => void server.close() }
}

testTransport('over TCP', async () => {
  const { near, far, close } = await socketPair()
  return { near: new TcpTransport(near, options), far: new TcpTransport(far, options), close }
})

testTransport('over TLS', async () => {
  const { near, far, close } = await socketPair()
  const accepted = new TcpTransport(far, { ...options, isDirectTls: true })
  const secured = connectTls({ socket: near, servername: 'localhost', ca: fixture('localhost.crt') })
  await once(secured, 'secureConnect')
  return { near: accepted, far: new TcpTransport(secured, options), close }
})

/** Keeps what becomes of a transport. */
function kept(transport: TcpTransport) {
  const { promise: closed, resolve } = Promise.withResolvers<void>()
  const chunks: string[] = []
  transport.receive({
    onBytes: (bytes) => void chunks.push(Buffer.from(bytes).toString()),
    onDrain() {},
    onClose: () => resolve(),
  })
  return { closed, chunks }
}

test('RFC 6120 §5.4.3.3: what is written before TLS has begun goes nowhere, least of all in clear', async () => {
  for (const isDirectTls of [true, false]) {
    const { near, far, close } = await socketPair()
    const accepted = new TcpTransport(far, { ...options, isDirectTls })
    const { closed } = kept(accepted)
    if (!isDirectTls) void accepted.startTls('localhost')
    assert.equal(accepted.canStartTls, false)
    assert.equal(accepted.write('<stream:error/>'), true)
    accepted.end()
    let seen = ''
    near.on('data', (bytes) => {
      seen += bytes
    })
    await Promise.all([once(near, 'close'), closed])
    assert.equal(seen, '')
    close()
  }
})

test('XEP-0368: who connects for TLS and goes without a word is let go', async () => {
  const { near, far, close } = await socketPair()
  const { closed } = kept(new TcpTransport(far, { ...options, isDirectTls: true }))
  near.end()
  await Promise.all([once(near, 'close'), closed])
  close()
})

test('what goes out over TLS in two pieces never fills the buffer below it; what is larger goes whole', async () => {
  for (const isDirectTls of [true, false]) {
    const { near, far, close } = await socketPair()
    const accepted = new TcpTransport(far, { ...options, isDirectTls })
    const { closed } = kept(accepted)
    if (!isDirectTls) void accepted.startTls('localhost')
    const secured = connectTls({ socket: near, servername: 'localhost', ca: fixture('localhost.crt') })
    await once(secured, 'secureConnect')
    // A record for each.
    const lengths: number[] = []
    secured.on('data', (bytes) => void lengths.push(bytes.length))
    for (const length of [900, 901, 1800, 1801]) {
      assert.equal(accepted.write(Buffer.alloc(length)), false)
      while (accepted.bufferedBytes > 0) await setImmediate()
    }
    while (lengths.reduce((sum, length) => sum + length, 0) < 5402) await setImmediate()
    secured.destroy()
    await closed
    close()
    assert.deepEqual(lengths, [900, 900, 1, 900, 900, 1801])
  }
})

test('RFC 8446 §5.1: a ClientHello may come cut in any way, and what is behind it with it', async () => {
  for (const pieceBytes of [1, 999, 1000, 1001, 5000]) {
    const { near, far, close } = await socketPair()
    const { closed, chunks } = kept(new TcpTransport(far, { ...options, isDirectTls: true }))
    const cutting = new Duplex({
      read() {},
      async write(bytes: Buffer, _encoding, done) {
        for (let at = 0; at < bytes.length; at += pieceBytes) {
          near.write(bytes.subarray(at, at + pieceBytes))
          if (pieceBytes > 1) await setImmediate()
        }
        done()
      },
    })
    near.on('data', (bytes) => void cutting.push(bytes))
    const ca = fixture('localhost.crt')
    const secured = connectTls({
      socket: cutting,
      servername: 'localhost',
      ca,
      ALPNProtocols: ['xmpp-client'],
    })
    secured.write('x'.repeat(5000))
    await once(secured, 'secureConnect')
    while (chunks.join('').length < 5000) await setImmediate()
    secured.destroy()
    near.destroy()
    await closed
    close()
  }
})
