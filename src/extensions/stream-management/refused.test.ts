// XEP-0198 §5: what a client is told of messages that were refused while it was away.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type InMemory, inMemoryServer } from '../../../test/in-memory.ts'
import { authenticatedPeer } from '../../../test/in-memory-peer.ts'
import { pause } from '../../../test/pause.ts'
import { withFaults } from '../../../test/storage-faults.ts'
import { bindRequest, type TestPeer } from '../../../test/stream-peer.ts'
import { jid } from '../../jid/jid.ts'
import { sqlite } from '../../storage/sqlite.ts'
import { StorageError } from '../../storage/storage-error.ts'
import { archive } from '../archive/archive.ts'
import { offline } from '../offline/offline.ts'
import { streamManagement } from './stream-management.ts'

const ns = `xmlns='urn:xmpp:sm:3'`
const message = (body: string) =>
  `<message to='romeo@localhost' type='chat' id='${body}'><body>${body}</body></message>`

/** A server whose disk is full for archives while `isFull`, once the gate is open. */
async function start() {
  const disk = { isFull: false, gate: Promise.resolve() }
  const storage = withFaults(sqlite(':memory:'), ({ store, method }) => {
    if (!disk.isFull || store !== 'localhost/archive' || method !== 'append') return undefined
    return disk.gate.then(() => Promise.reject(new StorageError('full', 'the disk is full')))
  })
  const local = await inMemoryServer({
    extensions: [streamManagement, offline, archive],
    storage,
    options: { 'stream-management': { resumeSeconds: 60 } },
  })
  await local.server.host('localhost')?.accounts.create(jid('romeo@localhost'), 'password')
  return Object.assign(local, { disk })
}

async function managed(local: InMemory): Promise<TestPeer & { id: string }> {
  const peer = await authenticatedPeer(local)
  await peer.exchange(bindRequest('phone'))
  const enabled = await peer.exchange(`<enable ${ns} resume='true'/>`)
  return Object.assign(peer, { id: /<enabled [^>]*id='([^']*)'/.exec(enabled)?.[1] ?? '' })
}

async function comeBack(local: InMemory, id: string): Promise<string> {
  const peer = await authenticatedPeer(local)
  const answer = await peer.exchange(`<resume ${ns} previd='${id}' h='0'/>`)
  await pause()
  return answer + (await peer.settled())
}

test('a client that comes back in time is told what was refused, and its count', async () => {
  await using local = await start()
  const juliet = await managed(local)
  local.disk.isFull = true
  juliet.send(message('1'))
  await juliet.settled()
  juliet.transport.destroy()
  await juliet.settled()
  await pause()
  const answer = await comeBack(local, juliet.id)
  assert.match(answer, /<resumed [^>]*h='1'/)
  assert.match(answer, /<message [^>]*type='error' id='1'/)
})

test('XEP-0198 §5: a client that comes too late to be told what was refused is not told that it was dealt with', async () => {
  await using local = await start()
  const juliet = await managed(local)
  local.disk.isFull = true
  juliet.send(message('1'))
  await juliet.settled()
  juliet.transport.destroy()
  await juliet.settled()
  await pause()
  local.clock.advance(60_000)
  await pause()
  assert.match(await comeBack(local, juliet.id), /^<failed xmlns='urn:xmpp:sm:3'><item-not-found /)
})

test('XEP-0198 §5: nor if the refusal comes when the session is over', async () => {
  await using local = await start()
  const juliet = await managed(local)
  const gate = Promise.withResolvers<void>()
  local.disk.isFull = true
  local.disk.gate = gate.promise
  juliet.send(message('1'))
  await juliet.settled()
  juliet.transport.destroy()
  await juliet.settled()
  local.clock.advance(60_000)
  await pause()
  gate.resolve()
  await pause()
  assert.match(await comeBack(local, juliet.id), /^<failed xmlns='urn:xmpp:sm:3'><item-not-found /)
})

test('XEP-0198 §5: where nothing was refused, the count is told', async () => {
  await using local = await start()
  const juliet = await managed(local)
  juliet.send(message('1'))
  await juliet.settled()
  juliet.transport.destroy()
  await juliet.settled()
  await pause()
  local.clock.advance(60_000)
  await pause()
  assert.match(await comeBack(local, juliet.id), /^<failed xmlns='urn:xmpp:sm:3' h='1'>/)
})

test('a message that was refused is not given to anybody who was not there', async () => {
  await using local = await start()
  const juliet = await managed(local)
  local.disk.isFull = true
  assert.match(await juliet.exchange(message('1')), /type='error' id='1'/)
  await pause()
  local.disk.isFull = false
  juliet.send(message('2'))
  await juliet.settled()
  const romeo = await local.connect('romeo@localhost/orchard')
  await romeo.send('<presence/>')
  await pause()
  const bodies = romeo.takeAll().map((stanza) => stanza.child('body')?.text)
  assert.deepEqual(
    bodies.filter((body) => body !== undefined),
    ['2'],
  )
})
