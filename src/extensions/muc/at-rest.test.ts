// Rooms in which nobody is: they cost nothing but their place in the store.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { InMemory } from '../../../test/in-memory.ts'
import { configure, enter, roomServer, told } from '../../../test/rooms.ts'
import { defineExtension } from '../../host/extension.ts'
import type { MemoryClient } from '../../server/memory-client.ts'
import { sqlite } from '../../storage/sqlite.ts'
import type { Driver } from '../../storage/storage.ts'
import { type Muc, muc } from './muc.ts'

const count = 250
const paging = 'http://jabber.org/protocol/rsm'
const items = 'http://jabber.org/protocol/disco#items'
const localOf = (index: number) => `r${String(index).padStart(3, '0')}`
const locals = Array.from({ length: count }, (_, index) => localOf(index))
const addressOf = (local: string) => `${local}@rooms.localhost`

/** A server with a look at which of its rooms are in memory. */
async function watched(storage: Driver, options: object = {}) {
  let api: Muc | undefined
  const watch = defineExtension({
    name: 'watch',
    needs: { muc },
    setup(_host, apis) {
      api = apis.muc
    },
  })
  const local = await roomServer({ storage, more: [watch], muc: { roomsPerAccount: 1000, ...options } })
  return { local, loaded: () => locals.filter((name) => api?.find(name)) }
}

/** A store that stays open when a server that uses it stops. */
function lasting(driver: Driver): Driver {
  return { ...driver, close: async () => {} }
}

async function makeRooms(local: InMemory): Promise<void> {
  const romeo = await local.connect('romeo@localhost/orchard')
  for (const name of locals) {
    await enter(romeo, 'romeo', '', addressOf(name))
    await configure(romeo, { persistentroom: '1', roomname: `Room ${name}` }, addressOf(name))
    await romeo.send(`<presence to='${addressOf(name)}' type='unavailable'/>`)
  }
}

async function page(client: MemoryClient, set: string) {
  client.takeAll()
  await client.send(
    `<iq type='get' id='d' to='rooms.localhost'><query xmlns='${items}'><set xmlns='${paging}'>${set}</set></query></iq>`,
  )
  const query = client.takeAll().at(-1)?.child('query', items)
  const answer = query?.child('set', paging)
  return {
    names: query?.elements('item').map((item) => item.attribute('name') ?? '') ?? [],
    last: answer?.child('last')?.text ?? '',
    index: answer?.child('first')?.attribute('index'),
    count: answer?.child('count')?.text,
  }
}

test('rooms are in memory only while they are needed, and are found and listed all the same', async () => {
  const driver = sqlite(':memory:')
  const first = await watched(lasting(driver))
  await makeRooms(first.local)
  await first.local.server.close()

  const { local, loaded } = await watched(driver, { roomsInMemory: 2 })
  await using _ = local
  const romeo = await local.connect('romeo@localhost/orchard')
  assert.deepEqual(loaded(), [], 'none after the start')
  const seen: string[] = []
  for (let after = ''; ; ) {
    const found = await page(romeo, after === '' ? '<max>100</max>' : `<max>100</max><after>${after}</after>`)
    if (found.names.length === 0) break
    assert.deepEqual([found.index, found.count], [String(seen.length), String(count)])
    seen.push(...found.names)
    after = found.last
  }
  assert.deepEqual(
    seen,
    locals.map((name) => `Room ${name}`),
    'XEP-0045 §6.3: the list, a page at a time',
  )
  assert.deepEqual((await page(romeo, '<max>2</max><index>123</index>')).names, ['Room r123', 'Room r124'])
  assert.deepEqual(loaded(), [], 'none for the list')

  romeo.takeAll()
  await enter(romeo, 'romeo', '', addressOf('r007'))
  assert.deepEqual(loaded(), ['r007'])
  assert.deepEqual(told(romeo), ['romeo moderator 110', 'subject'])
  for (const name of locals.slice(0, 10)) {
    await enter(romeo, 'romeo', '', addressOf(name))
    await romeo.send(`<presence to='${addressOf(name)}' type='unavailable'/>`)
  }
  assert.equal(loaded().length, 2, 'as many empty ones as may stay')
})

test('XEP-0045 §6.3: rooms that last and others are listed together, however one pages', async () => {
  await using local = await roomServer()
  const romeo = await local.connect('romeo@localhost/orchard')
  for (const [index, name] of ['d', 'a', 'c', 'b', 'e'].entries()) {
    await enter(romeo, 'romeo', '', addressOf(name))
    await configure(romeo, { persistentroom: String(index % 2), roomname: name }, addressOf(name))
  }
  const namesOf = async (set: string) => (await page(romeo, set)).names.join('')
  assert.equal(await namesOf(''), 'abcde')
  assert.equal(await namesOf('<max>2</max><after>b</after>'), 'cd')
  assert.equal(await namesOf('<max>2</max><before>d</before>'), 'bc')
  assert.equal(await namesOf('<max>2</max><before/>'), 'de')
  assert.equal(await namesOf('<max>2</max><index>2</index>'), 'cd')
  assert.equal(await namesOf('<max>2</max><index>9</index>'), '')
  await configure(romeo, { persistentroom: '0' }, addressOf('a'))
  await configure(romeo, { persistentroom: '1' }, addressOf('c'))
  await configure(romeo, { publicroom: '0' }, addressOf('b'))
  assert.equal(await namesOf(''), 'acde')
})
