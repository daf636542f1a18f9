import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answerTo } from '../../../test/answer.ts'
import type { InMemory } from '../../../test/in-memory.ts'
import {
  arrive,
  asked,
  capsOf,
  nodesServer,
  publish,
  publishing,
  read,
  submit,
  told,
} from '../../../test/nodes.ts'
import type { MemoryClient } from '../../server/memory-client.ts'
import { element } from '../../xml/element.ts'
import { serialize } from '../../xml/serialize.ts'
import { blocking } from '../blocking/blocking.ts'
import { pep } from './pep.ts'

const mood = 'http://jabber.org/protocol/mood'
const wantsMood = [`${mood}+notify`]

/** Makes two accounts see each other's presence. */
async function befriend(one: MemoryClient, other: MemoryClient): Promise<void> {
  const [a, b] = [one.jid.bare, other.jid.bare]
  await one.send(`<presence to='${b}' type='subscribe'/>`)
  await other.send(`<presence to='${a}' type='subscribed'/>`)
  await other.send(`<presence to='${a}' type='subscribe'/>`)
  await one.send(`<presence to='${b}' type='subscribed'/>`)
}

async function friends(local: InMemory) {
  const romeo = await local.connect('romeo@localhost/orchard')
  const juliet = await local.connect('juliet@localhost/balcony')
  await befriend(romeo, juliet)
  for (const client of [romeo, juliet]) client.takeAll()
  return { romeo, juliet }
}

/** Lets what nobody waits for come to its end. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 30; turn += 1) await new Promise(setImmediate)
}

const withOptions = (fields: Record<string, string | readonly string[]>) =>
  `<publish-options>${submit(fields, 'publish-options')}</publish-options>`

test('XEP-0163 §4.3: what is published goes to contacts and own clients that want it, and to no others', async () => {
  await using local = await nodesServer()
  const { romeo, juliet } = await friends(local)
  const other = await local.connect('juliet@localhost/chamber')
  const deaf = await local.connect('romeo@localhost/street')
  const stranger = await local.connect('tybalt@localhost/street')
  await arrive(romeo, wantsMood)
  await arrive(other, wantsMood)
  await arrive(juliet, ['urn:nothing'])
  await arrive(deaf, ['urn:nothing'])
  await arrive(stranger, wantsMood)
  assert.match(await publish(juliet, mood, 'current', ''), /<item id='current'\/>/)
  assert.deepEqual(told(romeo), [`${mood}: +current`])
  assert.deepEqual(told(other), [`${mood}: +current`])
  assert.deepEqual([told(juliet), told(deaf), told(stranger)], [[], [], []])
})

test('who only shows presence is told nothing, nor is an outcast, even of an open node', async () => {
  await using local = await nodesServer()
  const { romeo, juliet } = await friends(local)
  await arrive(romeo, wantsMood)
  await arrive(juliet, [])
  const tybalt = await local.connect('tybalt@localhost/street')
  const shown = serialize(element('presence', 'jabber:client', { to: 'juliet@localhost' }, capsOf(wantsMood)))
  await tybalt.send(shown)
  await asked(juliet, publishing(mood, 'a') + withOptions({ access_model: 'open' }), { to: '' })
  assert.deepEqual([told(romeo), told(tybalt)], [[`${mood}: +a`], []])
  const outcast = `<affiliation jid='romeo@localhost' affiliation='outcast'/>`
  await asked(juliet, `<affiliations node='${mood}'>${outcast}</affiliations>`, { to: '', isOwner: true })
  await publish(juliet, mood, 'b', '')
  assert.deepEqual(told(romeo), [])
  const presence = submit({ access_model: 'presence' })
  await asked(juliet, `<configure node='${mood}'>${presence}</configure>`, { to: '', isOwner: true })
  await publish(juliet, mood, 'c', '')
  assert.deepEqual(told(romeo), [])
})

test('XEP-0163 §4.3.1: an event comes from the bare address, as a headline to the full one', async () => {
  await using local = await nodesServer()
  const { romeo, juliet } = await friends(local)
  await arrive(romeo, wantsMood)
  await arrive(juliet, [])
  await juliet.send(
    `<iq type='set' id='1'><pubsub xmlns='http://jabber.org/protocol/pubsub'>${publishing(mood, 'a')}</pubsub></iq>`,
  )
  const [event] = romeo.takeAll().filter(({ name }) => name === 'message')
  assert.equal(event?.attribute('from'), 'juliet@localhost')
  assert.equal(event?.attribute('to'), 'romeo@localhost/orchard')
  assert.equal(event?.attribute('type'), 'headline')
})

test('XEP-0163 §4.3.3: who comes is told the last items once, and again only with other features', async () => {
  await using local = await nodesServer()
  const { romeo, juliet } = await friends(local)
  await arrive(juliet, [])
  for (const id of ['a', 'b']) await publish(juliet, mood, id, '')
  await arrive(romeo, wantsMood)
  assert.deepEqual(told(romeo), [`${mood}: +b`])
  await arrive(romeo, wantsMood)
  assert.deepEqual(told(romeo), [])
  await arrive(romeo, [...wantsMood, 'urn:more'], 'newer')
  assert.deepEqual(told(romeo), [`${mood}: +b`])
  await romeo.send(`<presence type='unavailable'/>`)
  await arrive(romeo, wantsMood)
  assert.deepEqual(told(romeo), [`${mood}: +b`])
})

test('XEP-0163 §4.3.3: the last items of a contact who is not there are told too', async () => {
  await using local = await nodesServer()
  const { romeo, juliet } = await friends(local)
  await arrive(juliet, [])
  await publish(juliet, mood, 'a', '')
  juliet.close()
  await settle()
  await arrive(romeo, wantsMood)
  assert.deepEqual(told(romeo), [`${mood}: +a`])
})

test('own clients are told the last items of nodes that only they may read', async () => {
  await using local = await nodesServer()
  const { romeo, juliet } = await friends(local)
  const bookmarks = 'urn:xmpp:bookmarks:1'
  const options = withOptions({ access_model: 'whitelist', send_last_published_item: 'on_sub_and_presence' })
  await asked(juliet, `${publishing(bookmarks, 'room')}${options}`, { to: '' })
  await arrive(juliet, [`${bookmarks}+notify`])
  assert.deepEqual(told(juliet), [`${bookmarks}: +room`])
  await arrive(romeo, [`${bookmarks}+notify`])
  assert.deepEqual(told(romeo), [])
  assert.equal(await read(romeo, bookmarks, '', 'juliet@localhost'), 'not-allowed closed-node')
})

test('XEP-0060 §7.1.5: a node is made as the publisher expects, and must be so from then on', async () => {
  await using local = await nodesServer()
  const { juliet } = await friends(local)
  const put = (fields: Record<string, string>) =>
    asked(juliet, publishing('n', 'a') + withOptions(fields), { to: '' })
  const accepted = /<item id='a'\/>/
  assert.match(await put({ access_model: 'open', max_items: 'max', persist_items: 'true' }), accepted)
  assert.match(await put({ access_model: 'open' }), accepted)
  assert.equal(await put({ access_model: 'whitelist' }), 'conflict precondition-not-met')
  assert.equal(await put({ max_items: '10' }), 'conflict precondition-not-met')
  assert.equal(await put({ access_model: 'nonsense' }), 'conflict precondition-not-met')
  assert.equal(await put({ unheard_of: '1' }), 'conflict precondition-not-met')
  const wrong = publishing('m', 'a') + withOptions({ access_model: 'nonsense' })
  assert.equal(await asked(juliet, wrong, { to: '' }), 'not-acceptable unsupported-access-model')
  assert.equal(await read(juliet, 'm', '', ''), 'item-not-found', 'no node is made for what is refused')
})

test('XEP-0163 §4: others read by the access model: presence, groups, anybody', async () => {
  await using local = await nodesServer()
  const { romeo, juliet } = await friends(local)
  const tybalt = await local.connect('tybalt@localhost/street')
  await publish(juliet, 'presence', 'a', '')
  await asked(juliet, publishing('open', 'a') + withOptions({ access_model: 'open' }), { to: '' })
  const groups = { access_model: 'roster', roster_groups_allowed: ['Friends'] }
  await asked(juliet, publishing('roster', 'a') + withOptions(groups), { to: '' })
  const to = 'juliet@localhost'
  assert.equal(await read(romeo, 'presence', '', to), 'a')
  assert.equal(await read(tybalt, 'presence', '', to), 'not-authorized presence-subscription-required')
  assert.equal(await read(tybalt, 'open', '', to), 'a')
  assert.equal(await read(romeo, 'roster', '', to), 'not-authorized not-in-roster-group')
  await juliet.send(
    `<iq type='set' id='r'><query xmlns='jabber:iq:roster'><item jid='romeo@localhost'><group>Friends</group></item></query></iq>`,
  )
  assert.equal(await read(romeo, 'roster', '', to), 'a')
  assert.equal(await publish(romeo, 'open', 'b', to), 'forbidden')
  assert.equal(await publish(romeo, 'new', 'b', to), 'item-not-found')
  assert.equal(await asked(romeo, `<create node='new'/>`, { to }), 'forbidden')
  assert.equal(await asked(romeo, `<delete node='open'/>`, { to, isOwner: true }), 'forbidden')
})

test('XEP-0191 §3.3: who is blocked is told nothing', async () => {
  await using local = await nodesServer({ extensions: [blocking, pep] })
  const { romeo, juliet } = await friends(local)
  await arrive(romeo, wantsMood)
  await arrive(juliet, [])
  const block = `<block xmlns='urn:xmpp:blocking'><item jid='romeo@localhost'/></block>`
  await juliet.send(`<iq type='set' id='b'>${block}</iq>`)
  await publish(juliet, mood, 'a', '')
  assert.deepEqual(told(romeo), [])
  assert.equal(await read(romeo, mood, '', 'juliet@localhost'), 'service-unavailable')
})

test('XEP-0163 §6.1: an account says that it is a service, and lists its nodes to those who may see it', async () => {
  await using local = await nodesServer()
  const { romeo, juliet } = await friends(local)
  const tybalt = await local.connect('tybalt@localhost/street')
  await asked(juliet, publishing('n', 'a') + withOptions({ title: 'Title' }), { to: '' })
  const discover = async (client: MemoryClient, what: string, node = '') => {
    const query = `<query xmlns='http://jabber.org/protocol/disco#${what}'${node}/>`
    const answer = await answerTo(client, 'get', query, 'juliet@localhost')
    return answer?.child('error')?.elements() ?? answer?.elements()[0]?.elements() ?? []
  }
  const info = await discover(romeo, 'info')
  assert.ok(info.some((one) => one.attribute('category') === 'pubsub' && one.attribute('type') === 'pep'))
  assert.ok(info.some((one) => one.attribute('var') === 'http://jabber.org/protocol/pubsub#auto-create'))
  const [item] = await discover(romeo, 'items')
  assert.deepEqual(item?.attributes, ['jid', 'juliet@localhost', 'name', 'Title', 'node', 'n'])
  assert.equal((await discover(romeo, 'items', ` node='n'`))[0]?.attribute('name'), 'a')
  assert.equal((await discover(romeo, 'info', ` node='n'`))[0]?.attribute('type'), 'leaf')
  assert.equal((await discover(romeo, 'info', ` node='m'`))[0]?.name, 'item-not-found')
  assert.equal((await discover(tybalt, 'items'))[0]?.name, 'service-unavailable')
  assert.equal((await discover(tybalt, 'info', ` node='m'`))[0]?.name, 'service-unavailable')
})

test('an account has a bounded number of nodes', async () => {
  await using local = await nodesServer({ pep: { nodesPerAccount: 2 } })
  const { juliet } = await friends(local)
  await publish(juliet, 'a', '1', '')
  await publish(juliet, 'b', '1', '')
  assert.equal(await publish(juliet, 'c', '1', ''), 'policy-violation max-nodes-exceeded')
  assert.match(await publish(juliet, 'b', '2', ''), /'2'/)
})

test('an account keeps a bounded number of bytes, in whatever nodes, and may replace what it has', async () => {
  await using local = await nodesServer({ pep: { bytesPerAccount: 1000 } })
  const { juliet } = await friends(local)
  const put = (node: string, size: number) =>
    asked(
      juliet,
      `<publish node='${node}'><item id='i'><a xmlns='urn:a'>${'x'.repeat(size)}</a></item></publish>`,
      {
        to: '',
      },
    )
  assert.match(await put('a', 400), /'i'/)
  assert.match(await put('b', 400), /'i'/)
  assert.equal(await put('c', 400), 'resource-constraint')
  assert.match(await put('b', 450), /'i'/)
  juliet.close()
  await settle()
  const again = await local.connect('juliet@localhost/balcony')
  const publishing = (id: string) =>
    `<publish node='d'><item id='${id}'><a xmlns='urn:a'>${'x'.repeat(400)}</a></item></publish>`
  assert.equal(
    await asked(again, publishing('i'), { to: '' }),
    'resource-constraint',
    'as much as was kept before',
  )
  await asked(again, `<purge node='a'/>`, { to: '', isOwner: true })
  assert.match(await asked(again, publishing('i'), { to: '' }), /'i'/)
  await asked(again, `<delete node='b'/>`, { to: '', isOwner: true })
  await asked(again, `<configure node='d'>${submit({ max_items: '2' })}</configure>`, {
    to: '',
    isOwner: true,
  })
  assert.match(await asked(again, publishing('j'), { to: '' }), /'j'/)
})

test('XEP-0060 §8.6: an account is asked who may be subscribed to its node, and answers itself', async () => {
  await using local = await nodesServer()
  const { romeo, juliet } = await friends(local)
  await arrive(juliet, [])
  await arrive(romeo, [])
  told(romeo)
  await asked(juliet, publishing('n', 'a') + withOptions({ access_model: 'authorize' }), { to: '' })
  assert.match(
    await asked(romeo, `<subscribe node='n' jid='romeo@localhost'/>`, { to: 'juliet@localhost' }),
    /pending/,
  )
  const request = juliet.takeAll().find(({ name }) => name === 'message')
  assert.equal(request?.attribute('from'), 'juliet@localhost')
  const form = submit({ node: 'n', subscriber_jid: 'romeo@localhost', allow: '1' }, 'subscribe_authorization')
  await juliet.send(`<message to='juliet@localhost' id='m'>${form}</message>`)
  assert.deepEqual(told(romeo), [`<subscription node='n' jid='romeo@localhost' subscription='subscribed'/>`])
  await publish(juliet, 'n', 'b', '')
  assert.deepEqual(told(romeo), ['n: +b'])
})

test('XEP-0060 §7.1.2: items say who published them where the node is set so', async () => {
  await using local = await nodesServer()
  const { juliet } = await friends(local)
  const first = await asked(juliet, publishing('n', 'a') + withOptions({ itemreply: 'publisher' }), {
    to: '',
  })
  assert.match(first, /'a'/)
  await publish(juliet, 'm', 'a', '')
  const item = async (node: string) => asked(juliet, `<items node='${node}'/>`, { to: '', type: 'get' })
  assert.match(await item('n'), /publisher='juliet@localhost'/)
  assert.doesNotMatch(await item('m'), /publisher/)
})

test('XEP-0402 §4: a bookmark that is taken back is told to the other clients', async () => {
  await using local = await nodesServer()
  const { juliet } = await friends(local)
  const phone = await local.connect('juliet@localhost/phone')
  const bookmarks = 'urn:xmpp:bookmarks:1'
  await arrive(juliet, [`${bookmarks}+notify`])
  await arrive(phone, [`${bookmarks}+notify`])
  const options = withOptions({
    ...{
      persist_items: 'true',
      max_items: 'max',
      send_last_published_item: 'never',
      access_model: 'whitelist',
    },
  })
  await asked(juliet, publishing(bookmarks, 'room') + options, { to: '' })
  const retract = `<retract node='${bookmarks}' notify='1'><item id='room'/></retract>`
  assert.equal(await asked(juliet, retract, { to: '' }), 'result')
  const both = [`${bookmarks}: +room`, `${bookmarks}: -room`]
  assert.deepEqual([told(juliet), told(phone)], [both, both])
})
