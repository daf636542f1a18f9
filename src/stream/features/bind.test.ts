import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bindRequest, header, plain, TestServer } from '../../../test/stream-peer.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'

const bind = "xmlns='urn:ietf:params:xml:ns:xmpp-bind'"
const session = "xmlns='urn:ietf:params:xml:ns:xmpp-session'"
const sessionRequest = `<iq type='set' id='s'><session ${session}/></iq>`
const bound = (jid: string) => `<iq type='result' id='bind'><bind ${bind}><jid>${jid}</jid></bind></iq>`

async function loggedIn() {
  const server = await TestServer.make()
  const peer = server.connect()
  await peer.exchange(header())
  await peer.exchange(plain('juliet', 'secret'))
  const features = await peer.exchange(header())
  return { server, peer, features }
}

test('RFC 6120 §7.2, XEP-0170: after login binding is offered, then the legacy session as optional', async () => {
  const { features } = await loggedIn()
  assert.match(
    features,
    new RegExp(
      `<stream:features><bind ${bind}/><session ${session}><optional/></session></stream:features>$`,
    ),
  )
})

test('RFC 6120 §7.6: the server makes a resource', async () => {
  const { peer } = await loggedIn()
  assert.equal(await peer.exchange(bindRequest()), bound('juliet@localhost/made'))
  assert.equal(peer.stream.state, 'bound')
})

test('RFC 6120 §7.7: the client wishes for a resource, which is prepared', async () => {
  const { peer } = await loggedIn()
  assert.equal(
    await peer.exchange(bindRequest('e\u0301 &amp; x\u00a0y')),
    bound('juliet@localhost/é &amp; x y'),
  )
})

test('RFC 6120 §7.7.2.1: a resource that can be none is a bad-request, and another one may be tried', async () => {
  const { peer } = await loggedIn()
  assert.match(
    await peer.exchange(bindRequest('a\u0378b')),
    /^<iq type='error' id='bind'><error type='modify'><bad-request /,
  )
  assert.equal(await peer.exchange(bindRequest('balcony')), bound('juliet@localhost/balcony'))
})

test('RFC 6120 §7.7.2.2: what the domain refuses is an error, and another one may be tried', async () => {
  const { peer, server } = await loggedIn()
  server.domain.onOpen = () => {
    throw new StanzaError('conflict', 'that resource is connected already')
  }
  assert.match(
    await peer.exchange(bindRequest('balcony')),
    /^<iq type='error' id='bind'><error type='cancel'><conflict /,
  )
  server.domain.onOpen = () => Promise.reject(new StanzaError('resource-constraint'))
  assert.match(await peer.exchange(bindRequest('balcony')), /<resource-constraint /)
  server.domain.onOpen = () => {}
  assert.equal(await peer.exchange(bindRequest('balcony')), bound('juliet@localhost/balcony'))
})

test('RFC 6120 §7.7.3: ten retries are granted, and then the stream ends', async () => {
  const { peer, server } = await loggedIn()
  server.domain.onOpen = () => Promise.reject(new StanzaError('conflict'))
  for (let tries = 0; tries < 10; tries++) {
    const resource = tries % 2 === 0 ? 'balcony' : 'a\u0378b'
    assert.match(await peer.exchange(bindRequest(resource)), /^<iq type='error' id='bind'>/)
  }
  assert.match(await peer.exchange(bindRequest('balcony')), /<stream:error><policy-violation /)
})

test('RFC 6120 §7.6.2: a stream has one resource', async () => {
  const { peer } = await loggedIn()
  await peer.exchange(bindRequest('balcony'))
  assert.match(
    await peer.exchange(bindRequest('orchard')),
    /^<iq type='error' id='bind'><error [^>]*><not-allowed /,
  )
})

test('RFC 6120 §7.1: stanzas before there is a resource are not-authorized, as a stream error', async () => {
  const { peer } = await loggedIn()
  assert.match(
    await peer.exchange("<iq type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>"),
    /<not-authorized /,
  )
})

test('stanzas sent behind the request arrive in order, though binding takes its time', async () => {
  const { peer, server } = await loggedIn()
  const { promise, resolve } = Promise.withResolvers<void>()
  server.domain.onOpen = () => promise
  peer.send(`${bindRequest('balcony')}<presence/><message/>`)
  await peer.settled()
  assert.equal(server.domain.users[0]?.received.length, 0)
  resolve()
  assert.equal(await peer.read(), bound('juliet@localhost/balcony'))
  assert.deepEqual(
    server.domain.users[0]?.received.map(({ name }) => name),
    ['presence', 'message'],
  )
})

test('a client that goes away while binding takes its time leaves nobody behind', async () => {
  const { peer, server } = await loggedIn()
  const { promise, resolve } = Promise.withResolvers<void>()
  server.domain.onOpen = () => promise
  peer.send(bindRequest('balcony'))
  await peer.settled()
  peer.transport.destroy()
  await peer.settled()
  resolve()
  await peer.settled()
  assert.equal(server.domain.users[0]?.endings, 1)
  assert.equal(server.streams.size, 0)
})

test('RFC 3921 §3: the legacy session is granted', async () => {
  const { peer } = await loggedIn()
  await peer.exchange(bindRequest('balcony'))
  assert.equal(await peer.exchange(sessionRequest), "<iq type='result' id='s'/>")
})

test('RFC 3921 §3: there is no session without a resource', async () => {
  const { peer } = await loggedIn()
  assert.match(await peer.exchange(sessionRequest), /^<iq type='error' id='s'><error [^>]*><not-allowed /)
  assert.equal(await peer.exchange(bindRequest('balcony')), bound('juliet@localhost/balcony'))
})
