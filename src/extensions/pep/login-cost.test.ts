// What logging in costs grows with those who are interested in something, not with nodes times contacts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { arrive, nodesServer, publish, told } from '../../../test/nodes.ts'
import type { MemoryClient } from '../../server/memory-client.ts'
import { sqlite } from '../../storage/sqlite.ts'
import type { Collection, Driver, Value } from '../../storage/storage.ts'

const tune = 'http://jabber.org/protocol/tune'

/** A driver that counts what is read of nodes. */
function counting(driver: Driver): Driver & { reads: number } {
  const counted = {
    reads: 0,
    keyValue: <V extends Value>(name: string) => driver.keyValue<V>(name),
    archive: <V extends Value>(name: string) => driver.archive<V>(name),
    eraseOwner: (domain: string, owner: string) => driver.eraseOwner(domain, owner),
    stores: () => driver.stores(),
    open: () => driver.open(),
    close: () => driver.close(),
    collection<V extends Value>(name: string): Collection<V> {
      const collection = driver.collection<V>(name)
      if (!name.includes('pubsub')) return collection
      const read = <Result>(result: Result): Result => {
        counted.reads += 1
        return result
      }
      return {
        ...collection,
        get: (owner, key) => read(collection.get(owner, key)),
        all: (owner) => read(collection.all(owner)),
        page: (owner, range) => read(collection.page(owner, range)),
      }
    },
  }
  return counted
}

/** What it costs Romeo to come when `interested` of his contacts have what he asks for, and all have other nodes. */
async function costOf(parts: { contacts: number; interested: number; nodes: number }) {
  const storage = counting(sqlite(':memory:'))
  await using local = await nodesServer({ storage })
  const romeo = await local.connect('romeo@localhost/orchard')
  await romeo.send('<presence/>')
  const contacts: MemoryClient[] = []
  for (let index = 0; index < parts.contacts; index += 1) {
    const contact = await local.connect(`contact${index}@localhost/desk`)
    await contact.send('<presence/>')
    await befriend(romeo, contact)
    for (let node = 0; node < parts.nodes; node += 1) await publish(contact, `urn:other:${node}`, 'a', '')
    if (index < parts.interested) await publish(contact, tune, 'song', '')
    contacts.push(contact)
  }
  romeo.close()
  await quiet()
  const again = await local.connect('romeo@localhost/orchard')
  const before = storage.reads
  await arrive(again, [`${tune}+notify`])
  const events = told(again).filter((event) => event.startsWith(tune))
  const reads = storage.reads - before
  for (const contact of contacts) contact.takeAll()
  return { events: events.length, reads }
}

async function befriend(one: MemoryClient, other: MemoryClient): Promise<void> {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    await from.send(`<presence type='subscribe' to='${to.jid.bare}'/>`)
    await to.send(`<presence type='subscribed' to='${from.jid.bare}'/>`)
  }
}

async function quiet(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await new Promise(setImmediate)
}

test('a client that comes is told one event for each contact who has what it asks for, whatever else they have', async () => {
  const few = await costOf({ contacts: 10, interested: 3, nodes: 1 })
  const many = await costOf({ contacts: 10, interested: 3, nodes: 20 })
  assert.equal(few.events, 3)
  assert.equal(many.events, 3)
  assert.equal(many.reads, few.reads, 'nodes that nobody asks for are not read')
})

test('contacts who have nothing that is asked for cost no reading of nodes', async () => {
  const few = await costOf({ contacts: 5, interested: 2, nodes: 3 })
  const many = await costOf({ contacts: 15, interested: 2, nodes: 3 })
  assert.equal(few.events, 2)
  assert.equal(many.events, 2)
  assert.equal(many.reads, few.reads)
})

test('presence that says nothing new costs nothing', async () => {
  const storage = counting(sqlite(':memory:'))
  await using local = await nodesServer({ storage })
  const romeo = await local.connect('romeo@localhost/orchard')
  await publish(romeo, tune, 'song', '')
  await arrive(romeo, [`${tune}+notify`])
  assert.equal(told(romeo).filter((event) => event.startsWith(tune)).length, 1)
  const before = storage.reads
  for (let times = 0; times < 20; times += 1) await arrive(romeo, [`${tune}+notify`])
  assert.deepEqual(
    told(romeo).filter((event) => event.startsWith(tune)),
    [],
  )
  assert.equal(storage.reads, before)
})
