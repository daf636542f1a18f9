// XEP-0198 §4 and XEP-0160: what a session was given and did not take goes on before anything else comes.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type InMemory, inMemoryServer } from '../../../test/in-memory.ts'
import { authenticatedPeer } from '../../../test/in-memory-peer.ts'
import { pause } from '../../../test/pause.ts'
import { withFaults } from '../../../test/storage-faults.ts'
import { bindRequest, type TestPeer } from '../../../test/stream-peer.ts'
import { jid } from '../../jid/jid.ts'
import { sqlite } from '../../storage/sqlite.ts'
import { GivenMessages } from './given-messages.ts'
import { MessageKey } from './message-key.ts'
import { offline } from './offline.ts'

const ns = `xmlns='urn:xmpp:sm:3'`
const message = (body: string, to = 'juliet@localhost') =>
  `<message to='${to}' type='chat' id='${body}'><body>${body}</body></message>`
const bodies = (text: string) => [...text.matchAll(/<body>([^<]*)<\/body>/g)].map(([, body]) => body)

const appear = (resource: string) => `${bindRequest(resource)}<enable ${ns}/><presence/>`

/** A client that counts, and is available. */
async function available(local: InMemory, resource: string): Promise<TestPeer> {
  const peer = await authenticatedPeer(local)
  await peer.exchange(appear(resource))
  await pause()
  await peer.settled()
  return peer
}

/** A server that takes its time to keep what is said to the nurse, once it is slow. */
async function slowServer() {
  const { promise, resolve } = Promise.withResolvers<void>()
  const state = { isSlow: false, goOn: resolve }
  const storage = withFaults(sqlite(':memory:'), ({ owner, method }) =>
    state.isSlow && owner === 'nurse' && method === 'set' ? promise : undefined,
  )
  const local = await inMemoryServer({ extensions: [offline], storage })
  await local.server.host('localhost')?.accounts.create(jid('nurse@localhost'), 'password')
  return Object.assign(local, { state })
}

test('what a dead session was given comes to the one that takes its place before what is sent to it afterwards', async () => {
  await using local = await slowServer()
  const romeo = await local.connect('romeo@localhost/orchard')
  const dead = await available(local, 'balcony')
  await romeo.send(message('1'))
  local.state.isSlow = true
  dead.send(message('0', 'nurse@localhost'))
  await dead.settled()
  // Her client comes back without the server having noticed that it was gone.
  const again = await authenticatedPeer(local)
  again.send(appear('balcony'))
  void romeo.send(message('2', 'juliet@localhost/balcony'))
  await pause()
  void romeo.send(message('3', 'juliet@localhost/balcony'))
  await pause()
  local.state.goOn()
  await pause()
  assert.deepEqual(bodies(await again.settled()), ['1', '2', '3'])
})

test('what was sent to a resource that is gone goes to another before what is sent to it afterwards', async () => {
  await using local = await slowServer()
  const romeo = await local.connect('romeo@localhost/orchard')
  const desk = await available(local, 'desk')
  const phone = await available(local, 'phone')
  await romeo.send(message('1', 'juliet@localhost/desk'))
  local.state.isSlow = true
  desk.send(message('0', 'nurse@localhost'))
  await desk.settled()
  desk.send('</stream:stream>')
  await desk.settled()
  void romeo.send(message('2', 'juliet@localhost/desk'))
  await pause()
  local.state.goOn()
  await pause()
  assert.deepEqual(bodies(await phone.settled()), ['1', '2'])
})

test('a message that nobody has taken keeps its entry, so that none who had it before gives it once more', async () => {
  await using local = await inMemoryServer({ extensions: [offline] })
  await local.connect('juliet@localhost/balcony')
  const account = local.server.host('localhost')?.loaded.get('juliet')
  assert.ok(account)
  const given = new GivenMessages()
  const first = given.add(account, new MessageKey(1, 1), {} as never, [])
  assert.equal(given.add(account, new MessageKey(1, 1), {} as never, []), first)
})
