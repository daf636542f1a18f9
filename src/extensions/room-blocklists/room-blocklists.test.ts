// XEP-0045 §7.2.7, XEP-0060: lists of hashed addresses that no room lets in
import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { InMemory } from '../../../test/in-memory.ts'
import { administer, enter, inside, open, room, roomServer, say, told } from '../../../test/rooms.ts'
import type { MemoryClient } from '../../server/memory-client.ts'
import { sqlite } from '../../storage/sqlite.ts'
import { pubsub } from '../pubsub/pubsub.ts'
import { roomBlocklists } from './room-blocklists.ts'

const list = 'pubsub.localhost/muc_bans_sha256'
const minuteMs = 60_000

interface Wishes {
  readonly options?: object
  readonly file?: string
}

function start({ options = {}, file = ':memory:' }: Wishes = {}): Promise<InMemory> {
  return roomServer({
    more: [roomBlocklists],
    pubsub: [pubsub],
    admins: ['admin@localhost'],
    storage: sqlite(file),
    options: { 'room-blocklists': options, pubsub: { items: 1000 } },
  })
}

const create = `<create node='muc_bans_sha256'/><configure><x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>http://jabber.org/protocol/pubsub#node_config</value></field><field var='pubsub#max_items'><value>1000</value></field></x></configure>`
const hashOf = (address: string) => hash('sha256', address)
const turns = async () => {
  for (let count = 0; count < 20; count += 1) await new Promise((resolve) => setImmediate(resolve))
}

async function pubsubSet(client: MemoryClient, inside: string): Promise<void> {
  const pubsub = `<pubsub xmlns='http://jabber.org/protocol/pubsub'>${inside}</pubsub>`
  await client.send(`<iq type='set' id='p' to='pubsub.localhost'>${pubsub}</iq>`)
  assert.deepEqual(told(client), ['result'])
}

const publish = (client: MemoryClient, id: string) =>
  pubsubSet(
    client,
    `<publish node='muc_bans_sha256'><item id='${id}'><report xmlns='urn:xmpp:reporting:1'/></item></publish>`,
  )
const retract = (client: MemoryClient, id: string) =>
  pubsubSet(client, `<retract node='muc_bans_sha256' notify='true'><item id='${id}'/></retract>`)

/** A room of Romeo's, and the service's admin. */
async function scene(local: InMemory) {
  const romeo = await inside(local, 'romeo')
  await open(romeo)
  return { romeo, admin: await local.connect('admin@localhost/desk') }
}

/** What the room answers to somebody who enters. */
async function tryToEnter(local: InMemory, name: string): Promise<string | undefined> {
  const client = await local.connect(`${name}@localhost/home`)
  await enter(client, name)
  const answers = told(client)
  await client.send(`<presence to='${room}/${name}' type='unavailable'/>`)
  client.takeAll()
  return answers.find((line) => line.startsWith('error')) ?? answers.find((line) => line.startsWith(name))
}

async function command(client: MemoryClient, node: string, addresses: string): Promise<string | undefined> {
  client.takeAll()
  const field = `<field var='addresses'>${addresses
    .split(' ')
    .map((text) => `<value>${text}</value>`)
    .join('')}</field>`
  await client.send(
    `<iq type='set' id='c' to='rooms.localhost'><command xmlns='http://jabber.org/protocol/commands' node='${node}'><x xmlns='jabber:x:data' type='submit'>${field}</x></command></iq>`,
  )
  const [answer] = client.takeAll()
  return answer?.child('error')?.elements()[0]?.name ?? answer?.elements()[0]?.child('note')?.text
}

test('who is on a list that others keep is not let in, from when it is there, and is when no longer', async () => {
  await using local = await start({ options: { lists: [list] } })
  const { romeo, admin } = await scene(local)
  await pubsubSet(admin, create)
  for (let number = 0; number < 260; number += 1) await publish(admin, hashOf(`p${number}@localhost`))
  await publish(admin, hashOf('paris@localhost').toUpperCase())
  assert.equal(await tryToEnter(local, 'paris'), 'paris participant 110', 'not read yet')
  local.clock.advance(1000)
  await turns()
  assert.equal(await tryToEnter(local, 'paris'), 'error forbidden')
  assert.equal(await tryToEnter(local, 'p259'), 'error forbidden', 'of a list of several pages')
  assert.equal(await tryToEnter(local, 'juliet'), 'juliet participant 110')
  await retract(admin, hashOf('p1@localhost'))
  assert.equal(await tryToEnter(local, 'p1'), 'p1 participant 110')
  const juliet = await inside(local, 'juliet')
  romeo.takeAll()
  await publish(admin, hashOf('juliet@localhost'))
  assert.deepEqual(told(juliet), ['-juliet 307,110'], 'who is inside goes')
  assert.deepEqual(told(romeo), ['-juliet 307'])
  await say(juliet, 'hello?')
  assert.deepEqual(told(juliet), ['error not-acceptable'])
})

test('events come from the list’s own service only', async () => {
  await using local = await start({ options: { lists: [list] } })
  await scene(local)
  const mallory = await local.connect('mallory@localhost/home')
  const item = `<item id='${hashOf('juliet@localhost')}'/>`
  await mallory.send(
    `<message to='rooms.localhost'><event xmlns='http://jabber.org/protocol/pubsub#event'><items node='muc_bans_sha256'>${item}</items></event></message>`,
  )
  assert.deepEqual(told(mallory), ['error service-unavailable'])
  assert.equal(await tryToEnter(local, 'juliet'), 'juliet participant 110')
})

test('a list that cannot be had is tried again, and read again now and then', async () => {
  await using local = await start({ options: { lists: [list] } })
  const { admin } = await scene(local)
  local.clock.advance(1000)
  await turns()
  await pubsubSet(admin, create)
  await publish(admin, hashOf('paris@localhost'))
  assert.equal(await tryToEnter(local, 'paris'), 'paris participant 110')
  local.clock.advance(5 * minuteMs)
  await turns()
  assert.equal(await tryToEnter(local, 'paris'), 'error forbidden')
  // Unseen: without an event.
  await pubsubSet(
    admin,
    `<retract node='muc_bans_sha256'><item id='${hashOf('paris@localhost')}'/></retract>`,
  )
  local.clock.advance(60 * minuteMs)
  await turns()
  assert.equal(await tryToEnter(local, 'paris'), 'paris participant 110')
})

test('admins block and unblock by commands, and others do not; it is kept over a restart', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'room-blocklists-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'data.db')
  {
    await using local = await start({ file })
    const { romeo, admin } = await scene(local)
    assert.equal(await command(romeo, 'block-addresses', 'juliet@localhost'), 'forbidden')
    assert.equal(
      await command(admin, 'block-addresses', `juliet@localhost/x ${hashOf('paris@localhost')}`),
      '2 blocked; 2 are on the list.',
    )
    assert.equal(await command(admin, 'block-addresses', '@@'), 'not-acceptable')
    assert.equal(
      await command(admin, 'unblock-addresses', 'paris@localhost nurse@localhost'),
      '1 no longer blocked; 1 are on the list.',
    )
  }
  await using local = await start({ file })
  await scene(local)
  assert.equal(await tryToEnter(local, 'juliet'), 'error forbidden')
  assert.equal(await tryToEnter(local, 'paris'), 'paris participant 110')
})

test('a domain is blocked by its hash; rooms let in whom they know, and nobody comes in by making one', async () => {
  await using local = await start({ options: { addresses: [hashOf('localhost')] } })
  const romeo = await local.connect('romeo@localhost/home')
  await enter(romeo, 'romeo')
  assert.deepEqual(told(romeo), ['error forbidden'])
  const admin = await local.connect('admin@localhost/home')
  await open(admin)
  await administer(admin, "<item jid='romeo@localhost' affiliation='member'/>")
  await enter(romeo, 'romeo')
  assert.ok(told(romeo).includes('romeo participant 110'))
})

test('limits: hashes of a list, addresses in a command; a list that is no address does not start', async () => {
  await using local = await start({ options: { maxHashes: 2, atATime: 3 } })
  const { admin } = await scene(local)
  assert.equal(await command(admin, 'block-addresses', 'a@x b@x c@x d@x'), 'policy-violation')
  assert.equal(await command(admin, 'block-addresses', 'a@x b@x c@x'), '2 blocked; 2 are on the list.')
  await assert.rejects(start({ options: { lists: ['pubsub.localhost'] } }), /is not service\/node/)
  await assert.rejects(start({ options: { addresses: ['@'] } }), /@ is no address/)
})
