import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask } from '../../../test/archive.ts'
import { inMemoryServer } from '../../../test/in-memory.ts'
import type { MemoryClient } from '../../server/memory-client.ts'
import { archive } from './archive.ts'

const hourMs = 3_600_000

const note = (client: MemoryClient, body: string) =>
  client.send(`<message to='${client.jid.bare}'><body>${body}</body></message>`)

/** Lets everything happen that waits for nothing outside. */
const turns = () => new Promise((resolve) => setImmediate(resolve))

test('XEP-0313 §3.2: messages past their age are removed, the oldest of every account, and no others', async () => {
  await using local = await inMemoryServer({ extensions: [archive], options: { archive: { maxDays: 1 } } })
  const romeo = await local.connect('romeo@localhost/orchard')
  const juliet = await local.connect('juliet@localhost/balcony')
  for (const client of [romeo, juliet]) for (const body of ['one', 'two']) await note(client, body)
  local.clock.advance(20 * hourMs)
  await note(romeo, 'three')
  await turns()
  assert.deepEqual((await ask(romeo)).bodies, ['one', 'two', 'three'])
  for (let hour = 0; hour < 6; hour += 1) {
    local.clock.advance(hourMs)
    await turns()
  }
  assert.deepEqual((await ask(romeo)).bodies, ['three'])
  assert.deepEqual((await ask(juliet)).bodies, [])
})

test('XEP-0313 §3.2: more than a thousand are removed in several goes', async () => {
  await using local = await inMemoryServer({ extensions: [archive], options: { archive: { maxDays: 1 } } })
  const romeo = await local.connect('romeo@localhost/orchard')
  const store = local.server.host('localhost')?.store.archive<string>('archive')
  const old = { when: local.clock.now() - 48 * hourMs, with: 'juliet@localhost', value: '<message/>' }
  for (let number = 0; number < 1200; number += 1)
    await store?.append('romeo', { id: `old${number}`, ...old })
  await note(romeo, 'new')
  local.clock.advance(hourMs)
  await turns()
  assert.equal(await store?.count('romeo'), 1)
})

test('XEP-0313 §3.2: old messages of every account go, however many accounts there are', async () => {
  await using local = await inMemoryServer({ extensions: [archive], options: { archive: { maxDays: 1 } } })
  const host = local.server.host('localhost')
  const messages = host?.store.archive<string>('archive')
  const old = { when: local.clock.now() - 48 * hourMs, with: 'juliet@localhost', value: '<message/>' }
  const locals = Array.from({ length: 250 }, (_, number) => `user${number}`)
  for (const name of locals) {
    await host?.store.keyValue('accounts').set(name, { created: 0 })
    await messages?.append(name, { id: 'old', ...old })
  }
  local.clock.advance(hourMs)
  await turns()
  const counts = await Promise.all(locals.map((name) => messages?.count(name)))
  assert.deepEqual(new Set(counts), new Set([0]))
})

test('XEP-0313 §3.2: once the extension is unloaded nothing is removed any more', async () => {
  await using local = await inMemoryServer({ extensions: [archive], options: { archive: { maxDays: 1 } } })
  const romeo = await local.connect('romeo@localhost/orchard')
  await note(romeo, 'one')
  const host = local.server.host('localhost')
  host?.extensions.unloadAll()
  local.clock.advance(48 * hourMs)
  await turns()
  assert.equal(await host?.store.archive('archive').count('romeo'), 1)
})

test('XEP-0313 §3.2: without an age messages stay', async () => {
  await using local = await inMemoryServer({ extensions: [archive] })
  const romeo = await local.connect('romeo@localhost/orchard')
  await note(romeo, 'one')
  local.clock.advance(1000 * 24 * hourMs)
  await turns()
  assert.deepEqual((await ask(romeo)).bodies, ['one'])
})

test('XEP-0313 §3.2: an account keeps so many messages, the newest', async () => {
  await using local = await inMemoryServer({
    extensions: [archive],
    options: { archive: { maxMessages: 2 } },
  })
  const romeo = await local.connect('romeo@localhost/orchard')
  for (const body of ['one', 'two', 'three']) await note(romeo, body)
  assert.deepEqual((await ask(romeo)).bodies, ['two', 'three'])
})
