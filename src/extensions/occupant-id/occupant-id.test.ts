// XEP-0421: Occupant identifiers for semi-anonymous MUCs
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { InMemory } from '../../../test/in-memory.ts'
import { administer, configure, enter, inside, open, room, roomServer, say } from '../../../test/rooms.ts'
import type { MemoryClient } from '../../server/memory-client.ts'
import { sqlite } from '../../storage/sqlite.ts'
import type { Element } from '../../xml/element.ts'
import { occupantId } from './occupant-id.ts'

const namespace = 'urn:xmpp:occupant-id:0'
const forged = `<occupant-id xmlns='${namespace}' id='forged'/>`

const start = (parts = {}) => roomServer({ more: [occupantId], ...parts })

/** Every occupant id anywhere in a stanza. */
function idsIn(stanza: Element): (string | undefined)[] {
  const own = stanza.is('occupant-id', namespace) ? [stanza.attribute('id')] : []
  return [...own, ...stanza.elements().flatMap(idsIn)]
}

/** What came, with the ids in it: `presence romeo id`. */
const seen = (client: MemoryClient) =>
  client
    .takeAll()
    .filter(({ name }) => name !== 'iq')
    .map((one) => [one.name, one.attribute('from')?.split('/')[1] ?? '', ...idsIn(one)].join(' '))

async function idOf(local: InMemory, name: string, to = room): Promise<string> {
  const client = await local.connect(`${name}@localhost/home`)
  await enter(client, name, '', to)
  const own = client.takeAll().find((stanza) => stanza.attribute('from') === `${to}/${name}`)
  return idsIn(own as Element)[0] as string
}

test('§4: it goes with every presence and message of an occupant, and is the same', async () => {
  await using local = await start()
  const romeo = await inside(local, 'romeo')
  await configure(romeo)
  romeo.takeAll()
  const id = await idOf(local, 'juliet')
  assert.match(id, /^[\w-]{43}$/)
  const juliet = local.server.host('localhost') && (await local.connect('juliet@localhost/other'))
  await enter(juliet as MemoryClient, 'juliet')
  await say(juliet as MemoryClient, 'Hello')
  await (juliet as MemoryClient).send(`<message to='${room}/romeo' type='chat'><body>Psst</body></message>`)
  await (juliet as MemoryClient).send(`<presence to='${room}/jule'/>`)
  await administer(romeo, `<item nick='jule' role='none'/>`)
  assert.deepEqual(seen(romeo), [
    `presence juliet ${id}`,
    `presence juliet ${id}`,
    `message juliet ${id}`,
    `message juliet ${id}`,
    `presence juliet ${id}`,
    `presence jule ${id}`,
    `presence jule ${id}`,
  ])
})

test('§4: it goes with history and the subject', async () => {
  await using local = await start()
  const romeo = await inside(local, 'romeo')
  await configure(romeo)
  await say(romeo, 'Hello')
  await romeo.send(`<message to='${room}' type='groupchat'><subject>Dawn</subject></message>`)
  const id = idsIn(romeo.takeAll().at(-1) as Element)[0]
  const juliet = await local.connect('juliet@localhost/balcony')
  await enter(juliet, 'juliet')
  const got = seen(juliet)
  assert.deepEqual(got.slice(-2), [`message romeo ${id}`, `message romeo ${id}`])
})

test('§4.1: the same account has another id in another room, and others have others', async () => {
  await using local = await start()
  const ids = [
    await idOf(local, 'romeo'),
    await idOf(local, 'romeo', 'other@rooms.localhost'),
    await idOf(local, 'juliet', 'third@rooms.localhost'),
  ]
  assert.equal(new Set(ids).size, 3)
})

test('§4.1: clients of one account have the same id', async () => {
  await using local = await start()
  const romeo = await inside(local, 'romeo')
  await configure(romeo)
  const first = await idOf(local, 'juliet')
  const phone = await local.connect('juliet@localhost/phone')
  await enter(phone, 'another')
  assert.equal(
    idsIn(phone.takeAll().find((one) => one.attribute('from')?.endsWith('another')) as Element)[0],
    first,
  )
})

test('§4: forged ids are taken away: several, anywhere inside, in presence, messages and private ones', async () => {
  await using local = await start()
  const romeo = await inside(local, 'romeo')
  await configure(romeo)
  const id = await idOf(local, 'juliet')
  romeo.takeAll()
  const juliet = await local.connect('juliet@localhost/other')
  const inner = `${forged}${forged}<forwarded xmlns='urn:xmpp:forward:0'><message>${forged}</message></forwarded>`
  await juliet.send(
    `<presence to='${room}/juliet'>${inner}<x xmlns='http://jabber.org/protocol/muc'/></presence>`,
  )
  await juliet.send(`<presence to='${room}/juliet'><show>away</show>${inner}</presence>`)
  await juliet.send(`<message to='${room}' type='groupchat'><body>Hello</body>${inner}</message>`)
  await juliet.send(`<message to='${room}/romeo' type='chat'><body>Hello</body>${inner}</message>`)
  await juliet.send(`<presence to='${room}/juliet' type='unavailable'>${inner}</presence>`)
  const stanzas = romeo.takeAll()
  assert.equal(stanzas.length, 5)
  for (const stanza of stanzas) assert.deepEqual(idsIn(stanza), [id])
  assert.ok(stanzas[2]?.child('forwarded', 'urn:xmpp:forward:0'), 'what is around stays')
})

/** Makes the random values that come differ from those of another server. */
function drawIds(local: InMemory, count: number): void {
  for (let drawn = 0; drawn < count; drawn += 1) local.server.host('localhost')?.ids.id()
}

test('§4.1: it is the same after a restart', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'occupant-id-'))
  try {
    const ids: string[] = []
    for (const others of [0, 3]) {
      await using local = await start({ storage: sqlite(join(folder, 'data.db')) })
      drawIds(local, others)
      ids.push(await idOf(local, 'romeo'))
      const romeo = await local.connect('romeo@localhost/orchard')
      await enter(romeo, 'romeo')
      await configure(romeo, { persistentroom: '1' })
    }
    assert.equal(ids[0], ids[1])
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('§4.1: a room that was kept before it had a secret keeps the one it gets', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'occupant-id-'))
  try {
    const file = () => sqlite(join(folder, 'data.db'))
    {
      await using local = await roomServer({ storage: file() })
      const romeo = await inside(local, 'romeo')
      await open(romeo, { persistentroom: '1' })
    }
    const ids: string[] = []
    for (const others of [0, 3]) {
      await using local = await start({ storage: file() })
      drawIds(local, others)
      ids.push(await idOf(local, 'romeo'))
    }
    assert.equal(ids[0], ids[1])
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('§2: rooms and the service say so', async () => {
  await using local = await start()
  const romeo = await inside(local, 'romeo')
  await open(romeo)
  const info = 'http://jabber.org/protocol/disco#info'
  for (const to of [room, 'rooms.localhost']) {
    await romeo.send(`<iq type='get' id='d' to='${to}'><query xmlns='${info}'/></iq>`)
    const features = romeo.takeAll()[0]?.child('query', info)?.elements('feature')
    assert.ok(
      features?.some((feature) => feature.attribute('var') === namespace),
      to,
    )
  }
})
