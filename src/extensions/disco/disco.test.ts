import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inMemoryServer } from '../../../test/in-memory.ts'
import { defineExtension } from '../../host/extension.ts'
import { jid } from '../../jid/jid.ts'
import type { MemoryClient } from '../../server/memory-client.ts'
import type { Element } from '../../xml/element.ts'
import { disco } from './disco.ts'

const info = 'http://jabber.org/protocol/disco#info'
const items = 'http://jabber.org/protocol/disco#items'

/** Asks; answers the query, or the condition of the error. */
async function ask(
  client: MemoryClient,
  namespace: string,
  to: string,
  node?: string,
): Promise<Element | string> {
  client.takeAll()
  const where = node === undefined ? '' : ` node='${node}'`
  await client.send(`<iq type='get' id='d' to='${to}'><query xmlns='${namespace}'${where}/></iq>`)
  const [answer] = client.takeAll()
  return answer?.child('query', namespace) ?? answer?.child('error')?.elements()[0]?.name ?? 'nothing'
}

const listed = (query: Element | string, name: string, attribute: string) =>
  typeof query === 'string' ? query : query.elements(name).map((child) => child.attribute(attribute))

/** Somebody’s extension, which lists things. */
const shelf = defineExtension({
  name: 'shelf',
  needs: { disco },
  setup(host, apis) {
    host.keep(apis.disco.addItems(() => [{ jid: jid('books.localhost'), name: 'Books' }]))
    host.keep(
      apis.disco.addNodes({
        info: (node) =>
          node === 'folio' ? { identities: [], features: ['urn:folio'], forms: [] } : undefined,
        items: (node) => (node === 'folio' ? [{ jid: jid('localhost'), node: 'page' }] : undefined),
      }),
    )
    host.keep(apis.disco.addVisibility((_account, requester) => requester.local === 'nurse'))
  },
})

test('XEP-0030 §3.1: a domain has an identity, and the features of disco itself', async () => {
  await using local = await inMemoryServer({ extensions: [disco] })
  const romeo = await local.connect('romeo@localhost/orchard')
  const told = await ask(romeo, info, 'localhost')
  assert.deepEqual(listed(told, 'identity', 'category'), ['server'])
  for (const feature of [info, items]) assert.ok(listed(told, 'feature', 'var').includes(feature))
})

test('XEP-0030 §4.1: items are those of all who add some', async () => {
  await using local = await inMemoryServer({ extensions: [shelf] })
  const romeo = await local.connect('romeo@localhost/orchard')
  const told = await ask(romeo, items, 'localhost')
  assert.deepEqual(listed(told, 'item', 'jid'), ['books.localhost'])
})

test('XEP-0030 §3.2, §4.2: a node is told by who knows it, and another is not found', async () => {
  await using local = await inMemoryServer({ extensions: [shelf] })
  const romeo = await local.connect('romeo@localhost/orchard')
  const told = await ask(romeo, info, 'localhost', 'folio')
  assert.ok(typeof told !== 'string' && told.attribute('node') === 'folio')
  assert.deepEqual(listed(told, 'feature', 'var'), ['urn:folio'])
  const inside = await ask(romeo, items, 'localhost', 'folio')
  assert.ok(typeof inside !== 'string' && inside.attribute('node') === 'folio')
  assert.deepEqual(listed(inside, 'item', 'node'), ['page'])
  for (const namespace of [info, items]) {
    assert.equal(await ask(romeo, namespace, 'localhost', 'quarto'), 'item-not-found')
    assert.equal(await ask(romeo, namespace, 'romeo@localhost', 'quarto'), 'item-not-found')
  }
})

test('XEP-0030 §4.1: where there are no items the list is empty', async () => {
  await using local = await inMemoryServer({ extensions: [disco] })
  const romeo = await local.connect('romeo@localhost/orchard')
  // That a client is there is told by its presence, and is no item.
  await romeo.send('<presence/>')
  for (const to of ['localhost', 'romeo@localhost']) {
    const told = await ask(romeo, items, to)
    assert.ok(typeof told !== 'string' && told.is('query', items), to)
    assert.deepEqual(told.children, [])
  }
})

test('XEP-0030 §3.1, §4.1: the server answers for accounts, and asks no client', async () => {
  await using local = await inMemoryServer({ extensions: [shelf] })
  const juliet = await local.connect('juliet@localhost/balcony')
  await juliet.send('<presence/>')
  juliet.takeAll()
  const nurse = await local.connect('nurse@localhost/x')
  for (const namespace of [info, items]) {
    assert.notEqual(typeof (await ask(nurse, namespace, 'juliet@localhost')), 'string')
  }
  assert.deepEqual(juliet.takeAll(), [])
})

test('XEP-0030 §8: an account is seen by itself and by whom a rule lets see it; to others it sounds like none', async () => {
  await using local = await inMemoryServer({ extensions: [shelf] })
  await local.connect('juliet@localhost/balcony')
  const nurse = await local.connect('nurse@localhost/x')
  const romeo = await local.connect('romeo@localhost/orchard')
  assert.deepEqual(listed(await ask(romeo, info, 'romeo@localhost'), 'identity', 'type'), ['registered'])
  assert.deepEqual(listed(await ask(nurse, info, 'juliet@localhost'), 'identity', 'type'), ['registered'])
  for (const namespace of [info, items]) {
    assert.equal(await ask(romeo, namespace, 'juliet@localhost'), 'service-unavailable')
    assert.equal(await ask(romeo, namespace, 'nobody@localhost'), 'service-unavailable')
  }
})
