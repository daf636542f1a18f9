// XEP-0198 §5 over a restart of the server: what happens while a client is away is told to it, or it begins anew.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type InMemory, inMemoryServer } from '../../../test/in-memory.ts'
import { authenticatedPeer, lastingStorage } from '../../../test/in-memory-peer.ts'
import { pause } from '../../../test/pause.ts'
import { bindRequest } from '../../../test/stream-peer.ts'
import type { Driver } from '../../storage/storage.ts'
import { blocking } from '../blocking/blocking.ts'
import { offline } from '../offline/offline.ts'
import { roster } from '../roster/roster.ts'
import { streamManagement } from './stream-management.ts'

const ns = `xmlns='urn:xmpp:sm:3'`
const fetchRoster = `<iq type='get' id='r'><query xmlns='jabber:iq:roster'/></iq>`
const addNurse = `<iq type='set' id='n'><query xmlns='jabber:iq:roster'><item jid='nurse@localhost'/></query></iq>`

const start = (storage: Driver) =>
  inMemoryServer({
    extensions: [streamManagement, offline, roster, blocking],
    storage,
    options: { 'stream-management': { resumeSeconds: 60 } },
  })

/** Juliet's phone, which knows her roster and sees Romeo; stops the server, and answers its SM-ID. */
async function stopped(storage: Driver): Promise<string> {
  await using local = await start(storage)
  const romeo = await local.connect('romeo@localhost/orchard')
  const peer = await authenticatedPeer(local)
  await peer.exchange(bindRequest('phone'))
  const enabled = await peer.exchange(`<enable ${ns} resume='true'/>${fetchRoster}<presence/>`)
  peer.send(`<presence to='romeo@localhost' type='subscribe'/>`)
  await pause()
  await romeo.send(`<presence to='juliet@localhost' type='subscribed'/>`)
  await romeo.send('<presence/>')
  await pause()
  assert.match(await peer.settled(), /<presence [^>]*from='romeo@localhost\/orchard'/)
  return /<enabled [^>]*id='([^']*)'/.exec(enabled)?.[1] ?? ''
}

/** What comes when the phone comes back after `meanwhile`. */
async function resume(local: InMemory, id: string): Promise<string> {
  const peer = await authenticatedPeer(local)
  // As if it had had all that it was sent but the last.
  const first = await peer.exchange(`<resume ${ns} previd='${id}' h='5'/>`)
  await pause()
  return first + (await peer.settled())
}

test('XEP-0198 §5: a contact who did not come back after the restart is seen to be gone', async (t) => {
  const storage = lastingStorage(t)
  const id = await stopped(storage)
  await using local = await start(storage)
  const answer = await resume(local, id)
  assert.match(answer, /^<resumed /, 'before anything else')
  assert.equal(answer.match(/<presence [^>]*from='romeo@localhost\/orchard' type='unavailable'/g)?.length, 1)
})

test('XEP-0198 §5: a contact who came back with another resource is seen with that one only', async (t) => {
  const storage = lastingStorage(t)
  const id = await stopped(storage)
  await using local = await start(storage)
  const romeo = await local.connect('romeo@localhost/street')
  await romeo.send('<presence/>')
  const answer = await resume(local, id)
  assert.match(answer, /<presence [^>]*from='romeo@localhost\/orchard' type='unavailable'/)
  assert.match(answer, /<presence [^>]*from='romeo@localhost\/street'(?! type)/)
})

test('XEP-0198 §5: a contact who was back before is seen as before', async (t) => {
  const storage = lastingStorage(t)
  const id = await stopped(storage)
  await using local = await start(storage)
  const romeo = await local.connect('romeo@localhost/orchard')
  await romeo.send('<presence/>')
  const answer = await resume(local, id)
  const last = answer.match(/<presence [^>]*from='romeo@localhost\/orchard'[^>]*>/g)?.at(-1) ?? ''
  assert.doesNotMatch(last, /unavailable/)
})

test('RFC 6121 §3.1.3: a request to see the account that came meanwhile is told', async (t) => {
  const storage = lastingStorage(t)
  const id = await stopped(storage)
  await using local = await start(storage)
  const nurse = await local.connect('nurse@localhost/house')
  await nurse.send(`<presence to='juliet@localhost' type='subscribe'/>`)
  const answer = await resume(local, id)
  assert.match(answer, /<presence [^>]*from='nurse@localhost'[^>]* type='subscribe'/)
})

const meanwhile: Readonly<Record<string, (local: InMemory) => Promise<void>>> = {
  'another client of the account was given a message': async (local) => {
    const desk = await local.connect('juliet@localhost/desk')
    await desk.send('<presence/>')
    const romeo = await local.connect('romeo@localhost/orchard')
    await romeo.send(`<message to='juliet@localhost' type='chat'><body>1</body></message>`)
  },
  'another client of the account has said something': async (local) => {
    const desk = await local.connect('juliet@localhost/desk')
    await desk.send(`<message to='romeo@localhost' type='chat'><body>1</body></message>`)
  },
  'the roster has changed': async (local) => {
    await (await local.connect('juliet@localhost/desk')).send(addNurse)
  },
  'the blocklist has changed': async (local) => {
    const block = `<block xmlns='urn:xmpp:blocking'><item jid='paris@localhost'/></block>`
    await (await local.connect('juliet@localhost/desk')).send(`<iq type='set' id='b'>${block}</iq>`)
  },
}

for (const [what, happens] of Object.entries(meanwhile)) {
  test(`XEP-0198 §5: if ${what}, a client that comes back begins anew, and knows what was dealt with`, async (t) => {
    const storage = lastingStorage(t)
    const id = await stopped(storage)
    await using local = await start(storage)
    await happens(local)
    await pause()
    assert.match(await resume(local, id), /<failed xmlns='urn:xmpp:sm:3' h='3'><item-not-found /)
  })
}

test('XEP-0198 §5: a session is not resumed after another start, in which anything may have happened', async (t) => {
  const storage = lastingStorage(t)
  const id = await stopped(storage)
  {
    await using local = await start(storage)
    local.clock.advance(0)
    await pause()
  }
  await using local = await start(storage)
  assert.match(await resume(local, id), /<failed xmlns='urn:xmpp:sm:3' h='3'><item-not-found /)
})
