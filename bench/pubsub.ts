// What a node with very many items and subscribers costs: `node bench/pubsub.ts [items] [subscribers]`.
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { z } from 'zod'
import { systemClock } from '../src/base/clock.ts'
import { SystemIds } from '../src/base/ids.ts'
import { pubsubOptions } from '../src/extensions/pubsub/options.ts'
import { answer, type Policy, PubSubService, readDefaults } from '../src/extensions/pubsub/pubsub.ts'
import { type Jid, jid } from '../src/jid/jid.ts'
import { Iq, type Stanza } from '../src/stanza/stanza.ts'
import { sqlite } from '../src/storage/sqlite.ts'
import { storeOfDomain, type Value } from '../src/storage/storage.ts'
import { parseDocument } from '../src/xml/xml.ts'
import { quantile } from './measure.ts'

const itemCount = Number(process.argv[2] ?? 1_000_000)
const subscriberCount = Number(process.argv[3] ?? 10_000)
const pageSize = 50
const rounds = 200
const namespace = 'http://jabber.org/protocol/pubsub'
const owner = jid('owner@bench.example/desk')

const folder = mkdtempSync(join(tmpdir(), 'balcony-bench-pubsub-'))
const file = join(folder, 'pubsub.db')
const driver = sqlite(file)
const store = storeOfDomain(driver, 'pubsub.bench.example')
const limits = z.object({ ...pubsubOptions }).parse({
  ...{ items: itemCount * 2, subscriptionsPerNode: subscriberCount * 2, pageBytes: 10_000_000 },
})
let sent = 0
const policy: Policy = {
  defaults: readDefaults({ 'pubsub#max_items': 'max' }, [], {
    maxItems: itemCount * 2,
    payloadBytes: 65_536,
  }),
  accessModels: new Set(['open']),
  createsOnPublish: false,
  exposesPublisher: true,
  maxNodes: 10,
  maxNodesPerCreator: 10,
  mayCreate: () => true,
  ownsAll: (who: Jid) => who.bare.equals(owner.bare),
  isPresenceSubscriber: () => Promise.resolve(false),
  groupsOf: () => Promise.resolve([]),
  audience: () => [],
}
const service = new PubSubService({
  ...{ jid: jid('pubsub.bench.example'), owner: '', store, clock: systemClock, ids: new SystemIds() },
  ...{ policy, limits, forms: limits, nodesInMemory: 10, route },
})

/** As a session would write it: the start of each, and what they share. */
function route(stanza: Stanza): void {
  sent += stanza.head().length > 0 && stanza.rest().length > 0 ? 1 : 0
}

async function ask(type: 'get' | 'set', inside: string, from = owner, isOwner = false): Promise<void> {
  const pubsub = parseDocument(`<pubsub xmlns='${namespace}${isOwner ? '#owner' : ''}'>${inside}</pubsub>`)
  if ('condition' in pubsub) throw new Error(pubsub.text)
  await answer(service, new Iq(type, { from, to: service.jid, id: 'i', children: [pubsub] }))
}

const payload = (id: string) =>
  `<entry xmlns='http://www.w3.org/2005/Atom'><title>Item ${id}</title><summary>${'Lorem ipsum. '.repeat(12)}</summary></entry>`
const publish = (node: string, id: string) =>
  ask('set', `<publish node='${node}'><item id='${id}'>${payload(id)}</item></publish>`)

/** Puts items where publishing puts them, many at once. */
async function fill(name: string): Promise<void> {
  const node = await service.nodes.find(name)
  if (!node) throw new Error(`there is no node ${name}`)
  const items = store.collection('pubsub-items')
  const atATime = 2000
  for (let first = 1; first <= itemCount; first += atATime) {
    const changes = new Map<string, Value>()
    const end = Math.min(first + atATime - 1, itemCount)
    for (let place = first; place <= end; place += 1) {
      const item = {
        id: `i${place}`,
        publisher: 'owner@bench.example',
        when: place,
        payload: payload(`i${place}`),
      }
      changes.set(`place ${String(place).padStart(16, '0')}`, item)
      changes.set(`item i${place}`, [place, item.payload.length])
    }
    changes.set('totals', { items: end, bytes: 0, last: end })
    await items.change(service.nodes.store.placeOf(node), changes)
  }
  // What was written behind the service's back.
  Object.assign(node, { totals: { items: itemCount, bytes: 0, last: itemCount }, lastItem: undefined })
}

async function timed(
  name: string,
  count: number,
  action: (index: number) => Promise<unknown>,
): Promise<void> {
  const times: number[] = []
  for (let index = 0; index < count; index += 1) {
    const begin = performance.now()
    await action(index)
    times.push(performance.now() - begin)
  }
  const at = (share: number) => quantile(times, share).toFixed(2)
  console.log(`| ${name} | ${at(0.5)} | ${at(0.99)} | ${at(1)} |`)
}

/** What others wait for while the items of a purge go. */
async function besides(): Promise<void> {
  const begin = performance.now()
  let [count, longest] = [0, 0]
  const heads = store.collection('pubsub-nodes')
  const isBusy = async () => [...(await heads.all('')).keys()].some((name) => name.startsWith('\u0001'))
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  while (await isBusy()) {
    const before = performance.now()
    await publish('small', `besides-${count}`)
    longest = Math.max(longest, performance.now() - before)
    count += 1
  }
  delay.disable()
  const seconds = ((performance.now() - begin) / 1000).toFixed(1)
  console.log(
    `\nthe purged items are gone after ${seconds} s; meanwhile ${count} were published to another node, one after the ` +
      `other, the slowest in ${longest.toFixed(0)} ms; the main thread stood still for at most ${(delay.max / 1e6).toFixed(0)} ms\n`,
  )
}

try {
  await driver.open()
  await ask('set', `<create node='large'/>`)
  const begin = performance.now()
  await fill('large')
  const size = (statSync(file).size / 2 ** 20).toFixed(0)
  console.log(
    `${itemCount} items, ${size} MiB, filled in ${((performance.now() - begin) / 1000).toFixed(1)} s\n`,
  )
  console.log('| milliseconds | median | 99 % | most |\n|-|-|-|-|')
  const at = (index: number) => `i${1 + Math.floor((index / rounds) * (itemCount - pageSize - 1))}`
  const page = (set: string) =>
    `<items node='large'/><set xmlns='http://jabber.org/protocol/rsm'>${set}</set>`
  const max = `<max>${pageSize}</max>`
  await timed('an item by its id', rounds, (n) =>
    ask('get', `<items node='large'><item id='${at(n)}'/></items>`),
  )
  await timed('a page of 50, anywhere', rounds, (n) => ask('get', page(`${max}<after>${at(n)}</after>`)))
  await timed('a page of 50, backwards', rounds, (n) =>
    ask('get', page(`${max}<before>${at(n + 1)}</before>`)),
  )
  await timed('the last 50', rounds, () => ask('get', page(`${max}<before/>`)))
  await timed('a new item', rounds, (n) => publish('large', `new${n}`))
  await timed('an item again', rounds, (n) => publish('large', at(n)))
  await timed('taking one back', rounds, (n) =>
    ask('set', `<retract node='large'><item id='new${n}'/></retract>`),
  )
  await timed('64 new items at once', rounds / 10, (n) =>
    Promise.all(Array.from({ length: 64 }, (_, index) => publish('large', `at-once-${n}-${index}`))),
  )
  await ask('set', `<create node='small'/>`)
  await timed('64 new items at once, in a small node', rounds / 10, (n) =>
    Promise.all(Array.from({ length: 64 }, (_, index) => publish('small', `at-once-${n}-${index}`))),
  )
  await ask('set', `<create node='cut'/>`)
  await fill('cut')
  const few = `<x xmlns='jabber:x:data' type='submit'><field var='pubsub#max_items'><value>20</value></field></x>`
  await timed('leaving 20 of all', 1, () =>
    ask('set', `<configure node='cut'>${few}</configure>`, owner, true),
  )
  await timed('purging all', 1, () => ask('set', `<purge node='large'/>`, owner, true))
  await besides()
  await ask('set', `<create node='loud'/>`)
  await timed('subscribing', subscriberCount, (n) => {
    return ask('set', `<subscribe node='loud' jid='s${n}@bench.example'/>`, jid(`s${n}@bench.example/phone`))
  })
  sent = 0
  await timed(`publishing to ${subscriberCount}`, rounds, (n) => publish('loud', `i${n}`))
  console.log(`\n${sent / rounds} messages for each`)
} finally {
  await driver.close()
  rmSync(folder, { recursive: true })
}
