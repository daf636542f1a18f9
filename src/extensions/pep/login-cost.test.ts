// What logging in costs grows with those who are interested in something, not with nodes times contacts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { arrive, nodesServer, publish, told } from '../../../test/nodes.ts'
import type { MemoryClient } from '../../server/memory-client.ts'
import { memory } from '../../storage/sqlite.ts'
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

interface Parts {
  readonly contacts: number
  readonly interested: number
  readonly nodes: number
}

/** Makes Romeo's contacts, of whom so many have what he asks for, and all have other nodes. */
async function fill(storage: Driver, parts: Parts): Promise<void> {
  await using local = await nodesServer({ storage })
  const romeo = await local.connect('romeo@localhost/orchard')
  await romeo.send('<presence/>')
  for (let index = 0; index < parts.contacts; index += 1) {
    const contact = await local.connect(`contact${index}@localhost/desk`)
    await contact.send('<presence/>')
    await befriend(romeo, contact)
    for (let node = 0; node < parts.nodes; node += 1) await publish(contact, `urn:other:${node}`, 'a', '')
    if (index < parts.interested) await publish(contact, tune, 'song', '')
  }
}

/** What it costs Romeo to come to a server that has just been started, where all his contacts are. */
async function costOf(parts: Parts): Promise<{ events: string[]; reads: number }> {
  // Stores in this thread answer within a few turns, so what is under way can be waited for without a clock.
  const kept = memory()
  await fill({ ...kept, close: async () => {} }, parts)
  const storage = counting(kept)
  await using local = await nodesServer({ storage })
  for (let index = 0; index < parts.contacts; index += 1) {
    const contact = await local.connect(`contact${index}@localhost/desk`)
    await contact.send('<presence/>')
  }
  const romeo = await local.connect('romeo@localhost/orchard')
  const before = storage.reads
  await arrive(romeo, [`${tune}+notify`])
  const events = told(romeo).filter((event) => event.includes(': +'))
  return { events, reads: storage.reads - before }
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

test('a client that comes is told one event for each contact who has what it asks for, whatever else they have', async () => {
  const few = await costOf({ contacts: 10, interested: 3, nodes: 1 })
  const many = await costOf({ contacts: 10, interested: 3, nodes: 20 })
  assert.deepEqual(few.events, Array(3).fill(`${tune}: +song`))
  assert.deepEqual(many.events, few.events)
  assert.equal(many.reads, few.reads, 'nodes that nobody asks for are not read')
})

test('contacts who have nothing that is asked for cost a look at which nodes they have', async () => {
  const few = await costOf({ contacts: 5, interested: 2, nodes: 3 })
  const many = await costOf({ contacts: 15, interested: 2, nodes: 3 })
  assert.deepEqual(few.events, Array(2).fill(`${tune}: +song`))
  assert.deepEqual(many.events, few.events)
  assert.equal(many.reads - few.reads, 10)
})

test('presence that says nothing new costs nothing', async () => {
  const storage = counting(memory())
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
