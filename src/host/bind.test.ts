import assert from 'node:assert/strict'
import { test } from 'node:test'
import { connectedPeer } from '../../test/in-memory-peer.ts'
import { bindRequest, header, plain, type TestPeer } from '../../test/stream-peer.ts'
import { jid } from '../jid/jid.ts'
import { createServer, type Server } from '../server/server.ts'
import { sqlite } from '../storage/sqlite.ts'
import type { ConflictPolicy, HostLimits } from './host-parts.ts'

async function start(conflict: ConflictPolicy, limits: Partial<HostLimits> = {}): Promise<Server> {
  const hosts = { localhost: { extensions: [] } }
  const server = createServer({ storage: sqlite(':memory:'), conflict, limits, hosts })
  await server.start()
  await server.host('localhost')?.accounts.create(jid('juliet@localhost'), 'password')
  return server
}

async function loggedIn(server: Server): Promise<TestPeer> {
  const peer = connectedPeer({ server })
  await peer.exchange(header())
  await peer.exchange(plain('juliet', 'password'))
  await peer.exchange(header())
  return peer
}

const pinged = (peer: TestPeer) => peer.exchange(`<presence/>`)

test('RFC 6120 §7.7.2.2: where the newcomer gets another resource, both stay', async () => {
  await using server = await start('rename')
  const first = await loggedIn(server)
  assert.match(await first.exchange(bindRequest('balcony')), /<jid>juliet@localhost\/balcony<\/jid>/)
  const second = await loggedIn(server)
  const answer = await second.exchange(bindRequest('balcony'))
  // §7.6: random.
  assert.match(answer, /<jid>juliet@localhost\/[\w-]{20}<\/jid>/)
  for (const peer of [first, second]) assert.match(await pinged(peer), /<presence /)
})

test('RFC 6120 §7.7.2.2: where the newcomer is refused, it may try another resource, and the first one stays', async () => {
  await using server = await start('refuse')
  const first = await loggedIn(server)
  await first.exchange(bindRequest('balcony'))
  const second = await loggedIn(server)
  assert.match(await second.exchange(bindRequest('balcony')), /<error type='cancel'><conflict /)
  assert.match(await second.exchange(bindRequest('chamber')), /<jid>juliet@localhost\/chamber<\/jid>/)
  for (const peer of [first, second]) assert.match(await pinged(peer), /<presence /)
})

test('RFC 6120 §7.6.2.1: past the number of sessions that an account may have, binding is refused until one ends', async () => {
  await using server = await start('replace', { sessionsPerAccount: 1 })
  const first = await loggedIn(server)
  await first.exchange(bindRequest('balcony'))
  const second = await loggedIn(server)
  assert.match(await second.exchange(bindRequest()), /<error type='wait'><resource-constraint /)
  first.send('</stream:stream>')
  await first.settled()
  assert.match(await second.exchange(bindRequest()), /<jid>/)
})

test('RFC 6120 §7.3.2: a stream does not begin anew once it has a resource', async () => {
  await using server = await start('replace')
  const peer = await loggedIn(server)
  await peer.exchange(bindRequest())
  assert.match(await peer.exchange(header()), /<stream:error>/)
})
