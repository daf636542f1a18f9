import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  ask,
  asked,
  make,
  nodesServer,
  people,
  publish,
  read,
  submit,
  subscribe,
  told,
} from '../../../test/nodes.ts'
import type { MemoryClient } from '../../server/memory-client.ts'

const owner = { isOwner: true }
const affiliate = (client: MemoryClient, node: string, who: string, affiliation: string) => {
  const item = `<affiliation jid='${who}@localhost' affiliation='${affiliation}'/>`
  return asked(client, `<affiliations node='${node}'>${item}</affiliations>`, owner)
}

test('XEP-0060 §6.1.3: one subscribes oneself, and nobody else', async () => {
  await using local = await nodesServer()
  const { admin, romeo } = await people(local)
  await make(admin, 'n')
  const cases = [
    [`<subscribe node='n' jid='juliet@localhost'/>`, 'bad-request invalid-jid'],
    [`<subscribe node='n' jid='romeo@localhost/elsewhere'/>`, 'bad-request invalid-jid'],
    [`<subscribe node='n'/>`, 'bad-request jid-required'],
    [`<subscribe node='n' jid='@'/>`, 'jid-malformed'],
    [`<subscribe node='m' jid='romeo@localhost'/>`, 'item-not-found'],
    [`<subscribe jid='romeo@localhost'/>`, 'bad-request nodeid-required'],
    [`<unsubscribe node='n' jid='romeo@localhost'/>`, 'unexpected-request not-subscribed'],
    [`<unsubscribe node='n' jid='juliet@localhost'/>`, 'forbidden'],
  ] as const
  for (const [inside, answer] of cases) assert.equal(await asked(romeo, inside), answer, inside)
})

test('XEP-0060 §6.1: with the full address only that client gets events, until it unsubscribes', async () => {
  await using local = await nodesServer()
  const { admin, romeo } = await people(local)
  const other = await local.connect('romeo@localhost/street')
  await other.send('<presence/>')
  await make(admin, 'n')
  await asked(romeo, `<subscribe node='n' jid='romeo@localhost/orchard'/>`)
  await publish(admin, 'n', 'a')
  assert.deepEqual([told(romeo), told(other)], [['n: +a'], []])
  assert.equal(
    await asked(romeo, `<unsubscribe node='n' jid='romeo@localhost/orchard'/>`),
    `<pubsub><subscription node='n' jid='romeo@localhost/orchard' subscription='none'/></pubsub>`,
  )
  await publish(admin, 'n', 'b')
  assert.deepEqual([told(romeo), told(other)], [[], []])
})

test('XEP-0060 §6.1.7: a new subscriber is sent the last item, stamped with its time, if the node is set so', async () => {
  await using local = await nodesServer()
  const { admin, romeo, juliet } = await people(local)
  await make(admin, 'n', { send_last_published_item: 'on_sub' })
  await make(admin, 'm')
  for (const node of ['n', 'm']) for (const id of ['a', 'b']) await publish(admin, node, id)
  local.clock.advance(1000)
  await romeo.send(
    `<iq type='set' id='s' to='pubsub.localhost'><pubsub xmlns='http://jabber.org/protocol/pubsub'><subscribe node='n' jid='romeo@localhost'/></pubsub></iq>`,
  )
  const [result, event] = romeo.takeAll()
  assert.equal(result?.attribute('type'), 'result')
  assert.equal(event?.child('delay', 'urn:xmpp:delay')?.attribute('stamp'), '2026-01-01T00:00:00Z')
  await subscribe(juliet, 'n')
  await subscribe(juliet, 'm')
  assert.deepEqual(told(juliet), ['n: +b'])
})

test('XEP-0060 §4.5: a closed node is for those who are listed', async () => {
  await using local = await nodesServer()
  const { admin, romeo, juliet } = await people(local)
  await make(admin, 'n', { access_model: 'whitelist' })
  await affiliate(admin, 'n', 'juliet', 'member')
  assert.equal(await subscribe(romeo, 'n'), 'not-allowed closed-node')
  assert.equal(await read(romeo, 'n'), 'not-allowed closed-node')
  assert.match(await subscribe(juliet, 'n'), /subscribed/)
  await publish(admin, 'n', 'a')
  assert.equal(await read(juliet, 'n'), 'a')
  assert.deepEqual(told(juliet), ['n: +a'])
  await affiliate(admin, 'n', 'juliet', 'none')
  assert.deepEqual(told(juliet), [`<subscription node='n' jid='juliet@localhost' subscription='none'/>`])
  await publish(admin, 'n', 'b')
  assert.deepEqual(told(juliet), [])
})

test('XEP-0060 §4.1: an outcast reads nothing and loses the subscription', async () => {
  await using local = await nodesServer()
  const { admin, romeo } = await people(local)
  await make(admin, 'n', { publish_model: 'open' })
  await subscribe(romeo, 'n')
  await affiliate(admin, 'n', 'romeo', 'outcast')
  assert.deepEqual(told(romeo), [`<subscription node='n' jid='romeo@localhost' subscription='none'/>`])
  assert.equal(await subscribe(romeo, 'n'), 'forbidden')
  assert.equal(await read(romeo, 'n'), 'forbidden')
  assert.equal(await publish(romeo, 'n', 'a'), 'forbidden')
  await publish(admin, 'n', 'b')
  assert.deepEqual(told(romeo), [])
})

test('XEP-0060 §4.1: who may only publish reads nothing', async () => {
  await using local = await nodesServer()
  const { admin, romeo } = await people(local)
  await make(admin, 'n')
  await subscribe(romeo, 'n')
  await affiliate(admin, 'n', 'romeo', 'publish-only')
  assert.deepEqual(told(romeo), [`<subscription node='n' jid='romeo@localhost' subscription='none'/>`])
  assert.match(await publish(romeo, 'n', 'a'), /'a'/)
  assert.equal(await read(romeo, 'n'), 'forbidden')
  assert.equal(await subscribe(romeo, 'n'), 'forbidden')
})

test('XEP-0060 §7.1.3.1: publishers, subscribers or all may publish', async () => {
  await using local = await nodesServer()
  const { admin, romeo, juliet } = await people(local)
  await make(admin, 'p')
  await affiliate(admin, 'p', 'romeo', 'publisher')
  await affiliate(admin, 'p', 'juliet', 'member')
  await make(admin, 's', { publish_model: 'subscribers' })
  await subscribe(romeo, 's')
  for (const node of ['p', 's']) {
    assert.match(await publish(romeo, node, 'r'), /<item id='r'\/>/)
    assert.equal(await publish(juliet, node, 'j'), 'forbidden')
  }
})

const form = (allow: string, node = 'n') =>
  submit({ node, subscriber_jid: 'romeo@localhost', allow }, 'subscribe_authorization')

test('XEP-0060 §8.6: an owner is asked who may be subscribed', async () => {
  await using local = await nodesServer()
  const { admin, romeo } = await people(local)
  await make(admin, 'n', { access_model: 'authorize' })
  await publish(admin, 'n', 'a')
  assert.match(await subscribe(romeo, 'n'), /subscription='pending'/)
  const [request] = admin.takeAll()
  const x = request?.child('x', 'jabber:x:data')
  const values = x?.elements('field').map((field) => field.child('value')?.text)
  assert.deepEqual(values?.slice(2), ['n', 'romeo@localhost', '0'])
  assert.equal(await subscribe(romeo, 'n'), 'not-authorized pending-subscription')
  assert.equal(await read(romeo, 'n'), 'not-authorized not-subscribed')
  await publish(admin, 'n', 'b')
  assert.deepEqual(told(romeo), [])

  await romeo.send(`<message to='pubsub.localhost' id='1'>${form('1')}</message>`)
  assert.equal(
    romeo.takeAll()[0]?.child('error')?.elements()[0]?.name,
    'forbidden',
    'one does not allow oneself',
  )
  await admin.send(`<message to='pubsub.localhost' id='2'>${form('1').replace('submit', 'cancel')}</message>`)
  assert.deepEqual(told(romeo), [], 'a form that is cancelled decides nothing')
  await admin.send(`<message to='pubsub.localhost' id='3'>${form('maybe')}</message>`)
  await admin.send(`<message to='pubsub.localhost' id='4'>${form('1', 'm')}</message>`)
  const conditions = admin.takeAll().map((stanza) => stanza.child('error')?.elements()[0]?.name)
  assert.deepEqual(conditions, ['bad-request', 'item-not-found'])
  await admin.send(`<message to='pubsub.localhost' id='5'>${form('true')}</message>`)
  assert.deepEqual(told(romeo), [`<subscription node='n' jid='romeo@localhost' subscription='subscribed'/>`])
  await admin.send(`<message to='pubsub.localhost' id='6'>${form('0')}</message>`)
  assert.deepEqual(told(romeo), [], 'what is decided stays so')
  assert.equal(await read(romeo, 'n'), 'a b')
  await publish(admin, 'n', 'c')
  assert.deepEqual(told(romeo), ['n: +c'])
})

test('XEP-0060 §8.6: an owner denies', async () => {
  await using local = await nodesServer()
  const { admin, romeo } = await people(local)
  await make(admin, 'n', { access_model: 'authorize' })
  await subscribe(romeo, 'n')
  await admin.send(`<message to='pubsub.localhost' id='1'>${form('false')}</message>`)
  assert.deepEqual(told(romeo), [`<subscription node='n' jid='romeo@localhost' subscription='none'/>`])
  assert.match(await subscribe(romeo, 'n'), /pending/)
})

test('XEP-0060 §6.3: a subscriber turns events off and on', async () => {
  await using local = await nodesServer()
  const { admin, romeo, juliet } = await people(local)
  await make(admin, 'n')
  await subscribe(romeo, 'n')
  const jid = `jid='romeo@localhost'`
  const set = (deliver: string) => {
    const x = submit({ deliver }, 'subscribe_options')
    return asked(romeo, `<options node='n' ${jid}>${x}</options>`)
  }
  assert.equal(await set('0'), 'result')
  await publish(admin, 'n', 'a')
  assert.deepEqual(told(romeo), [])
  const options = `<options node='n' ${jid}/>`
  assert.match(await asked(romeo, options, { type: 'get' }), /var='pubsub#deliver'.*<value>0<\/value>/)
  assert.equal(await set('maybe'), 'bad-request invalid-options')
  assert.equal(await asked(romeo, options), 'bad-request invalid-options')
  assert.equal(await asked(juliet, options, { type: 'get' }), 'forbidden')
  await set('1')
  await publish(admin, 'n', 'b')
  assert.deepEqual(told(romeo), ['n: +b'])
  const off = submit({ deliver: '0' }, 'subscribe_options')
  const subscribing = `<subscribe node='n' jid='juliet@localhost'/><options>${off}</options>`
  assert.match(await asked(juliet, subscribing), /subscribed/)
  await publish(admin, 'n', 'c')
  assert.deepEqual(told(juliet), [])
  const standard = await asked(juliet, `<default node='n'/>`, { type: 'get' })
  assert.match(standard, /var='pubsub#deliver'.*<value>1<\/value>/)
})

test('XEP-0060 §8.8: owners read and change who is subscribed', async () => {
  await using local = await nodesServer()
  const { admin, romeo, juliet } = await people(local)
  await make(admin, 'n', { access_model: 'authorize' })
  await subscribe(romeo, 'n')
  const list = () => asked(admin, `<subscriptions node='n'/>`, { ...owner, type: 'get' })
  assert.doesNotMatch(await list(), /romeo/, 'who waits is not subscribed')
  const set = (...pairs: [string, string][]) => {
    const items = pairs.map(([jid, state]) => `<subscription jid='${jid}' subscription='${state}'/>`)
    return asked(admin, `<subscriptions node='n'>${items.join('')}</subscriptions>`, owner)
  }
  assert.equal(await set(['romeo@localhost', 'subscribed'], ['juliet@localhost', 'subscribed']), 'result')
  assert.match(await list(), /romeo@localhost.*juliet@localhost/)
  assert.deepEqual(told(juliet), [
    `<subscription node='n' jid='juliet@localhost' subscription='subscribed'/>`,
  ])
  assert.equal(await set(['juliet@localhost', 'none'], ['romeo@localhost', 'half']), 'not-acceptable')
  assert.match(await list(), /juliet/, 'all or nothing')
  assert.equal(await set(['juliet@localhost', 'none'], ['nobody@localhost', 'none']), 'result')
  assert.doesNotMatch(await list(), /juliet|nobody/)
  assert.equal(await asked(romeo, `<subscriptions node='n'/>`, { ...owner, type: 'get' }), 'forbidden')
})

test('XEP-0060 §8.9: owners read and change who is what, and a node keeps an owner', async () => {
  await using local = await nodesServer({ admins: [], pubsubOptions: { create: 'anyone' } })
  const { romeo, juliet } = await people(local)
  await make(romeo, 'n')
  const list = (client: MemoryClient) => asked(client, `<affiliations node='n'/>`, { ...owner, type: 'get' })
  assert.match(await list(romeo), /jid='romeo@localhost' affiliation='owner'/)
  assert.equal(await affiliate(romeo, 'n', 'romeo', 'none'), 'not-acceptable')
  assert.equal(await affiliate(romeo, 'n', 'juliet', 'king'), 'not-acceptable')
  assert.equal(await affiliate(juliet, 'n', 'juliet', 'owner'), 'forbidden')
  const twice = `<affiliation jid='juliet@localhost' affiliation='owner'/>`.repeat(2)
  assert.equal(await asked(romeo, `<affiliations node='n'>${twice}</affiliations>`, owner), 'bad-request')
  assert.equal(await affiliate(romeo, 'n', 'juliet', 'owner'), 'result')
  assert.equal(await affiliate(romeo, 'n', 'romeo', 'none'), 'result')
  assert.equal(await list(romeo), 'forbidden')
  assert.doesNotMatch(await list(juliet), /romeo/)
})

test('XEP-0060 §5.6, §5.7: everybody reads what they are, of one node or of all', async () => {
  await using local = await nodesServer()
  const { admin, romeo } = await people(local)
  for (const node of ['n', 'm']) {
    await make(admin, node)
    await subscribe(romeo, node)
  }
  await affiliate(admin, 'm', 'romeo', 'publisher')
  const count = async (client: MemoryClient, inside: string) => {
    const answer = await ask(client, inside, { type: 'get' })
    return typeof answer === 'object' ? answer.elements()[0]?.elements().length : answer
  }
  assert.equal(await count(romeo, '<subscriptions/>'), 2)
  assert.equal(await count(romeo, `<subscriptions node='n'/>`), 1)
  assert.equal(await count(romeo, '<affiliations/>'), 1)
  assert.equal(await count(admin, '<affiliations/>'), 2)
  assert.equal(await count(romeo, `<affiliations node='n'/>`), 0)
  await asked(romeo, `<unsubscribe node='n' jid='romeo@localhost'/>`)
  for (let times = 0; times < 2; times += 1) assert.equal(await count(romeo, '<subscriptions/>'), 1)
  await asked(admin, `<delete node='m'/>`, owner)
  for (let times = 0; times < 2; times += 1) assert.equal(await count(romeo, '<subscriptions/>'), 0)
  await subscribe(romeo, 'n')
  assert.equal(await count(romeo, '<subscriptions/>'), 1)
  assert.equal(await count(romeo, `<affiliations node='nowhere'/>`), 'item-not-found')
})

test('pubsub#notify_sub: owners are told who comes and goes, if the node is set so', async () => {
  await using local = await nodesServer()
  const { admin, romeo } = await people(local)
  await make(admin, 'n', { notify_sub: '1' })
  await subscribe(romeo, 'n')
  await asked(romeo, `<unsubscribe node='n' jid='romeo@localhost'/>`)
  const event = (state: string) => `<subscription node='n' jid='romeo@localhost' subscription='${state}'/>`
  assert.deepEqual(told(admin), [event('subscribed'), event('none')])
})

test('events come in the order in which items are kept, however many publish at once', async () => {
  await using local = await nodesServer()
  const { admin, romeo } = await people(local)
  const other = await local.connect('admin@localhost/work')
  await make(admin, 'n', { max_items: 'max' })
  await subscribe(romeo, 'n')
  const all = Array.from({ length: 20 }, (_, index) => {
    const id = index % 3 ? `i${index}` : 'same'
    const publishing = `<publish node='n'><item id='${id}'><entry xmlns='urn:example'>${index}</entry></item></publish>`
    return (index % 2 ? admin : other).send(
      `<iq type='set' id='p${index}' to='pubsub.localhost'><pubsub xmlns='http://jabber.org/protocol/pubsub'>${publishing}</pubsub></iq>`,
    )
  })
  await Promise.all(all)
  const entryByIdInOrder = new Map<string, string | undefined>()
  for (const message of romeo.takeAll()) {
    const event = message.child('event', 'http://jabber.org/protocol/pubsub#event')
    const item = event?.child('items')?.child('item')
    const id = item?.attribute('id') ?? ''
    entryByIdInOrder.delete(id)
    entryByIdInOrder.set(id, item?.child('entry', 'urn:example')?.text)
  }
  assert.equal(entryByIdInOrder.size, 14)
  const answer = await ask(romeo, `<items node='n'/>`, { type: 'get' })
  assert.ok(typeof answer === 'object')
  const kept = answer.child('items')?.elements('item') ?? []
  assert.deepEqual(
    kept.map((item) => [item.attribute('id'), item.child('entry', 'urn:example')?.text]),
    [...entryByIdInOrder],
  )
})
