// XEP-0198 and XEP-0160 where the server dies: what a session was given and has not acknowledged.
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { type InMemory, inMemoryServer } from '../../../test/in-memory.ts'
import { pause } from '../../../test/pause.ts'
import { withFaults } from '../../../test/storage-faults.ts'
import { bindRequest, header, plain, TestPeer } from '../../../test/stream-peer.ts'
import type { Extension } from '../../host/extension.ts'
import { jid } from '../../jid/jid.ts'
import { sqlite } from '../../storage/sqlite.ts'
import type { Driver } from '../../storage/storage.ts'
import { StorageError } from '../../storage/storage-error.ts'
import type { AcceptedStream } from '../../stream/accepted-stream.ts'
import { memoryPair } from '../../stream/memory.ts'
import { carbons } from '../carbons/carbons.ts'
import { offline } from './offline.ts'

const ns = `xmlns='urn:xmpp:sm:3'`
const message = (body: string, to = 'juliet@localhost', more = '') =>
  `<message to='${to}' type='chat' id='${body}'><body>${body}</body>${more}</message>`
const bodies = (text: string) => [...text.matchAll(/<body>([^<]*)<\/body>/g)].map(([, body]) => body)

const start = (storage: Driver, extensions: readonly Extension[] = [offline]) =>
  inMemoryServer({
    extensions,
    storage,
    options: { 'stream-management': { resumeSeconds: 60 } },
  })

/** A storage of which servers can be left without closing it, as if they had been killed. */
function lasting(test: TestContext): Driver {
  const storage = sqlite(':memory:')
  test.after(() => storage.close())
  return { ...storage, close: async () => {} }
}

/** An available client with stream management, or without; answers what came, too. */
async function available(
  local: InMemory,
  address: string,
  { isManaged = true } = {},
): Promise<TestPeer & { came: string }> {
  const { local: name, resource } = jid(address)
  await local.server.host('localhost')?.accounts.create(jid(address).bare, 'password')
  const [near, far] = memoryPair({ isSecure: true })
  const peer = new TestPeer(local.server.accept(near) as AcceptedStream, far)
  await peer.exchange(header())
  await peer.exchange(plain(name, 'password'))
  await peer.exchange(header())
  await peer.exchange(bindRequest(resource))
  const came = await peer.exchange(`${isManaged ? `<enable ${ns} resume='true'/>` : ''}<presence/>`)
  await pause()
  return Object.assign(peer, { came: came + (await peer.settled()) })
}

test('what a session has not acknowledged when the server is killed comes once, in order, after the next start', async (t) => {
  const storage = lasting(t)
  const killed = await start(storage)
  const juliet = await available(killed, 'juliet@localhost/phone')
  const romeo = await killed.connect('romeo@localhost/orchard')
  for (const body of ['1', '2', '3', '4']) await romeo.send(message(body))
  assert.deepEqual(bodies(await juliet.settled()), ['1', '2', '3', '4'])
  // Her own presence was the first stanza.
  juliet.send(`<a ${ns} h='3'/>`)
  await juliet.settled()
  await pause()
  await using local = await start(storage)
  const again = await available(local, 'juliet@localhost/phone')
  assert.deepEqual(bodies(again.came), ['3', '4'])
  assert.match(again.came, /<delay xmlns='urn:xmpp:delay' from='localhost'/)
  again.send(`<a ${ns} h='3'/>`)
  await pause()
  assert.deepEqual(bodies((await available(local, 'juliet@localhost/desk')).came), [])
})

test('what one of several sessions has acknowledged is not given to the others when theirs end', async (t) => {
  const storage = lasting(t)
  await using local = await start(storage)
  const phone = await available(local, 'juliet@localhost/phone')
  const desk = await available(local, 'juliet@localhost/desk')
  const romeo = await local.connect('romeo@localhost/orchard')
  for (const body of ['1', '2']) await romeo.send(message(body))
  assert.deepEqual(bodies(await phone.settled()), ['1', '2'])
  assert.deepEqual(bodies(await desk.settled()), ['1', '2'])
  // The presence of both, and the first of the messages.
  desk.send(`<a ${ns} h='3'/>`)
  await desk.settled()
  phone.transport.destroy()
  await phone.settled()
  local.clock.advance(60_000)
  await pause()
  assert.deepEqual(bodies(await desk.settled()), [], 'it has the first, and still may take the second')
  desk.transport.destroy()
  await desk.settled()
  local.clock.advance(60_000)
  await pause()
  assert.deepEqual(bodies((await available(local, 'juliet@localhost/desk')).came), ['2'])
  assert.deepEqual(romeo.takeAll(), [])
})

test('XEP-0280 §11: a copy of what another session said is not kept for a session that never had it', async (t) => {
  await using local = await start(lasting(t), [offline, carbons])
  const phone = await available(local, 'juliet@localhost/phone')
  await phone.exchange(`<iq type='set' id='c'><enable xmlns='urn:xmpp:carbons:2'/></iq>`)
  const desk = await local.connect('juliet@localhost/desk')
  await desk.send(message('1', 'romeo@localhost'))
  assert.match(await phone.settled(), /<sent xmlns='urn:xmpp:carbons:2'>/)
  desk.close()
  phone.transport.destroy()
  await phone.settled()
  local.clock.advance(60_000)
  await pause()
  assert.doesNotMatch((await available(local, 'juliet@localhost/phone')).came, /<message/)
})

test('what is written to a client without stream management counts as received', async (t) => {
  const storage = lasting(t)
  const killed = await start(storage)
  await available(killed, 'juliet@localhost/phone')
  const plainClient = await available(killed, 'juliet@localhost/desk', { isManaged: false })
  const romeo = await killed.connect('romeo@localhost/orchard')
  await romeo.send(message('1'))
  assert.deepEqual(bodies(await plainClient.settled()), ['1'])
  await using local = await start(storage)
  assert.deepEqual(bodies((await available(local, 'juliet@localhost/phone')).came), [])
})

test('XEP-0334 §4.2: what is not to be stored is given to sessions, and not kept for them', async (t) => {
  const storage = lasting(t)
  const killed = await start(storage)
  const juliet = await available(killed, 'juliet@localhost/phone')
  const romeo = await killed.connect('romeo@localhost/orchard')
  await romeo.send(message('1', 'juliet@localhost', `<no-store xmlns='urn:xmpp:hints'/>`))
  assert.deepEqual(bodies(await juliet.settled()), ['1'])
  await using local = await start(storage)
  assert.deepEqual(bodies((await available(local, 'juliet@localhost/phone')).came), [])
})

test('the sender’s message counts as dealt with when it is kept, and others write to the same account meanwhile', async (t) => {
  const storage = lasting(t)
  const gate = Promise.withResolvers<void>()
  let isSlow = false
  const slow = withFaults(storage, ({ store, method }) =>
    isSlow && store === 'localhost/offline' && method === 'changeLate' ? gate.promise : undefined,
  )
  await using local = await start(slow)
  const juliet = await available(local, 'juliet@localhost/phone')
  const romeo = await available(local, 'romeo@localhost/orchard')
  const nurse = await available(local, 'nurse@localhost/hall')
  isSlow = true
  romeo.send(`${message('1')}<r ${ns}/>`)
  nurse.send(message('2'))
  await pause()
  assert.deepEqual(bodies(await juliet.settled()), ['1', '2'])
  assert.doesNotMatch(await romeo.settled(), /<a /)
  gate.resolve()
  await pause()
  assert.match(await romeo.settled(), /<a xmlns='urn:xmpp:sm:3' h='2'\/>/)
})

test('after a message was refused because too much waited for the database, the next one is kept', async (t) => {
  const storage = lasting(t)
  let isOverloaded = false
  const overloaded = withFaults(storage, ({ store, method }) => {
    if (isOverloaded && store === 'localhost/offline' && method === 'changeLate')
      throw new StorageError('overloaded', 'too much waits')
    return undefined
  })
  const killed = await start(overloaded)
  const romeo = await available(killed, 'romeo@localhost/orchard')
  await killed.server.host('localhost')?.accounts.create(jid('juliet@localhost'), 'password')
  isOverloaded = true
  assert.match(await romeo.exchange(message('1')), /type='error' id='1'/)
  isOverloaded = false
  assert.match(await romeo.exchange(`${message('2')}<r ${ns}/>`), /<a [^>]*h='3'/)
  await using local = await start(storage)
  assert.deepEqual(bodies((await available(local, 'juliet@localhost/phone')).came), ['2'])
})

test('what one session acknowledges while the store is read for another does not come to that one', async (t) => {
  const gate = Promise.withResolvers<void>()
  let isSlow = false
  const storage = withFaults(lasting(t), ({ store, method }) =>
    isSlow && store === 'localhost/offline' && method === 'all' ? gate.promise : undefined,
  )
  await using local = await start(storage)
  const phone = await available(local, 'juliet@localhost/phone')
  const romeo = await local.connect('romeo@localhost/orchard')
  await romeo.send(message('1'))
  assert.deepEqual(bodies(await phone.settled()), ['1'])
  isSlow = true
  const desk = await available(local, 'juliet@localhost/desk')
  // Her own presence, the message, and the presence of the other.
  phone.send(`<a ${ns} h='3'/>`)
  await phone.settled()
  await pause()
  gate.resolve()
  await pause()
  assert.deepEqual(bodies(await desk.settled()), [])
})

test('what a client has acknowledged and the store could not forget is forgotten as soon as it can be', async (t) => {
  const storage = lasting(t)
  let isFull = false
  const full = withFaults(storage, ({ store, method }) => {
    if (isFull && store === 'localhost/offline' && method === 'changeLate')
      throw new StorageError('full', 'it is full')
    return undefined
  })
  const killed = await start(full)
  const phone = await available(killed, 'juliet@localhost/phone')
  const romeo = await killed.connect('romeo@localhost/orchard')
  await romeo.send(message('1'))
  isFull = true
  await phone.exchange(`<a ${ns} h='2'/>`)
  assert.deepEqual(
    bodies((await available(killed, 'juliet@localhost/desk')).came),
    [],
    'it is known as forgotten',
  )
  isFull = false
  killed.clock.advance(1000)
  await pause()
  await using local = await start(storage)
  assert.deepEqual(bodies((await available(local, 'juliet@localhost/phone')).came), [])
})
