// XEP-0198, clause by clause: what is refused, and where counters end.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inMemoryServer } from '../../../test/in-memory.ts'
import { authenticatedPeer, connectedPeer } from '../../../test/in-memory-peer.ts'
import { bindRequest, header } from '../../../test/stream-peer.ts'
import type { XmlStream } from '../../stream/stream.ts'
import { ManagedSession } from './managed-session.ts'
import { streamManagement } from './stream-management.ts'

const ns = `xmlns='urn:xmpp:sm:3'`
const failed = (condition: string) => new RegExp(`<failed xmlns='urn:xmpp:sm:3'><${condition} `)

const start = (options = {}) =>
  inMemoryServer({ extensions: [streamManagement], options: { 'stream-management': options } })

test('XEP-0198 §3, §10: nothing is enabled or resumed before the client has logged in', async () => {
  await using local = await start()
  const juliet = await authenticatedPeer(local, 'juliet')
  await juliet.exchange(bindRequest())
  const id = / id='([^']*)'/.exec(await juliet.exchange(`<enable ${ns} resume='true'/>`))?.[1]
  juliet.transport.destroy()
  await juliet.settled()
  const stranger = connectedPeer(local)
  assert.doesNotMatch(await stranger.exchange(header()), /<sm xmlns='urn:xmpp:sm:3'\/><\/stream:features>/)
  assert.match(await stranger.exchange(`<enable ${ns}/>`), failed('unexpected-request'))
  assert.match(await stranger.exchange(`<resume ${ns} previd='${id}' h='0'/>`), failed('unexpected-request'))
  const again = await authenticatedPeer(local, 'juliet')
  assert.match(await again.exchange(`<resume ${ns} previd='${id}' h='0'/>`), /<resumed /)
})

test('XEP-0198 §3: before TLS, where it is required, nothing is taken', async () => {
  await using local = await start()
  const peer = connectedPeer(local, { isSecure: false })
  await peer.exchange(header())
  assert.match(await peer.exchange(`<enable ${ns}/>`), /<policy-violation /)
})

test('XEP-0198 §5: where sessions do not wait, none is offered to be resumed, and none is', async () => {
  await using local = await start({ resumeSeconds: 0 })
  const peer = await authenticatedPeer(local, 'juliet')
  await peer.exchange(bindRequest())
  assert.match(await peer.exchange(`<enable ${ns} resume='true'/>`), /<enabled xmlns='urn:xmpp:sm:3'\/>/)
  peer.transport.destroy()
  await peer.settled()
  const again = await authenticatedPeer(local, 'juliet')
  assert.match(await again.exchange(`<resume ${ns} previd='id' h='0'/>`), failed('item-not-found'))
  assert.match(await again.exchange(bindRequest()), /<jid>/)
})

test('XEP-0198 §5: who resumes says how far it came, and has no other session', async () => {
  await using local = await start()
  const peer = await authenticatedPeer(local, 'juliet')
  for (const h of ['', ` h=''`, ` h='-1'`, ` h='4294967296'`])
    assert.match(await peer.exchange(`<resume ${ns} previd='id'${h}/>`), failed('bad-request'), h)
  await peer.exchange(bindRequest())
  assert.match(await peer.exchange(`<resume ${ns} previd='id' h='0'/>`), failed('unexpected-request'))
})

test('XEP-0198 §5: every session has an id of its own', async () => {
  await using local = await start()
  const ids = new Set<string | undefined>()
  for (let count = 0; count < 5; count++) {
    const peer = await authenticatedPeer(local, 'juliet')
    await peer.exchange(bindRequest('balcony'))
    ids.add(/ id='([^']*)'/.exec(await peer.exchange(`<enable ${ns} resume='true'/>`))?.[1])
  }
  assert.equal(ids.size, 5)
  assert.equal(ids.has(undefined), false)
})

test('XEP-0198 §4: behind 2^32 - 1 what has been dealt with is counted from zero again', async () => {
  await using local = await start()
  const { session } = await local.connect('juliet@localhost/balcony')
  const parts = { id: 'id', isResumable: true, resumeMs: 0, handled: 2 ** 32 - 2 }
  const managed = new ManagedSession(session, session.stream as XmlStream, parts)
  const counts = [0, 1, 2].map(() => {
    managed.noteHandled()
    return managed.handled
  })
  assert.deepEqual(counts, [2 ** 32 - 1, 0, 1])
})
