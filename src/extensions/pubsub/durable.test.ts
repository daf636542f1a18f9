// What is kept of nodes when a server is started again, and when nodes do not all fit into memory.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { asked, make, nodesServer, publish, read, subscribe, told } from '../../../test/nodes.ts'
import { sqlite } from '../../storage/sqlite.ts'

const folder = mkdtempSync(join(tmpdir(), 'balcony-pubsub-'))
after(() => rmSync(folder, { recursive: true }))

test('nodes, items, lists and where nodes went are there after a restart', async () => {
  const path = join(folder, 'restart.db')
  {
    await using local = await nodesServer({ storage: sqlite(path) })
    const admin = await local.connect('admin@localhost/home')
    const romeo = await local.connect('romeo@localhost/orchard')
    await make(admin, 'n', { title: 'Title', max_items: '2' })
    await make(admin, 'gone')
    await asked(admin, `<delete node='gone'><redirect uri='xmpp:x?;node=y'/></delete>`, { isOwner: true })
    for (const id of ['a', 'b', 'c']) await publish(admin, 'n', id)
    await subscribe(romeo, 'n')
    const member = `<affiliation jid='juliet@localhost' affiliation='publisher'/>`
    await asked(admin, `<affiliations node='n'>${member}</affiliations>`, { isOwner: true })
    await publish(admin, 'http://example.org/mood', 'm', '')
  }
  await using local = await nodesServer({ storage: sqlite(path) })
  const admin = await local.connect('admin@localhost/home')
  const romeo = await local.connect('romeo@localhost/orchard')
  const juliet = await local.connect('juliet@localhost/balcony')
  await romeo.send('<presence/>')
  assert.equal(await read(romeo, 'n'), 'b c')
  assert.match(await publish(juliet, 'n', 'd'), /'d'/)
  assert.equal(await read(romeo, 'n'), 'c d')
  assert.deepEqual(told(romeo), ['n: +d'])
  assert.equal(await read(romeo, 'gone'), 'gone')
  assert.match(
    await asked(admin, `<configure node='n'/>`, { isOwner: true, type: 'get' }),
    /<value>Title<\/value>/,
  )
  assert.equal(await read(admin, 'http://example.org/mood', '', ''), 'm')
})

test('nodes that do not fit into memory lose nothing', async () => {
  await using local = await nodesServer({ pubsubOptions: { nodesInMemory: 2 } })
  const admin = await local.connect('admin@localhost/home')
  const romeo = await local.connect('romeo@localhost/orchard')
  await romeo.send('<presence/>')
  const nodes = Array.from({ length: 6 }, (_, index) => `n${index}`)
  for (const node of nodes) {
    await make(admin, node)
    await subscribe(romeo, node)
  }
  for (const id of ['a', 'b']) for (const node of nodes) await publish(admin, node, id)
  assert.deepEqual(told(romeo).length, 12)
  const clients = await Promise.all(nodes.map((node) => local.connect(`romeo@localhost/${node}`)))
  const found = await Promise.all(clients.map((client, index) => read(client, `n${index}`)))
  assert.deepEqual(new Set(found), new Set(['a b']))
})

test('an account that is removed leaves no node behind', async () => {
  await using local = await nodesServer()
  const romeo = await local.connect('romeo@localhost/orchard')
  const open = `<publish-options><x xmlns='jabber:x:data' type='submit'><field var='pubsub#access_model'><value>open</value></field></x></publish-options>`
  await asked(romeo, `<publish node='n'><item id='a'/></publish>${open}`, { to: '' })
  const juliet = await local.connect('juliet@localhost/balcony')
  assert.equal(await read(juliet, 'n', '', 'romeo@localhost'), 'a')
  const host = local.server.host('localhost')
  await host?.accounts.remove(romeo.jid.bare)
  const again = await local.connect('romeo@localhost/orchard')
  assert.equal(await read(juliet, 'n', '', 'romeo@localhost'), 'item-not-found')
  await asked(again, `<create node='n'/>`, { to: '' })
  assert.equal(await read(again, 'n', '', ''), '')
})

test('of an account that is removed no item is left in the store, nor what a purge had put aside', async () => {
  const storage = sqlite(':memory:')
  await using local = await nodesServer({ storage })
  const romeo = await local.connect('romeo@localhost/orchard')
  const places = new Set<string>()
  const heads = storage.collection('localhost/pubsub-nodes')
  const note = async () => {
    for (const [name, head] of await heads.all('romeo')) {
      places.add(`romeo\n${name}\u0001${(head as { shelf?: string }).shelf}`)
    }
  }
  for (const node of ['n', 'm']) for (const id of ['a', 'b']) await publish(romeo, node, id, '')
  await note()
  await asked(romeo, `<purge node='n'/>`, { to: '', isOwner: true })
  await publish(romeo, 'n', 'c', '')
  await note()
  await local.server.host('localhost')?.accounts.remove(romeo.jid.bare)
  assert.equal((await heads.all('romeo')).size, 0)
  assert.ok(places.size >= 3)
  for (const place of places) {
    assert.equal(await storage.collection('localhost/pubsub-items').count(place), 0, place)
  }
})
