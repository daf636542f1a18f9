import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  ask,
  asked,
  make,
  nodesServer,
  people,
  publish,
  publishing,
  read,
  submit,
  subscribe,
  told,
} from '../../../test/nodes.ts'

const owner = { isOwner: true }

test('XEP-0060 §8.1: a node is made once, by those who may, under a name or one made up', async () => {
  await using local = await nodesServer()
  const { admin, romeo } = await people(local)
  assert.equal(await asked(admin, `<create node='n'/>`), 'result')
  assert.equal(await asked(admin, `<create node='n'/>`), 'conflict')
  assert.equal(await asked(romeo, `<create node='m'/>`), 'forbidden')
  assert.match(await asked(admin, '<create/>'), /<create node='id-\d+'\/>/)
  assert.equal(
    await make(admin, 'p', { access_model: 'presence' }),
    'not-acceptable unsupported-access-model',
  )
  assert.equal(await make(admin, 'p', { max_items: '0' }), 'not-acceptable')
  assert.equal(await make(admin, 'p', { title: 'A title', nobody_knows: '1' }), 'result')
})

test('who may make nodes is an option', async () => {
  const cases = [
    ['anyone', 'result'],
    ['local', 'result'],
    ['admins', 'forbidden'],
  ] as const
  for (const [create, answer] of cases) {
    await using local = await nodesServer({ pubsubOptions: { create } })
    const romeo = await local.connect('romeo@localhost/orchard')
    assert.equal(await make(romeo, 'n'), answer, create)
  }
})

test('XEP-0060 §7.1: what is published goes to those who are subscribed, written once', async () => {
  await using local = await nodesServer()
  const { admin, romeo, juliet } = await people(local)
  await make(admin, 'n')
  assert.equal(
    await subscribe(romeo, 'n'),
    `<pubsub><subscription node='n' jid='romeo@localhost' subscription='subscribed'/></pubsub>`,
  )
  assert.equal(await publish(admin, 'n', 'a'), `<pubsub><publish node='n'><item id='a'/></publish></pubsub>`)
  const [event] = romeo.takeAll()
  assert.equal(event?.attribute('type'), 'headline')
  assert.equal(event?.attribute('from'), 'pubsub.localhost')
  const items = event?.child('event', 'http://jabber.org/protocol/pubsub#event')?.child('items')
  assert.equal(items?.child('item')?.attribute('publisher'), 'admin@localhost')
  assert.equal(items?.child('item')?.child('entry', 'urn:example')?.text, 'a')
  assert.deepEqual([told(admin), told(juliet)], [[], []])
  assert.match(await asked(admin, `<publish node='n'><item/></publish>`), /<item id='id-\d+'\/>/)
})

test('XEP-0060 §7.1.3: what cannot be published is refused, each with its condition', async () => {
  await using local = await nodesServer({ pubsubOptions: { payloadBytes: 200, itemIdBytes: 5 } })
  const { admin, romeo } = await people(local)
  await make(admin, 'n')
  await make(admin, 'small', { max_payload_size: '50' })
  await make(admin, 'quiet', { persist_items: '0', deliver_payloads: '0' })
  const large = (size: number) => `<item><a xmlns='urn:a'>${'x'.repeat(size)}</a></item>`
  const cases = [
    [admin, `<publish node='nowhere'><item/></publish>`, 'item-not-found'],
    [admin, `<publish><item/></publish>`, 'bad-request nodeid-required'],
    [romeo, publishing('n', 'a'), 'forbidden'],
    [admin, `<publish node='n'/>`, 'bad-request item-required'],
    [admin, `<publish node='quiet'><item/></publish>`, 'bad-request item-forbidden'],
    [
      admin,
      `<publish node='n'><item><a xmlns='a'/><b xmlns='b'/></item></publish>`,
      'bad-request invalid-payload',
    ],
    [admin, `<publish node='n'>${large(200)}</publish>`, 'not-acceptable payload-too-big'],
    [admin, `<publish node='small'>${large(50)}</publish>`, 'not-acceptable payload-too-big'],
    [admin, `<publish node='n'><item id='123456'/></publish>`, 'not-acceptable'],
    [admin, `<nonsense node='n'/>`, 'feature-not-implemented unsupported nonsense'],
    [admin, '', 'bad-request'],
  ] as const
  for (const [client, inside, answer] of cases) assert.equal(await asked(client, inside), answer, inside)
})

test('XEP-0060 §7.1.2: of many items the newest are kept, and one published again becomes the newest', async () => {
  await using local = await nodesServer()
  const { admin } = await people(local)
  await make(admin, 'n', { max_items: '3' })
  for (const id of ['a', 'b', 'c', 'a', 'd']) await publish(admin, 'n', id)
  assert.equal(await read(admin, 'n'), 'c a d')
  await publish(admin, 'n', 'c')
  assert.equal(await read(admin, 'n'), 'a d c')
  assert.equal(
    await asked(admin, `<configure node='n'>${submit({ max_items: '2' })}</configure>`, owner),
    'result',
  )
  assert.equal(await read(admin, 'n'), 'd c')
})

test('XEP-0060 §7.1.3.4: a full node can refuse what is new', async () => {
  await using local = await nodesServer()
  const { admin } = await people(local)
  await make(admin, 'n', { max_items: '1', publish_full_node: 'reject' })
  await publish(admin, 'n', 'a')
  assert.equal(await publish(admin, 'n', 'b'), 'conflict node-full')
  assert.match(await publish(admin, 'n', 'a'), /<item id='a'\/>/)
})

test('XEP-0060 §6.5: items are read by id, by number and a page at a time', async () => {
  await using local = await nodesServer({ pubsubOptions: { pageSize: 4 } })
  const { admin, romeo } = await people(local)
  await make(admin, 'n')
  for (const id of ['a', 'b', 'c', 'd', 'e', 'f']) await publish(admin, 'n', id)
  assert.equal(await read(romeo, 'n', `<item id='e'/><item id='b'/><item id='nowhere'/>`), 'e b')
  const page = async (attributes: string, set?: string) => {
    const rsm = set === undefined ? '' : `<set xmlns='http://jabber.org/protocol/rsm'>${set}</set>`
    const answer = await ask(romeo, `<items node='n'${attributes}/>${rsm}`, { type: 'get' })
    if (answer === undefined || typeof answer === 'string') return answer
    const ids = answer
      .child('items')
      ?.elements('item')
      .map((item) => item.attribute('id'))
    const count = answer.child('set', 'http://jabber.org/protocol/rsm')?.child('count')?.text
    return `${ids?.join(' ')}${count === undefined ? '' : ` of ${count}`}`
  }
  assert.equal(await page(` max_items='2'`), 'e f')
  assert.equal(await page(''), 'a b c d of 6', 'more than fits into one answer is a page that says so')
  assert.equal(await page('', '<max>2</max>'), 'a b of 6')
  assert.equal(await page('', '<max>2</max><after>b</after>'), 'c d of 6')
  assert.equal(await page('', '<max>2</max><before/>'), 'e f of 6')
  assert.equal(await page('', '<max>2</max><before>c</before>'), 'a b of 6')
  assert.equal(await page('', '<max>2</max><after>f</after>'), ' of 6')
  assert.equal(await page('', '<max>0</max>'), ' of 6')
  assert.equal(await page('', '<after>nowhere</after>'), 'item-not-found')
  assert.equal(await page('', '<max>2</max><index>1</index>'), 'b c of 6')
  assert.equal(await page('', '<max>2</max><index>6</index>'), ' of 6')
  assert.equal(await page(` max_items='x'`), 'bad-request')
  assert.equal(await read(romeo, 'nowhere'), 'item-not-found')
})

test('an answer has a bounded number of bytes, and at least one item', async () => {
  await using local = await nodesServer({ pubsubOptions: { pageBytes: 60 } })
  const { admin } = await people(local)
  await make(admin, 'n')
  for (const id of ['a', 'b', 'c']) await publish(admin, 'n', id)
  assert.equal(await read(admin, 'n'), 'a')
})

test('XEP-0060 §7.2: publishers take back their own items, owners any', async () => {
  await using local = await nodesServer()
  const { admin, romeo, juliet } = await people(local)
  await make(admin, 'n', { publish_model: 'open' })
  await asked(
    admin,
    `<affiliations node='n'><affiliation jid='juliet@localhost' affiliation='publish-only'/></affiliations>`,
    owner,
  )
  await subscribe(romeo, 'n')
  await publish(romeo, 'n', 'r')
  await publish(admin, 'n', 'a')
  await publish(juliet, 'n', 'j')
  told(romeo)
  const retract = (id: string, more = '') => `<retract node='n'${more}><item id='${id}'/></retract>`
  assert.equal(await asked(romeo, retract('a')), 'forbidden')
  assert.equal(await asked(juliet, retract('j')), 'forbidden')
  assert.equal(await asked(romeo, retract('r')), 'result')
  assert.equal(await asked(admin, retract('r')), 'item-not-found')
  assert.equal(await asked(admin, `<retract node='n'/>`), 'bad-request item-required')
  assert.equal(await asked(admin, `<retract node='n'><item/></retract>`), 'bad-request item-required')
  assert.deepEqual(told(romeo), ['n: -r'])
  await asked(admin, `<configure node='n'>${submit({ notify_retract: '0' })}</configure>`, owner)
  await asked(admin, retract('a'))
  assert.deepEqual(told(romeo), [])
  await asked(admin, retract('j', ` notify='true'`))
  assert.deepEqual(told(romeo), ['n: -j'])
  assert.equal(await read(admin, 'n'), '')
})

test('XEP-0060 §8.5: an owner takes back all items', async () => {
  await using local = await nodesServer()
  const { admin, romeo } = await people(local)
  await make(admin, 'n')
  await make(admin, 'transient', { persist_items: '0' })
  await subscribe(romeo, 'n')
  for (const id of ['a', 'b']) await publish(admin, 'n', id)
  told(romeo)
  assert.equal(await asked(romeo, `<purge node='n'/>`, owner), 'forbidden')
  assert.equal(await asked(admin, `<purge node='n'/>`, owner), 'result')
  assert.equal(
    await asked(admin, `<purge node='transient'/>`, owner),
    'feature-not-implemented unsupported persistent-items',
  )
  assert.deepEqual(told(romeo), [`<purge node='n'/>`])
  assert.equal(await read(admin, 'n'), '')
  await publish(admin, 'n', 'c')
  assert.equal(await read(admin, 'n'), 'c')
})

test('XEP-0060 §8.4: a node that is deleted may say where it went', async () => {
  await using local = await nodesServer()
  const { admin, romeo } = await people(local)
  await make(admin, 'n')
  await make(admin, 'm')
  await subscribe(romeo, 'n')
  await subscribe(romeo, 'm')
  assert.equal(await asked(romeo, `<delete node='n'/>`, owner), 'forbidden')
  assert.equal(await asked(admin, `<delete node='n'/>`, owner), 'result')
  assert.equal(await asked(admin, `<delete node='n'/>`, owner), 'item-not-found')
  await asked(admin, `<delete node='m'><redirect uri='xmpp:pubsub.localhost?;node=o'/></delete>`, owner)
  const redirect = `<redirect uri='xmpp:pubsub.localhost?;node=o'/>`
  assert.deepEqual(told(romeo), [`<delete node='n'/>`, `<delete node='m'>${redirect}</delete>`])
  assert.equal(await subscribe(romeo, 'm'), 'gone')
  assert.equal(await subscribe(romeo, 'n'), 'item-not-found')
  assert.equal(await make(admin, 'm'), 'result')
  assert.match(await subscribe(romeo, 'm'), /subscribed/)
})

test('XEP-0060 §8.2.5: subscribers hear of a new configuration if the node is set so', async () => {
  await using local = await nodesServer()
  const { admin, romeo } = await people(local)
  await make(admin, 'n')
  await subscribe(romeo, 'n')
  const configure = (fields: Record<string, string>) =>
    asked(admin, `<configure node='n'>${submit(fields)}</configure>`, owner)
  await configure({ title: 'One' })
  assert.deepEqual(told(romeo), [])
  await configure({ notify_config: '1', deliver_payloads: '0' })
  assert.deepEqual(told(romeo), [`<configuration node='n'/>`])
  await configure({ notify_config: '1' })
  assert.deepEqual(told(romeo), [], 'nothing has changed')
  assert.equal(await configure({ max_items: 'many' }), 'not-acceptable')
  assert.equal(await asked(admin, `<configure node='n'/>`, owner), 'bad-request')
  assert.equal(await asked(romeo, `<configure node='n'/>`, { ...owner, type: 'get' }), 'forbidden')
  assert.equal(await asked(admin, `<configure/>`, { ...owner, type: 'get' }), 'bad-request nodeid-required')
})

test('pubsub#item_expire: an item is gone when its time is over', async () => {
  await using local = await nodesServer()
  const { admin } = await people(local)
  await make(admin, 'n', { item_expire: '60' })
  await publish(admin, 'n', 'a')
  local.clock.advance(40_000)
  await publish(admin, 'n', 'b')
  local.clock.advance(40_000)
  assert.equal(await read(admin, 'n'), 'b')
  local.clock.advance(40_000)
  assert.equal(await read(admin, 'n'), '')
})

test('limits: nodes, nodes of one account, names, subscriptions, affiliations, items in a request', async () => {
  const pubsubOptions = {
    ...{ create: 'anyone', nodes: 3, nodesPerAccount: 2, nameBytes: 5 },
    ...{ subscriptionsPerNode: 1, affiliationsPerNode: 2, itemsPerRequest: 2 },
  }
  await using local = await nodesServer({ pubsubOptions })
  const { admin, romeo, juliet } = await people(local)
  assert.equal(await make(romeo, '123456'), 'not-acceptable')
  assert.equal(await make(romeo, 'a'), 'result')
  assert.equal(await make(romeo, 'b'), 'result')
  assert.equal(await make(romeo, 'c'), 'policy-violation max-nodes-exceeded')
  assert.equal(await make(juliet, 'c'), 'result')
  assert.equal(await make(juliet, 'd'), 'policy-violation max-nodes-exceeded')
  assert.match(await subscribe(romeo, 'a'), /subscribed/)
  assert.equal(await subscribe(juliet, 'a'), 'policy-violation too-many-subscriptions')
  assert.match(await subscribe(romeo, 'a'), /subscribed/, 'who is subscribed stays so')
  const affiliations = (...names: string[]) =>
    names.map((name) => `<affiliation jid='${name}@localhost' affiliation='member'/>`).join('')
  const set = (inside: string) => asked(romeo, `<affiliations node='a'>${inside}</affiliations>`, owner)
  assert.equal(await set(affiliations('x', 'y', 'z')), 'policy-violation')
  assert.equal(await set(affiliations('x', 'y')), 'policy-violation')
  assert.equal(await set(affiliations('x')), 'result')
  assert.match(await asked(romeo, `<affiliations node='a'/>`, { ...owner, type: 'get' }), /x@localhost/)
  assert.equal(await asked(romeo, `<publish node='a'><item/><item/><item/></publish>`), 'policy-violation')
  assert.equal(await asked(admin, `<delete node='c'/>`, owner), 'result')
  assert.equal(await make(juliet, 'd'), 'result')
})

test('XEP-0060 §5: nodes and items are discovered, with what a node says of itself', async () => {
  await using local = await nodesServer()
  const { admin, romeo } = await people(local)
  await make(admin, 'open', { title: 'Open to all' })
  await make(admin, 'closed', { access_model: 'whitelist' })
  await publish(admin, 'open', 'a')
  const discover = async (what: string, node = '') => {
    const query = `<query xmlns='http://jabber.org/protocol/disco#${what}'${node}/>`
    await romeo.send(`<iq type='get' id='d' to='pubsub.localhost'>${query}</iq>`)
    const [answer] = romeo.takeAll()
    return answer?.child('query', `http://jabber.org/protocol/disco#${what}`) ?? answer?.child('error')
  }
  const attributes = (await discover('items'))?.elements('item').map((item) => item.attributes)
  assert.deepEqual(attributes, [['jid', 'pubsub.localhost', 'name', 'Open to all', 'node', 'open']])
  const items = (await discover('items', ` node='open'`))?.elements('item').map((item) => item.attributes)
  assert.deepEqual(items, [['jid', 'pubsub.localhost', 'name', 'a']])
  const info = await discover('info', ` node='open'`)
  assert.deepEqual(info?.child('identity')?.attributes, [
    'category',
    'pubsub',
    'type',
    'leaf',
    'name',
    'Open to all',
  ])
  const fields = info?.child('x', 'jabber:x:data')?.elements('field') ?? []
  const values = new Map(fields.map((field) => [field.attribute('var'), field.child('value')?.text]))
  assert.equal(values.get('pubsub#owner'), 'admin@localhost')
  assert.equal(values.get('pubsub#creation_date'), '2026-01-01T00:00:00Z')
  assert.equal(values.get('pubsub#num_subscribers'), '0')
  assert.equal((await discover('info', ` node='closed'`))?.elements()[0]?.name, 'not-allowed')
  assert.equal((await discover('info', ` node='nowhere'`))?.elements()[0]?.name, 'item-not-found')
  const features = (await discover('info'))?.elements('feature').map((feature) => feature.attribute('var'))
  assert.ok(features?.includes('http://jabber.org/protocol/pubsub#publish-options'))
  assert.ok(features?.includes('http://jabber.org/protocol/pubsub#access-open'))
})

test('messages to the service that are no answers of owners are refused', async () => {
  await using local = await nodesServer()
  const { romeo } = await people(local)
  await romeo.send(`<message to='pubsub.localhost' id='m'><body>hello</body></message>`)
  await romeo.send(`<message to='somebody@pubsub.localhost' id='m'><body>hello</body></message>`)
  await romeo.send(`<message to='pubsub.localhost' type='error' id='m'/>`)
  const conditions = romeo.takeAll().map((stanza) => stanza.child('error')?.elements()[0]?.name)
  assert.deepEqual(conditions, ['service-unavailable', 'service-unavailable'])
})
