import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ArchiveAnswer, type ArchiveQuestion, ask, inSet } from '../../../test/archive.ts'
import { type InMemory, inMemoryServer } from '../../../test/in-memory.ts'
import type { MemoryClient } from '../../server/memory-client.ts'
import { sqlite } from '../../storage/sqlite.ts'
import type { Driver } from '../../storage/storage.ts'
import { disco } from '../disco/disco.ts'
import { archive } from './archive.ts'

interface Filled extends AsyncDisposable {
  readonly local: InMemory
  readonly romeo: MemoryClient
  readonly ids: readonly string[]
}

/** Romeo with ten messages `0` to `9`, a second apart, to Juliet's two resources, to Paris and to himself. */
async function filled(options: object = {}, storage?: Driver): Promise<Filled> {
  const local = await inMemoryServer({
    extensions: [archive, disco],
    options: { archive: options },
    ...(storage ? { storage } : {}),
  })
  const romeo = await local.connect('romeo@localhost/orchard')
  for (const name of ['juliet', 'paris']) await local.connect(`${name}@localhost/home`)
  const to = ['juliet@localhost/home', 'juliet@localhost/garden', 'paris@localhost', 'romeo@localhost']
  for (let number = 0; number < 10; number += 1) {
    await romeo.send(`<message to='${to[number % 4]}' type='chat'><body>${number}</body></message>`)
    local.clock.advance(1000)
  }
  const messages = local.server.host('localhost')?.store.archive('archive')
  const page = await messages?.find('romeo', { limit: 100 })
  const ids = page?.entries.map(({ id }) => id) ?? []
  assert.equal(ids.length, 10)
  return { local, romeo, ids, [Symbol.asyncDispose]: () => local[Symbol.asyncDispose]() }
}

const time = (second: number) => new Date(Date.UTC(2026, 0, 1) + second * 1000).toISOString()
const summary = (answer: ArchiveAnswer) => [
  answer.bodies.join(''),
  answer.fin?.attribute('complete') === 'true',
]

const questions: [(ids: readonly string[]) => ArchiveQuestion, bodies: string, isComplete: boolean][] = [
  [() => ({}), '0123456789', true],
  [() => ({ set: '<max>3</max>' }), '012', false],
  [(ids) => ({ set: `<max>3</max><after>${ids[2]}</after>` }), '345', false],
  [(ids) => ({ set: `<max>3</max><after>${ids[6]}</after>` }), '789', true],
  [() => ({ set: '<max>3</max><before/>' }), '789', false],
  [(ids) => ({ set: `<max>3</max><before>${ids[7]}</before>` }), '456', false],
  [(ids) => ({ set: `<max>3</max><before>${ids[3]}</before>` }), '012', true],
  [() => ({ set: '<max>3</max><before/>', flipped: true }), '987', false],
  [() => ({ set: '<max>3</max>', flipped: true }), '210', false],
  [() => ({ set: '<max>3</max><index>5</index>' }), '567', false],
  [() => ({ set: '<index>10</index>' }), '', true],
  [() => ({ set: '<max>0</max>' }), '', false],
  [() => ({ fields: { start: time(7) } }), '789', true],
  [() => ({ fields: { end: time(2) } }), '012', true],
  [() => ({ fields: { start: time(2), end: time(4) } }), '234', true],
  [() => ({ fields: { start: time(4), end: time(2) } }), '', true],
  [() => ({ fields: { with: 'juliet@localhost' } }), '014589', true],
  [() => ({ fields: { with: 'juliet@localhost/garden' } }), '159', true],
  [() => ({ fields: { with: 'juliet@localhost/nowhere' } }), '', true],
  // §4.1.1: one's own address is for what was exchanged with oneself.
  [() => ({ fields: { with: 'romeo@localhost' } }), '37', true],
  [() => ({ fields: { with: 'juliet@localhost', start: time(3) }, set: '<max>2</max>' }), '45', false],
  [(ids) => ({ fields: { 'after-id': ids[2] ?? '', 'before-id': ids[6] ?? '' } }), '345', true],
  [(ids) => ({ fields: { 'after-id': ids[2] ?? '' }, set: '<max>2</max><before/>' }), '89', false],
  [
    (ids) => ({ fields: { 'after-id': ids[2] ?? '' }, set: `<max>2</max><after>${ids[4]}</after>` }),
    '56',
    false,
  ],
  [(ids) => ({ fields: { ids: [ids[7] ?? '', ids[1] ?? ''] } }), '17', true],
  [() => ({ fields: { '{urn:xmpp:fulltext:0}fulltext': '4' } }), '4', true],
  [() => ({ fields: { withtext: 'nothing' } }), '', true],
  [() => ({ fields: { 'include-groupchat': 'false' } }), '0123456789', true],
]

test('XEP-0313 §4: what is asked for comes, in the order of its arrival, and whether it is all', async () => {
  await using filling = await filled()
  for (const [question, bodies, isComplete] of questions) {
    const asked = question(filling.ids)
    const answer = await ask(filling.romeo, asked)
    assert.deepEqual(summary(answer), [bodies, isComplete], JSON.stringify(asked))
    const inOrder = asked.flipped ? answer.ids.toReversed() : answer.ids
    assert.deepEqual([inSet(answer, 'first'), inSet(answer, 'last')], [inOrder.at(0), inOrder.at(-1)])
    assert.notEqual(answer.fin?.attribute('stable'), 'false')
  }
})

test('XEP-0313 §4: pages put together are the whole, forward and backward, whatever is filtered', async () => {
  await using filling = await filled()
  for (const fields of [{}, { with: 'juliet@localhost' }, { start: time(2), end: time(8) }]) {
    const whole = (await ask(filling.romeo, { fields })).bodies
    const forward: string[] = []
    const backward: string[] = []
    for (let set = ''; ; ) {
      const page = await ask(filling.romeo, { fields, set: `<max>2</max>${set}` })
      forward.push(...page.bodies)
      if (page.fin?.attribute('complete') === 'true') break
      set = `<after>${inSet(page, 'last')}</after>`
    }
    for (let set = '<before/>'; ; ) {
      const page = await ask(filling.romeo, { fields, set: `<max>2</max>${set}` })
      backward.unshift(...page.bodies)
      if (page.fin?.attribute('complete') === 'true') break
      set = `<before>${inSet(page, 'first')}</before>`
    }
    assert.deepEqual([forward, backward], [whole, whole])
  }
})

test('XEP-0059 §2.1, §2.7: all, and a time, are counted; what would have to be gone through is not', async () => {
  await using filling = await filled()
  const count = async (question: ArchiveQuestion) => {
    const answer = await ask(filling.romeo, question)
    const first = answer.fin?.child('set', 'http://jabber.org/protocol/rsm')?.child('first')
    return [inSet(answer, 'count'), first?.attribute('index')]
  }
  assert.deepEqual(await count({}), ['10', '0'])
  assert.deepEqual(await count({ set: '<max>0</max>' }), ['10', undefined])
  assert.deepEqual(await count({ set: '<max>3</max><before/>' }), ['10', '7'])
  assert.deepEqual(await count({ fields: { start: time(4) }, set: `<max>2</max><before/>` }), ['6', '4'])
  assert.deepEqual(await count({ fields: { with: 'juliet@localhost' } }), [undefined, undefined])
})

test('XEP-0313 §4.1.3, §4.3.2: an id that is not in the archive is not found', async () => {
  await using filling = await filled()
  const id = filling.ids[0] ?? ''
  for (const question of [
    { fields: { 'after-id': 'gone' } },
    { fields: { 'before-id': 'gone' } },
    { fields: { ids: [id, 'gone'] } },
    { set: '<after>gone</after>' },
    { set: '<before>gone</before>' },
  ]) {
    const { error, results } = await ask(filling.romeo, question)
    assert.deepEqual([error, results.length], ['item-not-found', 0], JSON.stringify(question))
  }
})

test('XEP-0313 §4.2: a result says for which query, from which archive and when; clients tell by it', async () => {
  await using filling = await filled()
  await filling.romeo.send(
    `<iq type='set' id='q'><query xmlns='urn:xmpp:mam:2' queryid='f27'><set xmlns='http://jabber.org/protocol/rsm'><max>1</max></set></query></iq>`,
  )
  const [message, answer] = filling.romeo.takeAll()
  assert.equal(message?.attribute('from'), 'romeo@localhost')
  assert.equal(message?.attribute('to'), 'romeo@localhost/orchard')
  const result = message?.child('result', 'urn:xmpp:mam:2')
  assert.deepEqual([result?.attribute('queryid'), result?.attribute('id')], ['f27', filling.ids[0]])
  const delay = result?.child('forwarded', 'urn:xmpp:forward:0')?.child('delay', 'urn:xmpp:delay')
  assert.equal(delay?.attribute('stamp'), '2026-01-01T00:00:00Z')
  assert.equal(answer?.attribute('type'), 'result')
})

test('XEP-0313 §4.3.1: a page is no longer than the server allows, in messages and in characters', async () => {
  await using byNumber = await filled({ pageSize: 4, maxPageSize: 6 })
  assert.deepEqual(summary(await ask(byNumber.romeo)), ['0123', false])
  assert.deepEqual(summary(await ask(byNumber.romeo, { set: '<max>99</max>' })), ['012345', false])
  const length = (await keptLength(byNumber)) * 3
  await using byLength = await filled({ maxPageLength: length })
  assert.deepEqual(summary(await ask(byLength.romeo)), ['012', false])
  const last = await ask(byLength.romeo, { set: '<max>5</max><before/>' })
  assert.deepEqual(summary(last), ['789', false])
  assert.equal(
    last.fin?.child('set', 'http://jabber.org/protocol/rsm')?.child('first')?.attribute('index'),
    '7',
  )
  await using tooLong = await filled({ maxPageLength: 1 })
  assert.deepEqual(summary(await ask(tooLong.romeo)), ['0', false], 'one always comes')
})

/** Characters of the longest message that Romeo has in his archive. */
async function keptLength({ local }: Filled): Promise<number> {
  const messages = local.server.host('localhost')?.store.archive<string>('archive')
  const page = await messages?.find('romeo', { limit: 100 })
  return Math.max(...(page?.entries.map(({ value }) => value.length) ?? []))
}

test('XEP-0313 §5: the metadata are the ends of the archive, and nothing of an empty one', async () => {
  await using filling = await filled()
  const metadata = async (client: MemoryClient) => {
    client.takeAll()
    await client.send(`<iq type='get' id='m'><metadata xmlns='urn:xmpp:mam:2'/></iq>`)
    const found = client.takeAll()[0]?.child('metadata', 'urn:xmpp:mam:2')
    return found?.elements().map((end) => [end.name, end.attribute('id'), end.attribute('timestamp')])
  }
  assert.deepEqual(await metadata(filling.romeo), [
    ['start', filling.ids[0], '2026-01-01T00:00:00Z'],
    ['end', filling.ids[9], '2026-01-01T00:00:09Z'],
  ])
  const nurse = await filling.local.connect('nurse@localhost/hall')
  assert.deepEqual(await metadata(nurse), [])
  assert.deepEqual(summary(await ask(nurse)), ['', true])
})

test('XEP-0313 §8.1: an archive is nobody else’s business', async () => {
  await using filling = await filled()
  const tybalt = await filling.local.connect('tybalt@localhost/street')
  for (const inside of [
    `<query xmlns='urn:xmpp:mam:2'/>`,
    `<prefs xmlns='urn:xmpp:mam:2' default='never'/>`,
  ]) {
    await tybalt.send(`<iq type='set' id='spy' to='romeo@localhost'>${inside}</iq>`)
    assert.deepEqual(
      tybalt.takeAll().map((stanza) => stanza.attribute('type')),
      ['error'],
    )
  }
})

async function formAndFeatures({ romeo }: Filled): Promise<[string[], string[]]> {
  romeo.takeAll()
  await romeo.send(`<iq type='get' id='f'><query xmlns='urn:xmpp:mam:2'/></iq>`)
  await romeo.send(
    `<iq type='get' id='d' to='romeo@localhost'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>`,
  )
  const [form, info] = romeo.takeAll()
  const fields = form?.child('query', 'urn:xmpp:mam:2')?.child('x', 'jabber:x:data')?.elements('field') ?? []
  const features = info?.child('query', 'http://jabber.org/protocol/disco#info')?.elements('feature') ?? []
  return [
    fields.map((field) => field.attribute('var') ?? ''),
    features.map((feature) => feature.attribute('var') ?? ''),
  ]
}

const always = ['FORM_TYPE', 'with', 'start', 'end', 'before-id', 'after-id', 'ids', 'include-groupchat']

test('XEP-0313 §4.1.5, §7: the form has every field that is understood, and disco says what is offered', async () => {
  await using filling = await filled()
  const [fields, features] = await formAndFeatures(filling)
  assert.deepEqual(fields, [...always, '{urn:xmpp:fulltext:0}fulltext', 'withtext'])
  for (const feature of [
    'urn:xmpp:mam:2',
    'urn:xmpp:mam:2#extended',
    'urn:xmpp:mam:2#groupchat-field',
    'urn:xmpp:sid:0',
    'urn:xmpp:fulltext:0',
  ]) {
    assert.ok(features.includes(feature), feature)
  }
})

test('XEP-0431: without an index of words nothing of searching is offered, and asking for it is refused', async () => {
  const driver = sqlite(':memory:')
  const wordless: Driver = { ...driver, archive: (name) => ({ ...driver.archive(name), canSearch: false }) }
  await using byChoice = await filled({ search: false })
  await using byStorage = await filled({}, wordless)
  for (const filling of [byChoice, byStorage]) {
    const [fields, features] = await formAndFeatures(filling)
    assert.deepEqual(fields, always)
    assert.ok(!features.includes('urn:xmpp:fulltext:0'))
    assert.equal((await ask(filling.romeo, { fields: { withtext: '4' } })).error, 'feature-not-implemented')
  }
})

test('XEP-0160 §3: who has asked the archive is known to have what is in it', async () => {
  await using filling = await filled()
  const api = filling.local.server.host('localhost')?.extensions.api(archive)
  const phone = await filling.local.connect('romeo@localhost/phone')
  await ask(filling.romeo)
  assert.equal(api?.hasQueried(filling.romeo.session), true)
  assert.equal(api?.hasQueried(phone.session), false)
})
