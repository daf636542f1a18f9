import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { beginTls, connectTo, SocketClient, setUpListener } from '../../test/listener.ts'
import { bindRequest, header, plain } from '../../test/stream-peer.ts'
import { ConnectionCaps } from '../stream/caps.ts'
import { Certificates } from '../stream/certificates.ts'
import type { StreamLimits } from '../stream/limits.ts'
import { streamSettings } from '../stream/settings.ts'
import { listen } from './listeners.ts'

test('RFC 6120 §4.9.3.20: closing a listener ends all streams with system-shutdown', async (t) => {
  const { listener, domain } = await setUpListener(t)
  const client = await beginTls(t, listener)
  client.socket.write(header() + plain('juliet', 'secret'))
  await client.until(/<success /)
  client.socket.write(header() + bindRequest())
  await client.until(/<jid>/)
  const closing = listener.close()
  assert.match(await client.until('closed'), /<system-shutdown [^>]*\/><\/stream:error><\/stream:stream>$/)
  await closing
  assert.equal(listener.connections, 0)
  assert.equal(domain.users[0]?.endings, 1)
})

test('a client that does not close its side does not hold up the closing of a listener', async (t) => {
  const { listener, clock, settings } = await setUpListener(t)
  const socket = connect({ host: '127.0.0.1', port: listener.port, allowHalfOpen: true })
  t.after(() => socket.destroy())
  const client = new SocketClient(socket)
  client.socket.write(header())
  await client.until(/<\/stream:features>/)
  const closing = listener.close()
  clock.advance(settings.limits.closingMs)
  await closing
})

const caps: readonly [keyof StreamLimits, Partial<StreamLimits>][] = [
  ['connections', { connections: 2 }],
  ['connectionsPerAddress', { connectionsPerAddress: 2 }],
  ['connectionsBeforeLogin', { connectionsBeforeLogin: 2 }],
]
for (const [name, limits] of caps) {
  test(`RFC 6120 §4.9.3.17: past the limit ${name} connections are refused, and taken again once there is room`, async (t) => {
    const { listener, log } = await setUpListener(t, { limits })
    const [first, second] = [connectTo(t, listener), connectTo(t, listener)]
    for (const client of [first, second]) {
      client.socket.write(header())
      await client.until(/<\/stream:features>/)
    }
    const third = connectTo(t, listener)
    assert.match(await third.until('closed'), /<stream:error><resource-constraint /)
    assert.ok(log.entries.some(({ event, data }) => event === 'connection-refused' && data?.cap === name))
    first.socket.write('</stream:stream>')
    await first.until('closed')
    while (listener.connections > 1) await setImmediate()
    const fourth = connectTo(t, listener)
    fourth.socket.write(header())
    await fourth.until(/<\/stream:features>/)
    void second
  })
}

test('direct TLS without a certificate is refused at once', async (t) => {
  await assert.rejects(setUpListener(t, { kind: 'direct-tls', hasCertificate: false }), /certificate/)
})

test('a port that is taken is an error', async (t) => {
  const { listener } = await setUpListener(t)
  const parts = { settings: streamSettings({ domainOf: () => undefined }), contexts: new Certificates() }
  const caps = new ConnectionCaps(parts.settings.limits)
  await assert.rejects(
    listen({ kind: 'starttls', host: '127.0.0.1', port: listener.port }, { ...parts, caps }),
    /EADDRINUSE/,
  )
})

test('RFC 6120 §4.9.3.4: a TLS handshake that does not come to an end is ended', async (t) => {
  const { listener, clock, settings } = await setUpListener(t, { kind: 'direct-tls' })
  const direct = connectTo(t, listener)
  direct.socket.write(Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01]))
  while (listener.connections < 1) await setImmediate()
  clock.advance(settings.limits.negotiationSilenceMs)
  clock.advance(settings.limits.closingMs)
  await direct.until('closed')
  while (listener.connections > 0) await setImmediate()
})

test('a client that reads nothing costs bounded memory, then its stream ends', async (t) => {
  const limits = { outputHighWaterBytes: 64 * 1024, outputLimitBytes: 256 * 1024 }
  const { listener, domain } = await setUpListener(t, {
    limits,
    policy: { requiresTls: false, allowsPlainWithoutTls: true },
  })
  const client = connectTo(t, listener)
  client.socket.write(header() + plain('juliet', 'secret'))
  await client.until(/<success /)
  client.socket.write(header() + bindRequest())
  await client.until(/<jid>/)
  client.socket.pause()
  const user = domain.users[0]
  const kibibyte = Buffer.from(`>${'x'.repeat(1007)}</message>`)
  const before = process.memoryUsage().arrayBuffers
  let sent = 0
  while (user?.stream.state === 'bound' && sent < 200_000) {
    for (let index = 0; index < 10; index++) user.stream.send('<message', kibibyte)
    sent += 10
    if (sent % 100 === 0) await setImmediate()
  }
  assert.equal(user?.endings, 1)
  // What is more than the limit has gone to the buffers of the two sockets.
  assert.ok(sent < 50_000, `${sent} KiB were taken`)
  assert.ok(process.memoryUsage().arrayBuffers - before < 2 * 1024 * 1024)
})

test('what waits for one client is not touched by what is sent to others', async (t) => {
  const { listener, domain } = await setUpListener(t, {
    policy: { requiresTls: false, allowsPlainWithoutTls: true },
  })
  const clients = [connectTo(t, listener), connectTo(t, listener)] as const
  for (const client of clients) {
    client.socket.write(header() + plain('juliet', 'secret'))
    await client.until(/<success /)
    client.socket.write(header() + bindRequest())
    await client.until(/<jid>/)
  }
  const [slow, fast] = clients
  const [toSlow, toFast] = domain.users.map(({ stream }) => stream)
  slow.socket.pause()
  let expected = ''
  for (let index = 0; toSlow?.isCongested === false; index++) {
    const stanza = `<message id='${index}'>${'s'.repeat(1000)}</message>`
    toSlow.send(stanza)
    expected += stanza
    if (index % 20 === 0) await setImmediate()
  }
  for (let index = 0; index < 200; index++) {
    toFast?.send(`<message>${'f'.repeat(1000)}</message>`)
    if (index % 20 === 0) await setImmediate()
  }
  toFast?.send('<last/>')
  await fast.until(/<last\/>$/)
  toSlow?.send('<last/>')
  slow.socket.resume()
  assert.ok((await slow.until(/<last\/>$/)) === `${expected}<last/>`)
})

test('500 connections that come and go over TCP leave none behind', async (t) => {
  const { listener, clock } = await setUpListener(t)
  for (let round = 0; round < 20; round++) {
    const clients = Array.from({ length: 25 }, () => connectTo(t, listener))
    for (const [index, client] of clients.entries()) {
      if (index % 3 > 0) client.socket.write(header())
      if (index % 3 === 1) client.socket.write('</stream:stream>')
      else client.socket.end()
      if (index % 5 === 0) client.socket.destroy()
    }
    await Promise.all(clients.map((client) => client.until('closed')))
  }
  clock.advance(1)
  while (listener.connections > 0) await setImmediate()
})
