import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { bindRequest, header, KeptLog, plain, TestDomain } from '../../test/stream-peer.ts'
import { ManualClock } from '../base/clock.ts'
import { ConnectionCaps } from '../stream/caps.ts'
import { Certificates } from '../stream/certificates.ts'
import type { StreamLimits, StreamPolicy } from '../stream/limits.ts'
import { streamSettings } from '../stream/settings.ts'
import { type Listener, listen, type StreamListenerKind } from './listeners.ts'

const fixture = (name: string) => readFileSync(new URL(`../../test/fixtures/tls/${name}`, import.meta.url))
const certificateOf = (domain: string) => ({ key: fixture(`${domain}.key`), cert: fixture(`${domain}.crt`) })
const ca = [fixture('localhost.crt'), fixture('example.org.crt')]

interface Setting {
  kind?: StreamListenerKind
  limits?: Partial<StreamLimits>
  policy?: Partial<StreamPolicy>
  hasCertificate?: boolean
}

/** A listener on a free port with the domains `localhost` and `example.org`, closed with the test. */
async function setUp(
  t: TestContext,
  { kind = 'starttls', limits, policy, hasCertificate = true }: Setting = {},
) {
  const domain = new TestDomain()
  const other = new TestDomain('example.org')
  await domain.add('juliet', 'secret')
  const log = new KeptLog()
  const clock = new ManualClock()
  const settings = streamSettings({
    domainOf: (to) => [domain, other].find((one) => one.domain.domain === to),
    log,
    clock,
    limits: limits ?? {},
    policy: policy ?? {},
  })
  const contexts = new Certificates()
  if (hasCertificate) {
    contexts.set('localhost', certificateOf('localhost'))
    contexts.set('example.org', certificateOf('example.org'))
  }
  const caps = new ConnectionCaps(settings.limits)
  const listener = await listen({ kind, host: '127.0.0.1', port: 0 }, { settings, contexts, caps })
  t.after(() => {
    const closing = listener.close()
    clock.advance(settings.limits.closingMs)
    return closing
  })
  return { listener, domain, log, contexts, clock, settings }
}

/** A client's socket whose text can be awaited. */
class Client {
  readonly socket: Socket
  isClosed = false
  #text = ''
  #wake = () => {}

  constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', (bytes: Buffer) => {
      this.#text += bytes.toString()
      this.#wake()
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      this.isClosed = true
      this.#wake()
    })
  }

  /** Waits until something that fits has come, and answers all up to now; what came counts once. */
  async until(pattern: RegExp | 'closed'): Promise<string> {
    while (pattern === 'closed' ? !this.isClosed : !pattern.test(this.#text)) {
      if (this.isClosed) throw new Error(`closed after: ${this.#text}`)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    const text = this.#text
    this.#text = ''
    return text
  }
}

function connectTo(t: TestContext, { port }: Listener): Client {
  const socket = connect({ host: '127.0.0.1', port })
  t.after(() => socket.destroy())
  return new Client(socket)
}

function secure(t: TestContext, client: Client, servername = 'localhost'): Promise<TLSSocket> {
  client.socket.removeAllListeners('data')
  return new Promise((resolve, reject) => {
    const socket = connectTls({ socket: client.socket, servername, ca }, () => resolve(socket))
    socket.on('error', reject)
    t.after(() => socket.destroy())
  })
}

function connectDirect(t: TestContext, { port }: Listener, options: object): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({ host: '127.0.0.1', port, servername: 'localhost', ca, ...options }, () =>
      resolve(socket),
    )
    socket.on('error', reject)
    t.after(() => socket.destroy())
  })
}

async function beginTls(t: TestContext, listener: Listener): Promise<Client> {
  const client = connectTo(t, listener)
  client.socket.write(header())
  await client.until(/<\/stream:features>/)
  client.socket.write("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
  await client.until(/<proceed /)
  return new Client(await secure(t, client))
}

test('RFC 6120 §5: a client goes to TLS, logs in, binds and is heard', async (t) => {
  const { listener, domain } = await setUp(t)
  const client = await beginTls(t, listener)
  client.socket.write(header())
  assert.match(await client.until(/<\/stream:features>/), /<mechanism>PLAIN</)
  client.socket.write(plain('juliet', 'secret'))
  await client.until(/<success /)
  client.socket.write(header() + bindRequest('balcony'))
  await client.until(/juliet@localhost\/balcony/)
  const user = domain.users[0]
  const heard = new Promise((resolve) => {
    if (user) user.onReceive = (element) => resolve(element.name)
  })
  client.socket.write('<message/>')
  assert.equal(await heard, 'message')
  client.socket.write('</stream:stream>')
  assert.match(await client.until('closed'), /^<\/stream:stream>$/)
  assert.equal(user?.endings, 1)
})

test('RFC 6120 §5.3.1: where TLS is required only that is offered, and nothing else is taken', async (t) => {
  const { listener } = await setUp(t)
  const client = connectTo(t, listener)
  client.socket.write(header())
  const features = await client.until(/<\/stream:features>/)
  assert.match(
    features,
    /<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required\/><\/starttls><\/stream:features>$/,
  )
  client.socket.write(plain('juliet', 'secret'))
  assert.match(await client.until('closed'), /<stream:error><policy-violation .*begin TLS first/)
})

test('RFC 6120 §5.4.3.3: what is sent in clear behind <starttls/> is thrown away', async (t) => {
  const { listener, domain } = await setUp(t)
  const client = connectTo(t, listener)
  client.socket.write(header())
  await client.until(/<\/stream:features>/)
  const injected = header() + plain('juliet', 'secret') + header() + bindRequest('injected')
  client.socket.write(`<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>${injected}`)
  await client.until(/<proceed [^>]*>$/)
  const secured = new Client(await secure(t, client))
  secured.socket.write(header())
  assert.match(await secured.until(/<\/stream:features>/), /<mechanisms/)
  assert.equal(domain.users.length, 0)
})

test('RFC 6120 §5.4.2.2: <starttls/> without a certificate fails and ends the stream', async (t) => {
  const { listener } = await setUp(t, { hasCertificate: false, policy: { requiresTls: false } })
  const client = connectTo(t, listener)
  client.socket.write(header())
  assert.doesNotMatch(await client.until(/<\/stream:features>/), /starttls/)
  client.socket.write("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
  assert.match(
    await client.until('closed'),
    /^<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'\/><\/stream:stream>$/,
  )
})

test('RFC 6120 §6.3.4: there is no TLS after login', async (t) => {
  const { listener } = await setUp(t, { policy: { requiresTls: false, allowsPlainWithoutTls: true } })
  const client = connectTo(t, listener)
  client.socket.write(header() + plain('juliet', 'secret'))
  await client.until(/<success /)
  client.socket.write(header())
  assert.doesNotMatch(await client.until(/<\/stream:features>/), /starttls/)
  client.socket.write("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
  assert.match(await client.until('closed'), /<unsupported-stanza-type /)
})

test('what is no TLS handshake ends the connection and nothing else', async (t) => {
  const { listener } = await setUp(t)
  const client = connectTo(t, listener)
  client.socket.write(header())
  await client.until(/<\/stream:features>/)
  client.socket.write("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
  await client.until(/<proceed /)
  client.socket.write(header() + header())
  await client.until('closed')
  await beginTls(t, listener)
})

test('XEP-0368 §5: direct TLS with the protocol xmpp-client, or with none named', async (t) => {
  const { listener } = await setUp(t, { kind: 'direct-tls' })
  for (const options of [{ ALPNProtocols: ['xmpp-client'] }, { ALPNProtocols: ['h2', 'xmpp-client'] }, {}]) {
    const socket = await connectDirect(t, listener, options)
    if ('ALPNProtocols' in options) assert.equal(socket.alpnProtocol, 'xmpp-client')
    const client = new Client(socket)
    client.socket.write(header())
    assert.match(await client.until(/<\/stream:features>/), /<mechanism>SCRAM-SHA-256</)
  }
})

test('XEP-0368 §5: a client that names only other protocols is refused', async (t) => {
  const { listener } = await setUp(t, { kind: 'direct-tls' })
  await assert.rejects(
    connectDirect(t, listener, { ALPNProtocols: ['h2'] }),
    /alert no application protocol/i,
  )
})

test('each domain has its certificate (SNI), and a stream to another domain than that of SNI is refused', async (t) => {
  const { listener } = await setUp(t, { kind: 'direct-tls' })
  const socket = await connectDirect(t, listener, { servername: 'example.org' })
  assert.equal(socket.getPeerCertificate().subject.CN, 'example.org')
  const client = new Client(socket)
  client.socket.write(header({ to: 'localhost' }))
  assert.match(await client.until('closed'), /<policy-violation /)
})

test('a server name that is no domain here gets the first certificate and may open any stream', async (t) => {
  const { listener } = await setUp(t, { kind: 'direct-tls' })
  const socket = await connectDirect(t, listener, { servername: 'machine.test', rejectUnauthorized: false })
  assert.equal(socket.getPeerCertificate().subject.CN, 'localhost')
  const client = new Client(socket)
  client.socket.write(header())
  await client.until(/<\/stream:features>/)
})

test('a certificate can be replaced while the server runs', async (t) => {
  const { listener, contexts } = await setUp(t, { kind: 'direct-tls' })
  contexts.set('localhost', certificateOf('example.org'))
  const socket = await connectDirect(t, listener, { rejectUnauthorized: false })
  assert.equal(socket.getPeerCertificate().subject.CN, 'example.org')
})

test('RFC 7590 §3: nothing below TLS 1.2', async (t) => {
  const { listener } = await setUp(t, { kind: 'direct-tls' })
  await assert.rejects(connectDirect(t, listener, { minVersion: 'TLSv1', maxVersion: 'TLSv1.1' }))
})

test('RFC 6120 §4.9.3.20: closing a listener ends all streams with system-shutdown', async (t) => {
  const { listener, domain } = await setUp(t)
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
  const { listener, clock, settings } = await setUp(t)
  const socket = connect({ host: '127.0.0.1', port: listener.port, allowHalfOpen: true })
  t.after(() => socket.destroy())
  const client = new Client(socket)
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
    const { listener, log } = await setUp(t, { limits })
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
  await assert.rejects(setUp(t, { kind: 'direct-tls', hasCertificate: false }), /certificate/)
})

test('a port that is taken is an error', async (t) => {
  const { listener } = await setUp(t)
  const parts = { settings: streamSettings({ domainOf: () => undefined }), contexts: new Certificates() }
  const caps = new ConnectionCaps(parts.settings.limits)
  await assert.rejects(
    listen({ kind: 'starttls', host: '127.0.0.1', port: listener.port }, { ...parts, caps }),
    /EADDRINUSE/,
  )
})

test('RFC 6120 §4.9.3.4: a TLS handshake that does not come to an end is ended', async (t) => {
  const { listener, clock, settings } = await setUp(t, { kind: 'direct-tls' })
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
  const { listener, domain } = await setUp(t, {
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
  const { listener, domain } = await setUp(t, { policy: { requiresTls: false, allowsPlainWithoutTls: true } })
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
  const { listener, clock } = await setUp(t)
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
