// XEP-0160 with XEP-0198: what a session was given and did not acknowledge.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type InMemory, inMemoryServer } from '../../../test/in-memory.ts'
import { connectedPeer } from '../../../test/in-memory-peer.ts'
import { pause } from '../../../test/pause.ts'
import { bindRequest, header, plain, type TestPeer } from '../../../test/stream-peer.ts'
import { jid } from '../../jid/jid.ts'
import { offline } from './offline.ts'

const ns = `xmlns='urn:xmpp:sm:3'`
const message = (body: string, to = 'juliet@localhost') =>
  `<message to='${to}' type='chat' id='${body}'><body>${body}</body></message>`
const bodies = (text: string) => [...text.matchAll(/<body>([^<]*)<\/body>/g)].map(([, body]) => body)

const start = () =>
  inMemoryServer({ extensions: [offline], options: { 'stream-management': { resumeSeconds: 60 } } })

/** Juliet's client with stream management, not available yet. */
async function juliet(local: InMemory, resource: string): Promise<TestPeer> {
  await local.server.host('localhost')?.accounts.create(jid('juliet@localhost'), 'password')
  const peer = connectedPeer(local)
  await peer.exchange(header())
  await peer.exchange(plain('juliet', 'password'))
  await peer.exchange(header())
  await peer.exchange(bindRequest(resource))
  await peer.exchange(`<enable ${ns} resume='true'/>`)
  return peer
}

async function appear(peer: TestPeer): Promise<string[]> {
  peer.send('<presence/>')
  await peer.settled()
  await pause()
  return bodies(await peer.settled()) as string[]
}

/** Appears, and answers what had come with the presence, too. */
async function appearAll(peer: TestPeer): Promise<string[]> {
  const first = await peer.exchange('<presence/>')
  await pause()
  return bodies(first + (await peer.settled())) as string[]
}

test('a message that was given and not acknowledged waits again when the session is over, once and in order', async () => {
  await using local = await start()
  const romeo = await local.connect('romeo@localhost/orchard')
  const first = await juliet(local, 'one')
  for (const body of ['1', '2']) await romeo.send(message(body))
  assert.deepEqual(await appearAll(first), ['1', '2'])
  await romeo.send(message('3'))
  await first.settled()
  first.transport.destroy()
  await first.settled()
  local.clock.advance(60_000)
  await pause()
  const second = await juliet(local, 'two')
  assert.deepEqual(await appearAll(second), ['1', '2', '3'])
  second.send(`<a ${ns} h='4'/>`)
  await pause()
  second.send('</stream:stream>')
  await pause()
  assert.deepEqual(await appearAll(await juliet(local, 'three')), [])
  assert.deepEqual(romeo.takeAll(), [])
})

test('another session that is there takes over what the dead one did not acknowledge, and then it is forgotten', async () => {
  await using local = await start()
  const romeo = await local.connect('romeo@localhost/orchard')
  const first = await juliet(local, 'one')
  for (const body of ['1', '2']) await romeo.send(message(body))
  assert.deepEqual(await appearAll(first), ['1', '2'])
  const second = await juliet(local, 'two')
  assert.deepEqual(await appear(second), [], 'what another session has been given is not given again')
  first.transport.destroy()
  await first.settled()
  local.clock.advance(60_000)
  await pause()
  assert.deepEqual(bodies(await second.settled()), ['1', '2'])
  second.send(`<r ${ns}/><a ${ns} h='5'/>`)
  await pause()
  second.send('</stream:stream>')
  await pause()
  assert.deepEqual(await appearAll(await juliet(local, 'three')), [])
})

test('a message that a client has acknowledged is not kept any longer', async () => {
  await using local = await start()
  const romeo = await local.connect('romeo@localhost/orchard')
  await romeo.send(message('1', 'juliet@localhost'))
  romeo.takeAll()
  const first = await juliet(local, 'one')
  await romeo.send(message('2'))
  assert.deepEqual(await appearAll(first), ['2'])
  first.send(`<a ${ns} h='2'/>`)
  await pause()
  first.transport.destroy()
  await first.settled()
  local.clock.advance(60_000)
  await pause()
  assert.deepEqual(await appearAll(await juliet(local, 'two')), [])
})
