// What clients keep in nodes, with all that converts it loaded: whatever is put there, everything is answered and goes on.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Log } from '../src/base/log.ts'
import { standard } from '../src/extensions/standard/standard.ts'
import type { MemoryClient } from '../src/server/memory-client.ts'
import { escapeAttribute } from '../src/xml/serialize.ts'
import { arrive, asked, nodesServer, publish, read, subscribe, told } from './nodes.ts'

const nodes = [
  'urn:xmpp:bookmarks:1',
  'storage:bookmarks',
  'urn:xmpp:avatar:metadata',
  'urn:xmpp:avatar:data',
  'urn:xmpp:vcard4',
  '__proto__',
]

const word = fc.constantFrom(
  ...['', 'a', '@', '__proto__', 'room@rooms.localhost', 'aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d'],
  ...['true', '1', 'image/png', 'data:image/png;base64,aGVsbG8=', 'aGVsbG8=', 'x'.repeat(3000)],
)
const name = fc.constantFrom(
  ...['conference', 'storage', 'url', 'nick', 'extensions', 'metadata', 'info', 'data', 'vcard', 'vCard'],
  ...['PHOTO', 'BINVAL', 'TYPE', 'EXTVAL', 'photo', 'uri', 'fn', 'text', 'FN', 'TEL', 'N', 'constructor'],
)
const namespace = fc.constantFrom(...nodes.slice(0, 4), 'vcard-temp', 'urn:ietf:params:xml:ns:vcard-4.0')
const attributes = fc
  .uniqueArray(fc.tuple(fc.constantFrom('jid', 'id', 'name', 'autojoin', 'url', 'type', 'bytes'), word), {
    selector: ([attribute]) => attribute,
    maxLength: 3,
  })
  .map((list) => list.map(([attribute, value]) => ` ${attribute}='${escapeAttribute(value)}'`).join(''))
const leaf = fc
  .tuple(name, attributes, word)
  .map(([child, given, text]) => `<${child}${given}>${escapeAttribute(text)}</${child}>`)
const branch = fc
  .tuple(name, attributes, fc.array(leaf, { maxLength: 3 }))
  .map(([child, given, inside]) => `<${child}${given}>${inside.join('')}</${child}>`)
const payload = fc
  .tuple(name, namespace, attributes, fc.array(fc.oneof(branch, leaf), { maxLength: 3 }))
  .map(([root, space, given, inside]) => `<${root} xmlns='${space}'${given}>${inside.join('')}</${root}>`)

const pubsub = (inside: string) => `<pubsub xmlns='http://jabber.org/protocol/pubsub'>${inside}</pubsub>`
const action = fc.oneof(
  fc
    .tuple(fc.constantFrom(...nodes), word, payload)
    .map(([node, id, given]) =>
      pubsub(`<publish node='${node}'><item id='${escapeAttribute(id)}'>${given}</item></publish>`),
    ),
  fc
    .tuple(fc.constantFrom(...nodes), word)
    .map(([node, id]) => pubsub(`<retract node='${node}'><item id='${escapeAttribute(id)}'/></retract>`)),
  payload.map((given) => `<query xmlns='jabber:iq:private'>${given}</query>`),
  payload.map((given) =>
    given.replace(/^<\w+ xmlns='[^']*'/, "<vCard xmlns='vcard-temp'").replace(/<\/\w+>$/, '</vCard>'),
  ),
)

function noisy(faults: unknown[]): Log {
  const silent = () => {}
  const log: Log = {
    ...{ debug: silent, info: silent, warn: silent },
    error: (event, data) => void faults.push([event, data]),
    child: () => log,
  }
  return log
}

async function answered(client: MemoryClient, inside: string, type = 'set'): Promise<boolean> {
  await client.send(`<iq type='${type}' id='h'>${inside}</iq>`)
  const answer = client.takeAll().find((stanza) => stanza.attribute('id') === 'h')
  return answer !== undefined && answer.child('error')?.elements()[0]?.name !== 'internal-server-error'
}

test('anything can be published, kept and taken back where it is converted, with one answer and no fault', async () => {
  const faults: unknown[] = []
  await using local = await nodesServer({ log: noisy(faults), extensions: standard })
  const romeo = await local.connect('romeo@localhost/orchard')
  const phone = await local.connect('romeo@localhost/phone')
  await arrive(
    phone,
    nodes.map((node) => `${node}+notify`),
  )
  const property = fc.asyncProperty(action, async (inside) => {
    assert.ok(await answered(romeo, inside), inside)
    assert.ok(phone.takeAll().length < 20, 'what is converted comes to rest')
  })
  await fc.assert(property, { seed: 84, numRuns: 500 })
  assert.deepEqual(faults, [])
  const storage = `<query xmlns='jabber:iq:private'><storage xmlns='storage:bookmarks'/></query>`
  assert.ok(await answered(romeo, storage, 'get'))
})

test('who is subscribed to an own node, and asks for its events besides, is told once', async () => {
  await using local = await nodesServer()
  const romeo = await local.connect('romeo@localhost/orchard')
  await publish(romeo, 'n', 'a', '')
  await arrive(romeo, ['n+notify'])
  assert.match(await subscribe(romeo, 'n', 'romeo@localhost'), /subscribed/)
  told(romeo)
  await publish(romeo, 'n', 'b', '')
  assert.deepEqual(
    told(romeo).filter((event) => event.startsWith('n:')),
    ['n: +b'],
  )
})

test('a client that asks for the events of hundreds of nodes is told of those there are', async () => {
  await using local = await nodesServer()
  const romeo = await local.connect('romeo@localhost/orchard')
  await publish(romeo, 'n7', 'a', '')
  const phone = await local.connect('romeo@localhost/phone')
  const features = Array.from({ length: 800 }, (_, index) => `n${index}+notify`)
  const begin = performance.now()
  await arrive(phone, features)
  assert.deepEqual(
    told(phone).filter((event) => event.startsWith('n7:')),
    ['n7: +a'],
  )
  assert.ok(performance.now() - begin < 20_000)
})

test('what is too large or too much is refused, and nothing of it is there', async () => {
  await using local = await nodesServer({
    pep: { payloadBytes: 1000, nodesPerAccount: 3, bytesPerAccount: 2300 },
  })
  const romeo = await local.connect('romeo@localhost/orchard')
  const item = (node: string, id: string, size: number) =>
    asked(
      romeo,
      `<publish node='${node}'><item id='${id}'><entry xmlns='u'>${'x'.repeat(size)}</entry></item></publish>`,
      {
        to: '',
      },
    )
  assert.equal(await item('a', 'large', 1000), 'not-acceptable payload-too-big')
  assert.equal(await read(romeo, 'a', '', ''), 'item-not-found')
  for (const node of ['a', '__proto__', 'constructor']) assert.match(await item(node, 'i', 700), /publish/)
  assert.equal(await item('d', 'i', 10), 'policy-violation max-nodes-exceeded')
  assert.equal(await item('a', 'i', 960), 'resource-constraint')
  assert.equal(await read(romeo, 'a', '', ''), 'i')
})
