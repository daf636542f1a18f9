// RFC 6120 §5, XEP-0368: TLS on the ports for clients.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  beginTls,
  certificateOf,
  connectDirect,
  connectTo,
  SocketClient,
  secure,
  setUpListener,
} from '../../test/listener.ts'
import { bindRequest, header, plain } from '../../test/stream-peer.ts'

test('RFC 6120 §5: a client goes to TLS, logs in, binds and is heard', async (t) => {
  const { listener, domain } = await setUpListener(t)
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
  const { listener } = await setUpListener(t)
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
  const { listener, domain } = await setUpListener(t)
  const client = connectTo(t, listener)
  client.socket.write(header())
  await client.until(/<\/stream:features>/)
  const injected = header() + plain('juliet', 'secret') + header() + bindRequest('injected')
  client.socket.write(`<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>${injected}`)
  await client.until(/<proceed [^>]*>$/)
  const secured = new SocketClient(await secure(t, client))
  secured.socket.write(header())
  assert.match(await secured.until(/<\/stream:features>/), /<mechanisms/)
  assert.equal(domain.users.length, 0)
})

test('RFC 6120 §5.4.2.2: <starttls/> without a certificate fails and ends the stream', async (t) => {
  const { listener } = await setUpListener(t, { hasCertificate: false, policy: { requiresTls: false } })
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
  const { listener } = await setUpListener(t, { policy: { requiresTls: false, allowsPlainWithoutTls: true } })
  const client = connectTo(t, listener)
  client.socket.write(header() + plain('juliet', 'secret'))
  await client.until(/<success /)
  client.socket.write(header())
  assert.doesNotMatch(await client.until(/<\/stream:features>/), /starttls/)
  client.socket.write("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
  assert.match(await client.until('closed'), /<unsupported-stanza-type /)
})

test('what is no TLS handshake ends the connection and nothing else', async (t) => {
  const { listener } = await setUpListener(t)
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
  const { listener } = await setUpListener(t, { kind: 'direct-tls' })
  for (const options of [{ ALPNProtocols: ['xmpp-client'] }, { ALPNProtocols: ['h2', 'xmpp-client'] }, {}]) {
    const socket = await connectDirect(t, listener, options)
    if ('ALPNProtocols' in options) assert.equal(socket.alpnProtocol, 'xmpp-client')
    const client = new SocketClient(socket)
    client.socket.write(header())
    assert.match(await client.until(/<\/stream:features>/), /<mechanism>SCRAM-SHA-256</)
  }
})

test('XEP-0368 §5: a client that names only other protocols is refused', async (t) => {
  const { listener } = await setUpListener(t, { kind: 'direct-tls' })
  await assert.rejects(
    connectDirect(t, listener, { ALPNProtocols: ['h2'] }),
    /alert no application protocol/i,
  )
})

test('each domain has its certificate (SNI), and a stream to another domain than that of SNI is refused', async (t) => {
  const { listener } = await setUpListener(t, { kind: 'direct-tls' })
  const socket = await connectDirect(t, listener, { servername: 'example.org' })
  assert.equal(socket.getPeerCertificate().subject.CN, 'example.org')
  const client = new SocketClient(socket)
  client.socket.write(header({ to: 'localhost' }))
  assert.match(await client.until('closed'), /<policy-violation /)
})

test('a server name that is no domain here gets the first certificate and may open any stream', async (t) => {
  const { listener } = await setUpListener(t, { kind: 'direct-tls' })
  const socket = await connectDirect(t, listener, { servername: 'machine.test', rejectUnauthorized: false })
  assert.equal(socket.getPeerCertificate().subject.CN, 'localhost')
  const client = new SocketClient(socket)
  client.socket.write(header())
  await client.until(/<\/stream:features>/)
})

test('a certificate can be replaced while the server runs', async (t) => {
  const { listener, contexts } = await setUpListener(t, { kind: 'direct-tls' })
  contexts.set('localhost', certificateOf('example.org'))
  const socket = await connectDirect(t, listener, { rejectUnauthorized: false })
  assert.equal(socket.getPeerCertificate().subject.CN, 'example.org')
})

test('RFC 7590 §3: nothing below TLS 1.2', async (t) => {
  const { listener } = await setUpListener(t, { kind: 'direct-tls' })
  await assert.rejects(connectDirect(t, listener, { minVersion: 'TLSv1', maxVersion: 'TLSv1.1' }))
})
