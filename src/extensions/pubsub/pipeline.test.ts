// Many publish at once to one node: nobody waits for the commits of others, and all is as if one had come after the other.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { ask, asked, make, nodesServer, publish, read, submit, subscribe, told } from '../../../test/nodes.ts'
import type { MemoryClient } from '../../server/memory-client.ts'
import { sqlite } from '../../storage/sqlite.ts'
import type { Value } from '../../storage/storage.ts'
import { mostKnown } from './known-items.ts'

const folder = mkdtempSync(join(tmpdir(), 'balcony-pubsub-'))
after(() => rmSync(folder, { recursive: true }))

/** The ids that are left of those that were published, in their order. */
function model(published: readonly string[], most: number): string[] {
  const left = new Set<string>()
  for (const id of published) {
    left.delete(id)
    left.add(id)
  }
  return [...left].slice(-most)
}

test('of items published at once, again or anew, those are kept that were told last, in that order', async () => {
  await using local = await nodesServer({
    pubsubOptions: { items: 1000, pageSize: 1000 },
    storage: sqlite(join(folder, 'order.db')),
  })
  const admin = await local.connect('admin@localhost/home')
  const romeo = await local.connect('romeo@localhost/orchard')
  const clients = await Promise.all([...'abcdefgh'].map((name) => local.connect(`admin@localhost/${name}`)))
  await romeo.send('<presence/>')
  let run = 0
  const id = fc.nat(12).map((number) => `i${number}`)
  // Small nodes have all known; large ones have it looked up.
  const property = fc.asyncProperty(
    fc.array(id, { minLength: 20, maxLength: 40 }),
    fc.constantFrom([3, 0], [1000, 0], [1000, mostKnown + 20], [mostKnown + 5, mostKnown + 5]),
    async (ids, [most = 0, filled = 0]) => {
      const node = `n${run++}`
      await make(admin, node, { max_items: String(most) })
      const before = Array.from({ length: filled }, (_, index) => `before${index}`)
      await publishAll(clients, node, before)
      await subscribe(romeo, node)
      const start = await idsOf(admin, node)
      told(romeo)
      await publishAll(clients, node, ids)
      const inOrder = told(romeo).map((event) => event.replace(`${node}: +`, ''))
      assert.deepEqual(inOrder.toSorted(), ids.toSorted())
      assert.deepEqual(await idsOf(admin, node), model([...start, ...inOrder], most))
    },
  )
  await fc.assert(property, { seed: 7, numRuns: 16 })
})

test('what cannot be kept is refused to who published it, and is not counted', async () => {
  await using local = await nodesServer({
    pubsubOptions: { items: 1000 },
    storage: sqlite(join(folder, 'full.db'), { maxFileBytes: 300_000 }),
  })
  const admin = await local.connect('admin@localhost/home')
  const clients = await Promise.all([...'abcd'].map((name) => local.connect(`admin@localhost/${name}`)))
  await make(admin, 'n', { max_items: 'max' })
  const kept: string[] = []
  const large = 'x'.repeat(5000)
  await Promise.all(
    clients.map(async (client, index) => {
      for (let number = 0; number < 15; number += 1) {
        const id = `${index}-${number}`
        const item = `<item id='${id}'><entry xmlns='urn:example'>${large}</entry></item>`
        const answer = await asked(client, `<publish node='n'>${item}</publish>`)
        if (/^<pubsub>/.test(answer)) kept.push(id)
      }
    }),
  )
  assert.ok(kept.length > 5 && kept.length < 60, `${kept.length} were kept`)
  assert.deepEqual((await idsOf(admin, 'n')).toSorted(), kept.toSorted())
  assert.equal(await counted(admin, 'n'), kept.length)
  for (const id of kept.slice(0, 3)) await asked(admin, `<retract node='n'><item id='${id}'/></retract>`)
  assert.match(await publish(admin, 'n', 'another'), /another/)
  assert.equal(await counted(admin, 'n'), kept.length - 2)
})

test('after a purge nothing is left, whatever is published meanwhile, and soon nothing in the store', async () => {
  const storage = sqlite(join(folder, 'purge.db'))
  await using local = await nodesServer({ pubsubOptions: { items: 5000, pageSize: 5000 }, storage })
  const admin = await local.connect('admin@localhost/home')
  const clients = await Promise.all([...'abcd'].map((name) => local.connect(`admin@localhost/${name}`)))
  await make(admin, 'n', { max_items: 'max' })
  const ids = Array.from({ length: 1200 }, (_, index) => `i${index}`)
  await publishAll(clients, 'n', ids)
  await asked(admin, `<purge node='n'/>`, { isOwner: true })
  await publishAll(clients, 'n', ['after', 'i7'])
  assert.deepEqual((await idsOf(admin, 'n')).toSorted(), ['after', 'i7'])
  await asked(admin, `<delete node='n'/>`, { isOwner: true })
  await make(admin, 'n', { max_items: 'max' })
  assert.deepEqual(await idsOf(admin, 'n'), [])
  await publishAll(clients, 'n', ['again'])
  const heads = storage.collection('pubsub.localhost/pubsub-nodes')
  for (let tries = 0; tries < 1000 && (await heads.all('')).size > 1; tries += 1) await sleep(5)
  assert.deepEqual([...(await heads.all('')).keys()], ['n'])
  assert.deepEqual(await idsOf(admin, 'n'), ['again'])
})

test('a node of very many items that is to keep few keeps the newest, in their order, and counts on', async () => {
  const storage = sqlite(join(folder, 'trim.db'))
  await using local = await nodesServer({ pubsubOptions: { items: 5000, pageSize: 5000 }, storage })
  const admin = await local.connect('admin@localhost/home')
  const clients = await Promise.all([...'abcd'].map((name) => local.connect(`admin@localhost/${name}`)))
  await make(admin, 'n', { max_items: 'max' })
  const ids = Array.from({ length: 1100 }, (_, index) => `i${index}`)
  await publishAll(clients, 'n', ids)
  const before = await idsOf(admin, 'n')
  const configuration = submit({ max_items: '20' })
  await asked(admin, `<configure node='n'>${configuration}</configure>`, { isOwner: true })
  assert.deepEqual(await idsOf(admin, 'n'), before.slice(-20))
  assert.equal(await counted(admin, 'n'), 20)
  await publish(admin, 'n', before.at(-20) ?? '')
  await publish(admin, 'n', 'new')
  assert.deepEqual(await idsOf(admin, 'n'), [...before.slice(-18), before.at(-20), 'new'])
  const heads = storage.collection('pubsub.localhost/pubsub-nodes')
  for (let tries = 0; tries < 1000 && (await heads.all('')).size > 1; tries += 1) await sleep(5)
  assert.deepEqual([...(await heads.all('')).keys()], ['n'])
})

test('what a purge left behind goes at the next start', async () => {
  const path = join(folder, 'left.db')
  {
    const storage = sqlite(path)
    await using local = await nodesServer({ storage })
    const admin = await local.connect('admin@localhost/home')
    await make(admin, 'n', { max_items: 'max' })
    await publish(admin, 'n', 'a')
    // As it would be after a loss of power.
    await storage.collection('pubsub.localhost/pubsub-items').set('\nother\u00011', 'item b', [1, 1])
    await storage.collection('pubsub.localhost/pubsub-nodes').set('', '\u0001\nother\u00011', { left: true })
  }
  const storage = sqlite(path)
  await using local = await nodesServer({ storage })
  const admin = await local.connect('admin@localhost/home')
  assert.deepEqual(await idsOf(admin, 'n'), ['a'])
  const items = storage.collection('pubsub.localhost/pubsub-items')
  for (let tries = 0; tries < 1000 && (await items.count('\nother\u00011')) > 0; tries += 1) {
    await sleep(5)
  }
  assert.equal(await items.count('\nother\u00011'), 0)
})

test('nodes of before items had a place of their own are read as they were', async () => {
  const storage = sqlite(':memory:')
  const nodes = storage.collection('pubsub.localhost/pubsub-nodes')
  await nodes.set('', 'n', { creator: 'admin@localhost', createdAt: 0, values: {} })
  const item = { id: 'a', publisher: 'admin@localhost', when: 0 }
  const items = storage.collection('pubsub.localhost/pubsub-items')
  const totals = { items: 1, bytes: 0, last: 1 }
  await items.change(
    '\nn',
    new Map<string, Value>([
      ['item a', [1, 0]],
      ['place 0000000000000001', item],
      ['totals', totals],
    ]),
  )
  await using local = await nodesServer({ storage })
  const admin = await local.connect('admin@localhost/home')
  assert.deepEqual(await idsOf(admin, 'n'), ['a'])
  await publish(admin, 'n', 'b')
  assert.deepEqual(await idsOf(admin, 'n'), ['a', 'b'])
  await asked(admin, `<purge node='n'/>`, { isOwner: true })
  assert.deepEqual(await idsOf(admin, 'n'), [])
})

async function idsOf(client: MemoryClient, node: string): Promise<string[]> {
  return (await read(client, node)).split(' ').filter(Boolean)
}

async function counted(client: MemoryClient, node: string): Promise<number> {
  const page = `<set xmlns='http://jabber.org/protocol/rsm'><max>1</max></set>`
  const answer = await ask(client, `<items node='${node}'/>${page}`, { type: 'get' })
  const set = typeof answer === 'object' ? answer.child('set', 'http://jabber.org/protocol/rsm') : undefined
  return Number(set?.elements('count')[0]?.text)
}

async function publishAll(
  clients: readonly MemoryClient[],
  node: string,
  ids: readonly string[],
): Promise<void> {
  const queue = [...ids]
  await Promise.all(
    clients.map(async (client) => {
      for (let id = queue.shift(); id !== undefined; id = queue.shift()) {
        assert.match(await publish(client, node, id), /publish/)
      }
    }),
  )
}
