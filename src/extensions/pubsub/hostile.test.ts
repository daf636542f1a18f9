// Whatever is asked, there is one answer, and the server goes on.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { asked, make, nodesServer, publish, read } from '../../../test/nodes.ts'
import type { Log } from '../../base/log.ts'
import { escapeAttribute } from '../../xml/serialize.ts'

const owner = 'http://jabber.org/protocol/pubsub#owner'
const plain = 'http://jabber.org/protocol/pubsub'
const rsm = 'http://jabber.org/protocol/rsm'

const word = fc.constantFrom(
  ...[
    'n',
    'm',
    '',
    '__proto__',
    'constructor',
    ' ',
    'x'.repeat(5000),
    '€'.repeat(1000),
    'romeo@localhost',
    '@',
    'none',
    'subscribed',
  ],
  ...[
    'owner',
    'outcast',
    'max',
    '1',
    '0',
    '-1',
    '1e9',
    'true',
    'whitelist',
    'presence',
    'item ',
    'place 0',
    '\n',
  ],
)
const action = fc.constantFrom(
  ...[
    'create',
    'configure',
    'publish',
    'publish-options',
    'retract',
    'subscribe',
    'unsubscribe',
    'items',
    'options',
  ],
  ...[
    'subscriptions',
    'affiliations',
    'default',
    'delete',
    'purge',
    'redirect',
    'hasOwnProperty',
    'set',
    'x',
  ],
)
const inner = fc.constantFrom(
  'item',
  'subscription',
  'affiliation',
  'redirect',
  'entry',
  'max',
  'after',
  'before',
)
const attribute = fc.tuple(
  fc.constantFrom('node', 'id', 'jid', 'subscription', 'affiliation', 'notify', 'max_items', 'subid', 'uri'),
  word,
)
const attributes = fc
  .uniqueArray(attribute, { selector: ([name]) => name, maxLength: 4 })
  .map((list) => list.map(([name, value]) => ` ${name}='${escapeAttribute(value)}'`).join(''))
const field = fc.tuple(
  fc.constantFrom(
    ...['FORM_TYPE', 'pubsub#max_items', 'pubsub#access_model', 'pubsub#persist_items', 'pubsub#item_expire'],
    ...['pubsub#deliver', 'pubsub#title', 'pubsub#roster_groups_allowed', 'pubsub#nonsense', '__proto__'],
  ),
  fc.array(word, { maxLength: 3 }),
)
const form = fc.array(field, { maxLength: 4 }).map((fields) => {
  const inside = fields.map(([name, values]) => {
    return `<field var='${name}'>${values.map((value) => `<value>${escapeAttribute(value)}</value>`).join('')}</field>`
  })
  return `<x xmlns='jabber:x:data' type='submit'>${inside.join('')}</x>`
})
const child = fc.oneof(
  form,
  fc
    .tuple(inner, attributes, word)
    .map(([name, given, text]) => `<${name}${given}>${escapeAttribute(text)}</${name}>`),
)
const element = fc
  .tuple(action, attributes, fc.array(child, { maxLength: 3 }))
  .map(([name, given, inside]) => {
    const namespace = name === 'set' ? ` xmlns='${rsm}'` : ''
    return `<${name}${namespace}${given}>${inside.join('')}</${name}>`
  })
const request = fc.record({
  inside: fc.array(element, { minLength: 1, maxLength: 3 }).map((list) => list.join('')),
  isOwner: fc.boolean(),
  type: fc.constantFrom<'get' | 'set'>('get', 'set'),
  to: fc.constantFrom('pubsub.localhost', '', 'juliet@localhost'),
})

test('any request of whatever elements, names, forms and numbers has one answer that is no fault of ours', async () => {
  const faults: unknown[] = []
  const silent = () => {}
  const log: Log = {
    ...{ debug: silent, info: silent, warn: silent },
    error: (event, data) => void faults.push([event, data]),
    child: () => log,
  }
  await using local = await nodesServer({ log, pubsubOptions: { create: 'anyone' } })
  const romeo = await local.connect('romeo@localhost/orchard')
  const juliet = await local.connect('juliet@localhost/balcony')
  for (const node of ['n', 'm']) {
    await make(romeo, node)
    await publish(juliet, node, 'a', '')
  }
  const property = fc.asyncProperty(request, async ({ inside, ...asking }) => {
    const answer = await asked(romeo, inside, asking)
    assert.doesNotMatch(answer, /no answer|internal-server-error/, inside)
  })
  await fc.assert(property, { seed: 60, numRuns: 600 })
  assert.deepEqual(faults, [])
  await make(romeo, 'afterwards')
  await publish(romeo, 'afterwards', 'a')
  assert.equal(await read(romeo, 'afterwards'), 'a')
})

test('an id that is longer than any that is kept names no item', async () => {
  await using local = await nodesServer()
  const romeo = await local.connect('romeo@localhost/orchard')
  await publish(romeo, 'n', 'a', '')
  for (const id of ['x'.repeat(5000), '€'.repeat(1000)]) {
    assert.equal(await read(romeo, 'n', `<item id='${id}'/>`, ''), '')
    assert.equal(
      await asked(romeo, `<retract node='n'><item id='${id}'/></retract>`, { to: '' }),
      'item-not-found',
    )
    assert.equal(await publish(romeo, 'n', id, ''), 'not-acceptable')
    assert.equal(await publish(romeo, id, 'a', ''), 'not-acceptable')
    assert.equal(await read(romeo, id, '', ''), 'item-not-found')
  }
})

test('requests in a namespace that has other actions, or none, are told what is not done', async () => {
  await using local = await nodesServer()
  const romeo = await local.connect('romeo@localhost/orchard')
  for (const namespace of [plain, owner]) {
    const isOwner = namespace === owner
    for (const type of ['get', 'set'] as const) {
      const answer = await asked(romeo, '<toString/>', { isOwner, type })
      assert.equal(answer, 'feature-not-implemented unsupported toString')
    }
  }
})
