// XEP-0198 §5: what a client is told that comes back to a server that was killed.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type InMemory, inMemoryServer } from '../../../test/in-memory.ts'
import { authenticatedPeer, lastingStorage } from '../../../test/in-memory-peer.ts'
import { pause } from '../../../test/pause.ts'
import { withFaults } from '../../../test/storage-faults.ts'
import { bindRequest, type TestPeer } from '../../../test/stream-peer.ts'
import { jid } from '../../jid/jid.ts'
import type { Driver } from '../../storage/storage.ts'
import { StorageError } from '../../storage/storage-error.ts'
import { archive } from '../archive/archive.ts'
import { offline } from '../offline/offline.ts'
import { streamManagement } from './stream-management.ts'

const ns = `xmlns='urn:xmpp:sm:3'`
const message = (body: string) =>
  `<message to='romeo@localhost' type='chat' id='${body}'><body>${body}</body></message>`

async function start(storage: Driver): Promise<InMemory> {
  const local = await inMemoryServer({
    extensions: [streamManagement, offline, archive],
    storage,
    options: { 'stream-management': { resumeSeconds: 60 } },
  })
  await local.server.host('localhost')?.accounts.create(jid('romeo@localhost'), 'password')
  return local
}

async function managed(local: InMemory, name?: string): Promise<TestPeer & { id: string }> {
  const peer = await authenticatedPeer(local, name)
  await peer.exchange(bindRequest('phone'))
  const enabled = await peer.exchange(`<enable ${ns} resume='true'/>`)
  return Object.assign(peer, { id: /<enabled [^>]*id='([^']*)'/.exec(enabled)?.[1] ?? '' })
}

async function resume(local: InMemory, id: string, name?: string): Promise<string> {
  const peer = await authenticatedPeer(local, name)
  return peer.exchange(`<resume ${ns} previd='${id}' h='0'/>`)
}

test('XEP-0198 §5: after a kill, a client is told how much was dealt with, acknowledged or not, once', async (t) => {
  const storage = lastingStorage(t)
  const juliet = await managed(await start(storage))
  assert.match(await juliet.exchange(`${message('1')}<r ${ns}/>`), /<a xmlns='urn:xmpp:sm:3' h='1'\/>/)
  juliet.send(message('2'))
  await pause()
  await using local = await start(storage)
  assert.match(await resume(local, juliet.id, 'tybalt'), /^<failed xmlns='urn:xmpp:sm:3'><item-not-found /)
  assert.match(await resume(local, juliet.id), /^<failed xmlns='urn:xmpp:sm:3' h='2'><item-not-found /)
  assert.match(await resume(local, juliet.id), /^<failed xmlns='urn:xmpp:sm:3'><item-not-found /)
})

test('XEP-0198 §5: what was kept just before a kill is dealt with, though the server did not get to hear of it', async (t) => {
  const storage = lastingStorage(t)
  const never = new Promise<void>(() => {})
  let isDying = false
  const dying = withFaults(storage, ({ method }) =>
    isDying && (method === 'append' || method === 'changeLate') ? never : undefined,
  )
  const juliet = await managed(await start(dying))
  await juliet.exchange(`${message('1')}<r ${ns}/>`)
  isDying = true
  juliet.send(`${message('2')}${message('3')}<r ${ns}/>`)
  await pause()
  assert.doesNotMatch(await juliet.settled(), /<a /)
  await using local = await start(storage)
  assert.match(await resume(local, juliet.id), /^<failed xmlns='urn:xmpp:sm:3' h='3'>/)
})

test('XEP-0198 §3: what was sent before a session begins to count is not counted, though it is dealt with later', async (t) => {
  const gate = Promise.withResolvers<void>()
  let isSlow = false
  const slow = withFaults(lastingStorage(t), ({ method }) =>
    isSlow && method === 'append' ? gate.promise : undefined,
  )
  const juliet = await authenticatedPeer(await start(slow))
  await juliet.exchange(bindRequest('phone'))
  // Whether she wants an archive is asked once.
  juliet.send(message('1'))
  await pause()
  isSlow = true
  await juliet.exchange(`${message('2')}<enable ${ns} resume='true'/>`)
  juliet.send(`${message('3')}<r ${ns}/>`)
  await pause()
  assert.doesNotMatch(await juliet.settled(), /<a /)
  gate.resolve()
  assert.match(await juliet.read(), /<a [^>]*h='1'/)
})

test('XEP-0198 §5: not what was refused without the client having said that it knows', async (t) => {
  const storage = lastingStorage(t)
  let isFull = false
  const full = withFaults(storage, ({ store, method }) => {
    if (isFull && store === 'localhost/archive' && method === 'append') throw new StorageError('full', 'full')
    return undefined
  })
  const juliet = await managed(await start(full))
  await juliet.exchange(`${message('1')}<r ${ns}/>`)
  isFull = true
  assert.match(await juliet.exchange(`${message('2')}<r ${ns}/>`), /type='error' id='2'.*<a [^>]*h='2'/)
  await pause()
  await using local = await start(storage)
  assert.match(await resume(local, juliet.id), /^<failed xmlns='urn:xmpp:sm:3'><item-not-found /)
})

test('XEP-0198 §4: a count is acknowledged when it is kept; one that is too low does not stay', async (t) => {
  const storage = lastingStorage(t)
  const gate = Promise.withResolvers<void>()
  let isSlow = false
  const slow = withFaults(storage, ({ store, method }) =>
    isSlow && store === 'localhost/handled-counts' && method.startsWith('set') ? gate.promise : undefined,
  )
  const juliet = await managed(await start(slow))
  await juliet.exchange(`${message('1')}<r ${ns}/>`)
  isSlow = true
  juliet.send(`${message('2')}<r ${ns}/>`)
  await pause()
  assert.doesNotMatch(await juliet.settled(), /<a /)
  gate.reject(new StorageError('full', 'full'))
  await pause()
  assert.match(await juliet.settled(), /<r |^$/)
  await using local = await start(storage)
  assert.doesNotMatch(await resume(local, juliet.id), /h='1'/)
})

test('XEP-0198 §4: a count that is just being kept is not lower than what is acknowledged meanwhile', async (t) => {
  const storage = lastingStorage(t)
  const gate = Promise.withResolvers<void>()
  let isFull = false
  const slow = withFaults(storage, ({ store, method }) => {
    if (isFull && store === 'localhost/archive' && method === 'append') throw new StorageError('full', 'full')
    return store === 'localhost/handled-counts' && method.startsWith('set') ? gate.promise : undefined
  })
  const juliet = await managed(await start(slow))
  juliet.send(message('1'))
  await pause()
  isFull = true
  // What was refused is never kept as dealt with, so that nothing is to be written for it.
  const refused = await juliet.exchange(`${message('2')}<r ${ns}/>`)
  await pause()
  assert.doesNotMatch(refused + (await juliet.settled()), /<a /)
  gate.resolve()
  await pause()
  assert.match(await juliet.settled(), /<a [^>]*h='2'/)
  await using local = await start(storage)
  assert.doesNotMatch(await resume(local, juliet.id), /h='1'/)
})

test('XEP-0198 §5: who has come back to a kept session is not told after a kill what was left of an older count', async (t) => {
  const storage = lastingStorage(t)
  let id = ''
  {
    await using local = await start(storage)
    const juliet = await managed(local)
    id = juliet.id
    await juliet.exchange(`${message('1')}${message('2')}<r ${ns}/>`)
  }
  // It could not be removed when the server stopped.
  await storage.keyValue('localhost/handled-counts').set(id, { user: 'juliet', handled: 1, run: 1 })
  assert.match(await resume(await start(storage), id), /<resumed [^>]*h='2'/)
  await using local = await start(storage)
  assert.doesNotMatch(await resume(local, id), /h='1'/)
})

test('XEP-0198 §5: who comes back and is told a count leaves no lower one to be told after a kill', async (t) => {
  const storage = lastingStorage(t)
  const killed = await start(storage)
  const juliet = await managed(killed)
  await juliet.exchange(`${message('1')}<r ${ns}/>`)
  // An error that she has not acknowledged: whether it has reached her is not known.
  await juliet.exchange(`<message to='nobody@localhost' type='chat' id='2'><body>2</body></message>`)
  assert.match(await resume(killed, juliet.id), /<resumed [^>]*h='2'/)
  await using local = await start(storage)
  assert.match(await resume(local, juliet.id), /^<failed xmlns='urn:xmpp:sm:3'><item-not-found /)
})

test('a count that was not kept because something else was refused is kept when that is over', async (t) => {
  const storage = lastingStorage(t)
  let isRefusing = false
  const refusing = withFaults(storage, ({ store, method, owner }) => {
    if (isRefusing && store === 'localhost/archive' && method === 'append' && owner === 'tybalt')
      throw new StorageError('full', 'full')
    return undefined
  })
  const killed = await start(refusing)
  const juliet = await managed(killed)
  const tybalt = await managed(killed, 'tybalt')
  await juliet.exchange(`${message('1')}<r ${ns}/>`)
  await tybalt.exchange(`${message('1')}<r ${ns}/>`)
  isRefusing = true
  tybalt.send(message('2'))
  juliet.send(message('2'))
  await pause()
  await using local = await start(storage)
  assert.match(await resume(local, juliet.id), /^<failed xmlns='urn:xmpp:sm:3' h='2'>/)
})

test('a counter is asked to be kept once until that goes to the database, whatever was answered before', async (t) => {
  const asked: { make: () => unknown; answer: (isKept: boolean) => void }[] = []
  const storage = lastingStorage(t)
  const slow: Driver = {
    ...storage,
    keyValue: (name) => ({
      ...storage.keyValue(name),
      setLast: (_owner, make) => new Promise((answer) => asked.push({ make, answer })),
    }),
  }
  const juliet = await managed(await start(slow))
  juliet.send(message('1'))
  await pause()
  assert.match(String(JSON.stringify(asked[0]?.make())), /"handled":1/)
  juliet.send(message('2'))
  await pause()
  asked[0]?.answer(true)
  juliet.send(message('3'))
  await pause()
  assert.equal(asked.length, 2)
  assert.match(String(JSON.stringify(asked[1]?.make())), /"handled":3/)
})

test('what is said while a count is being kept as it is is counted without more coming', async (t) => {
  const storage = lastingStorage(t)
  const gate = Promise.withResolvers<void>()
  let isSlow = false
  const slow = withFaults(storage, ({ store, method }) =>
    isSlow && store === 'localhost/handled-counts' && method === 'set' ? gate.promise : undefined,
  )
  const killed = await start(slow)
  const juliet = await managed(killed)
  await juliet.exchange(`${message('1')}<r ${ns}/>`)
  isSlow = true
  // Refused, so that there is nothing to be kept.
  await juliet.exchange(
    `<message to='nobody@localhost' type='chat' id='2'><body>2</body></message><r ${ns}/>`,
  )
  juliet.send(`<a ${ns} h='1'/>${message('3')}`)
  await pause()
  gate.resolve()
  await pause()
  await using local = await start(storage)
  assert.match(await resume(local, juliet.id), /^<failed xmlns='urn:xmpp:sm:3' h='3'>/)
})

test('what is kept of sessions goes with them, and after the time to come back', async (t) => {
  const storage = lastingStorage(t)
  const counts = storage.keyValue('localhost/handled-counts')
  const killed = await start(storage)
  const juliet = await managed(killed)
  await juliet.exchange(`${message('1')}<r ${ns}/>`)
  const other = await managed(killed)
  await other.exchange(`${message('1')}<r ${ns}/>`)
  assert.equal((await counts.owners()).length, 1, 'the other has the same resource')
  await using local = await start(storage)
  local.clock.advance(60_000)
  await pause()
  assert.deepEqual(await counts.owners(), [])
})
