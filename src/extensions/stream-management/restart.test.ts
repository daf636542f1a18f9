// XEP-0198 §5 over a restart of the server.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type InMemory, inMemoryServer } from '../../../test/in-memory.ts'
import { authenticatedPeer, lastingStorage } from '../../../test/in-memory-peer.ts'
import { pause } from '../../../test/pause.ts'
import { bindRequest, type TestPeer } from '../../../test/stream-peer.ts'
import type { Driver } from '../../storage/storage.ts'
import { carbons } from '../carbons/carbons.ts'
import { offline } from '../offline/offline.ts'
import { roster } from '../roster/roster.ts'
import { streamManagement } from './stream-management.ts'

const ns = `xmlns='urn:xmpp:sm:3'`
const message = (body: string, to = 'juliet@localhost') =>
  `<message to='${to}' type='chat' id='${body}'><body>${body}</body></message>`
const bodies = (text: string) => [...text.matchAll(/<body>([^<]*)<\/body>/g)].map(([, body]) => body)

const start = (storage: Driver, extensions = [streamManagement, offline, roster, carbons]) =>
  inMemoryServer({ extensions, storage, options: { 'stream-management': { resumeSeconds: 60 } } })

/** Juliet's client, available; answers its SM-ID and what came, too. */
async function managed(
  local: InMemory,
  more = '',
  resource = 'phone',
): Promise<TestPeer & { id: string; came: string }> {
  const peer = await authenticatedPeer(local)
  await peer.exchange(bindRequest(resource))
  const enabled = await peer.exchange(`<enable ${ns} resume='true'/><presence/>${more}`)
  await pause()
  const id = /<enabled [^>]*id='([^']*)'/.exec(enabled)?.[1] ?? ''
  return Object.assign(peer, { id, came: enabled + (await peer.settled()) })
}

/** What comes when a client resumes, until nothing more does. */
async function resume(local: InMemory, id: string, h: number, name?: string) {
  const peer = await authenticatedPeer(local, name)
  const first = await peer.exchange(`<resume ${ns} previd='${id}' h='${h}'/>`)
  await pause()
  return { peer, answer: first + (await peer.settled()) }
}

test('XEP-0198 §5: a client that was connected when the server stopped comes back to the next, and misses nothing', async (t) => {
  const storage = lastingStorage(t)
  let id = ''
  {
    await using local = await start(storage)
    const juliet = await managed(
      local,
      `<iq type='set' id='c'><enable xmlns='urn:xmpp:carbons:2'/></iq><iq type='get' id='r'><query xmlns='jabber:iq:roster'/></iq>`,
    )
    id = juliet.id
    const romeo = await local.connect('romeo@localhost/orchard')
    // Presence and two answers have come before: the fourth and fifth are these.
    for (const body of ['1', '2']) await romeo.send(message(body))
    assert.deepEqual(bodies(await juliet.settled()), ['1', '2'])
  }
  await using local = await start(storage)
  // A restart takes time.
  local.clock.advance(1)
  const romeo = await local.connect('romeo@localhost/orchard')
  await romeo.send(message('3'))
  const { peer, answer } = await resume(local, id, 4)
  assert.match(answer, new RegExp(`<resumed xmlns='urn:xmpp:sm:3' previd='${id}' h='3'/>`))
  assert.deepEqual(bodies(answer), ['2', '3'], 'what was not acknowledged, and what came meanwhile')
  assert.deepEqual(romeo.takeAll(), [])
  await romeo.send(message('4'))
  assert.deepEqual(bodies(await peer.settled()), ['4'], 'it is available again')
  const desk = await local.connect('juliet@localhost/desk')
  await desk.send(message('5', 'romeo@localhost/orchard'))
  assert.match(await peer.settled(), /<sent xmlns='urn:xmpp:carbons:2'>/, 'what it had enabled is enabled')
  await desk.send(
    `<iq type='set' id='n'><query xmlns='jabber:iq:roster'><item jid='nurse@localhost'/></query></iq>`,
  )
  assert.match(await peer.settled(), /<item [^>]*jid='nurse@localhost'/, 'it is told of changes')
})

test('XEP-0198 §5: after the restart, what the client acknowledges is forgotten', async (t) => {
  const storage = lastingStorage(t)
  let id = ''
  {
    await using local = await start(storage)
    const juliet = await managed(local)
    id = juliet.id
    const romeo = await local.connect('romeo@localhost/orchard')
    await romeo.send(message('1'))
    juliet.transport.destroy()
    await juliet.settled()
  }
  {
    await using local = await start(storage)
    const { peer, answer } = await resume(local, id, 1)
    assert.deepEqual(bodies(answer), ['1'])
    // Its own presence, again, is the second.
    peer.send(`<a ${ns} h='3'/>`)
    await pause()
    peer.send('</stream:stream>')
    await pause()
  }
  await using local = await start(storage)
  const again = await managed(local)
  assert.deepEqual(bodies(again.came), [])
})

test('XEP-0198 §5: what a client had received when the server stopped does not come to it again, acknowledged or not', async (t) => {
  const storage = lastingStorage(t)
  let id = ''
  {
    await using local = await start(storage)
    const juliet = await managed(local)
    id = juliet.id
    const romeo = await local.connect('romeo@localhost/orchard')
    for (const body of ['1', '2']) await romeo.send(message(body))
    assert.deepEqual(bodies(await juliet.settled()), ['1', '2'])
  }
  {
    await using local = await start(storage)
    // Its presence, and both messages.
    const { peer, answer } = await resume(local, id, 3)
    assert.match(answer, /<resumed /)
    assert.deepEqual(bodies(answer), [])
    peer.send('</stream:stream>')
    await pause()
  }
  await using local = await start(storage)
  assert.deepEqual(bodies((await managed(local)).came), [], 'nor to any other')
})

test('XEP-0198 §5: what another client acknowledged before the restart does not come to it again afterwards', async (t) => {
  const storage = lastingStorage(t)
  const ids: string[] = []
  {
    await using local = await start(storage)
    const phone = await managed(local)
    const desk = await managed(local, '', 'desk')
    ids.push(phone.id, desk.id)
    const romeo = await local.connect('romeo@localhost/orchard')
    await romeo.send(message('1'))
    assert.deepEqual(bodies(await desk.settled()), ['1'])
    // The presence of both, and the message.
    desk.send(`<a ${ns} h='3'/>`)
    await desk.settled()
  }
  await using local = await start(storage)
  const desk = await resume(local, ids[1] as string, 3)
  assert.deepEqual(bodies(desk.answer), [])
  const phone = await resume(local, ids[0] as string, 2)
  assert.deepEqual(bodies(phone.answer), ['1'], 'its own copy')
  phone.peer.transport.destroy()
  await phone.peer.settled()
  local.clock.advance(60_000)
  await pause()
  assert.deepEqual(bodies(await desk.peer.settled()), [])
})

test('XEP-0198 §5: who comes back to nothing kept, too late, or as somebody else is refused, with the count if it is known', async (t) => {
  const storage = lastingStorage(t)
  const ids: string[] = []
  {
    await using local = await start(storage)
    const juliet = await managed(local)
    ids.push(juliet.id)
  }
  await using local = await start(storage)
  assert.match((await resume(local, 'made-up', 0)).answer, /<item-not-found /)
  assert.match(
    (await resume(local, ids[0] as string, 0, 'romeo')).answer,
    /<failed xmlns='urn:xmpp:sm:3'><item/,
  )
  local.clock.advance(59_000)
  const known = await resume(local, ids[0] as string, 9)
  assert.match(known.answer, /<failed xmlns='urn:xmpp:sm:3' h='1'><item-not-found /, 'it never had nine')
})

test('XEP-0198 §4: a session that nobody comes back to sends on what it was not given', async (t) => {
  const storage = lastingStorage(t)
  const withoutStore = [streamManagement, roster]
  {
    await using local = await start(storage, withoutStore)
    const juliet = await managed(local)
    const romeo = await local.connect('romeo@localhost/orchard')
    await romeo.send(message('1'))
    await juliet.settled()
  }
  await using local = await start(storage, withoutStore)
  const romeo = await local.connect('romeo@localhost/orchard')
  local.clock.advance(120_000)
  await pause()
  const [error] = romeo.takeAll()
  assert.equal(error?.attribute('id'), '1')
  assert.equal(error?.attribute('type'), 'error')
})

test('a session that rooms have let go of is not resumed, but its count is known', async (t) => {
  const storage = lastingStorage(t)
  let id = ''
  {
    await using local = await start(storage)
    await local.connect('romeo@localhost/orchard')
    const juliet = await managed(local, `<presence to='romeo@localhost/orchard'/>`)
    id = juliet.id
  }
  await using local = await start(storage)
  assert.match((await resume(local, id, 0)).answer, /<failed xmlns='urn:xmpp:sm:3' h='2'>/)
})

test('RFC 6121 §8.5.2.1: what a client without stream management had does not come to it again for another’s sake', async (t) => {
  const storage = lastingStorage(t)
  {
    await using local = await start(storage)
    await managed(local)
    const desk = await local.connect('juliet@localhost/desk')
    await desk.send('<presence/>')
    const romeo = await local.connect('romeo@localhost/orchard')
    await romeo.send(message('1'))
    assert.ok(desk.takeAll().some((stanza) => stanza.attribute('id') === '1'))
  }
  await using local = await start(storage)
  const desk = await local.connect('juliet@localhost/desk')
  await desk.send('<presence/>')
  local.clock.advance(120_000)
  await pause()
  assert.ok(!desk.takeAll().some((stanza) => stanza.attribute('id') === '1'))
})
