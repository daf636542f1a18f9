import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inMemoryServer } from '../../../test/in-memory.ts'
import type { MemoryClient } from '../../server/memory-client.ts'
import { memory } from '../../storage/sqlite.ts'
import type { Driver } from '../../storage/storage.ts'
import { StorageError } from '../../storage/storage-error.ts'
import { roster } from './roster.ts'

/** Stores in memory whose collections refuse what is to be kept while `isFull()`. */
function storesThatMayBeFull(isFull: () => boolean): Driver {
  const driver = memory()
  return {
    ...driver,
    collection(name) {
      const collection = driver.collection<never>(name)
      return {
        ...collection,
        async change(owner, changes) {
          if (isFull()) throw new StorageError('full', 'the disk is full')
          await collection.change(owner, changes as never)
        },
      } as typeof collection
    },
  }
}

async function contacts(client: MemoryClient): Promise<string[]> {
  client.takeAll()
  await client.send(`<iq type='get' id='get'><query xmlns='jabber:iq:roster'/></iq>`)
  const [result] = client.takeAll()
  const items = result?.child('query', 'jabber:iq:roster')?.elements('item') ?? []
  return items.map((item) => `${item.attribute('jid')} ${item.attribute('name') ?? ''}`.trim())
}

test('RFC 6121 §2.3: what cannot be kept is refused and is not in the roster', async () => {
  let isFull = false
  await using local = await inMemoryServer({
    extensions: [roster],
    storage: storesThatMayBeFull(() => isFull),
  })
  const romeo = await local.connect('romeo@localhost/orchard')
  const set = (item: string) =>
    romeo.send(`<iq type='set' id='set'><query xmlns='jabber:iq:roster'>${item}</query></iq>`)
  await set(`<item jid='juliet@localhost' name='Juliet'/>`)
  romeo.takeAll()
  isFull = true
  await set(`<item jid='juliet@localhost' name='The sun'/>`)
  await set(`<item jid='rosaline@localhost'/>`)
  await set(`<item jid='juliet@localhost' subscription='remove'/>`)
  const answers = romeo.takeAll().map((stanza) => stanza.child('error')?.elements()[0]?.name)
  assert.deepEqual(answers, ['resource-constraint', 'resource-constraint', 'resource-constraint'])
  isFull = false
  assert.deepEqual(await contacts(romeo), ['juliet@localhost Juliet'])
})

test('RFC 6121 §3.1.5: who could not be let in does not see the account', async () => {
  let isFull = false
  await using local = await inMemoryServer({
    extensions: [roster],
    storage: storesThatMayBeFull(() => isFull),
  })
  const romeo = await local.connect('romeo@localhost/orchard')
  const juliet = await local.connect('juliet@localhost/balcony')
  for (const client of [romeo, juliet]) await client.send('<presence/>')
  await romeo.send(`<presence type='subscribe' to='juliet@localhost'/>`)
  for (const client of [romeo, juliet]) client.takeAll()
  isFull = true
  await juliet.send(`<presence type='subscribed' to='romeo@localhost'/>`)
  isFull = false
  assert.equal(juliet.takeAll()[0]?.child('error')?.elements()[0]?.name, 'resource-constraint')
  await juliet.send('<presence><show>away</show></presence>')
  assert.deepEqual(romeo.takeAll(), [])
})

test('RFC 6121 §2.2: a roster that cannot be read is an error, until it can be', async () => {
  let isBroken = true
  const driver = memory()
  const storage: Driver = {
    ...driver,
    collection(name) {
      const collection = driver.collection<never>(name)
      const all = (owner: string) =>
        isBroken ? Promise.reject(new Error('the disk is broken')) : collection.all(owner)
      return { ...collection, all } as typeof collection
    },
  }
  await using local = await inMemoryServer({ extensions: [roster], storage })
  const romeo = await local.connect('romeo@localhost/orchard')
  await romeo.send(`<iq type='get' id='get'><query xmlns='jabber:iq:roster'/></iq>`)
  const [error] = romeo.takeAll()
  assert.deepEqual(
    [error?.attribute('type'), error?.attribute('id'), error?.child('error')?.elements()[0]?.name],
    ['error', 'get', 'internal-server-error'],
  )
  isBroken = false
  assert.deepEqual(await contacts(romeo), [])
})
