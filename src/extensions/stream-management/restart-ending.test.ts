// XEP-0198 §5 while a session is ending: the server stops, or the client comes back.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type InMemory, inMemoryServer } from '../../../test/in-memory.ts'
import { authenticatedPeer, lastingStorage } from '../../../test/in-memory-peer.ts'
import { pause } from '../../../test/pause.ts'
import { withFaults } from '../../../test/storage-faults.ts'
import { bindRequest, type TestPeer } from '../../../test/stream-peer.ts'
import { jid } from '../../jid/jid.ts'
import type { Driver } from '../../storage/storage.ts'
import { offline } from '../offline/offline.ts'
import { streamManagement } from './stream-management.ts'

const ns = `xmlns='urn:xmpp:sm:3'`
const message = (body: string, to = 'juliet@localhost') =>
  `<message to='${to}' type='chat' id='${body}'><body>${body}</body></message>`
const bodies = (text: string) => [...text.matchAll(/<body>([^<]*)<\/body>/g)].map(([, body]) => body)

const start = (storage: Driver) =>
  inMemoryServer({
    extensions: [streamManagement, offline],
    storage,
    options: { 'stream-management': { resumeSeconds: 60 } },
  })

/** What comes for `request`, until nothing more does. */
async function ask(peer: TestPeer, request: string): Promise<string> {
  const first = await peer.exchange(request)
  await pause()
  return first + (await peer.settled())
}

const appear = (peer: TestPeer) =>
  ask(peer, `${bindRequest('phone')}<enable ${ns} resume='true'/><presence/>`)

/** Juliet is given two messages, and closes her stream; that has not been dealt with. Answers her SM-ID. */
async function ending(local: InMemory): Promise<string> {
  await local.server.host('localhost')?.accounts.create(jid('nurse@localhost'), 'password')
  const juliet = await authenticatedPeer(local)
  const enabled = await appear(juliet)
  const romeo = await local.connect('romeo@localhost/orchard')
  for (const body of ['1', '2']) await romeo.send(message(body))
  assert.deepEqual(bodies(await juliet.settled()), ['1', '2'])
  // Which is being kept for long, so that the session is not over for as long.
  juliet.send(`${message('3', 'nurse@localhost')}</stream:stream>`)
  await pause()
  return /<enabled [^>]*id='([^']*)'/.exec(enabled)?.[1] ?? ''
}

/** A storage that takes long to keep what is for the nurse. */
function slowed(storage: Driver, gate: Promise<void>): Driver {
  return withFaults(storage, ({ store, method, owner }) =>
    store === 'localhost/offline' && method === 'changeLate' && owner === 'nurse' ? gate : undefined,
  )
}

test('XEP-0198 §5: who comes back to a session that is ending is told so, whatever it acknowledges', async (t) => {
  const gate = Promise.withResolvers<void>()
  await using local = await start(slowed(lastingStorage(t), gate.promise))
  const id = await ending(local)
  const juliet = await authenticatedPeer(local)
  juliet.send(`<resume ${ns} previd='${id}' h='2'/>`)
  await pause()
  gate.resolve()
  await pause()
  assert.match(await juliet.settled(), /^<failed xmlns='urn:xmpp:sm:3' h='2'>/)
  assert.deepEqual(bodies(await appear(juliet)), ['1', '2'])
})

test('XEP-0198 §5: a session that was ending when the server stopped is not resumed as if its client had acknowledged all', async (t) => {
  const storage = lastingStorage(t)
  const gate = Promise.withResolvers<void>()
  const before = await start(slowed(storage, gate.promise))
  const id = await ending(before)
  const closing = before.server.close()
  await pause()
  gate.resolve()
  await closing
  const next = await start(storage)
  const juliet = await authenticatedPeer(next)
  // Her presence, and both messages.
  const answer = await ask(juliet, `<resume ${ns} previd='${id}' h='3'/>`)
  assert.match(answer, /^<failed xmlns='urn:xmpp:sm:3' h='2'>/, 'what she sent is known to be dealt with')
  assert.deepEqual(bodies(await appear(juliet)), ['1', '2'], 'the server never heard that she had them')
  juliet.send(`<a ${ns} h='3'/>`)
  await pause()
  await using local = await start(storage)
  assert.deepEqual(bodies(await appear(await authenticatedPeer(local))), [])
})
