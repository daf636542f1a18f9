import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answerTo } from '../../../test/answer.ts'
import {
  administer,
  configure,
  enter,
  inside,
  romeoInside,
  room,
  roomServer,
  say,
  told,
} from '../../../test/rooms.ts'
import type { MemoryClient } from '../../server/memory-client.ts'
import type { Element } from '../../xml/element.ts'

const info = 'http://jabber.org/protocol/disco#info'
const items = 'http://jabber.org/protocol/disco#items'
const paging = 'http://jabber.org/protocol/rsm'

async function ask(
  client: MemoryClient,
  namespace: string,
  to = room,
  inner = '',
  node = '',
): Promise<Element | undefined> {
  client.takeAll()
  const answer = await answerTo(client, 'get', `<query xmlns='${namespace}'${node}>${inner}</query>`, to)
  return answer?.child('query', namespace) ?? answer?.child('error')?.elements()[0]
}

const namesOf = (query: Element | undefined) => query?.elements('item').map((item) => item.attribute('name'))

function roominfo(query: Element | undefined): Record<string, string> {
  const fields = query?.child('x', 'jabber:x:data')?.elements('field') ?? []
  return Object.fromEntries(fields.map((field) => [field.attribute('var'), field.child('value')?.text ?? '']))
}

for (const [form, on, off] of [
  [{ persistentroom: '1' }, 'muc_persistent', 'muc_temporary'],
  [{ publicroom: '0' }, 'muc_hidden', 'muc_public'],
  [{ membersonly: '1' }, 'muc_membersonly', 'muc_open'],
  [{ moderatedroom: '1' }, 'muc_moderated', 'muc_unmoderated'],
  [{ whois: 'anyone' }, 'muc_nonanonymous', 'muc_semianonymous'],
  [{ roomsecret: 'cauldronburn' }, 'muc_passwordprotected', 'muc_unsecured'],
] as const) {
  test(`XEP-0045 §6.4: ${on} or ${off}, never both`, async () => {
    await using local = await roomServer()
    const romeo = await romeoInside(local)
    const features = async () =>
      (await ask(romeo, info))?.elements('feature').map((feature) => feature.attribute('var')) ?? []
    const before = await features()
    assert.deepEqual([before.includes(on), before.includes(off)], [false, true])
    await configure(romeo, form)
    const after = await features()
    assert.deepEqual([after.includes(on), after.includes(off)], [true, false])
    assert.deepEqual(new Set(after).size, after.length)
  })
}

test('XEP-0045 §14.4: who is in a room that is hidden or for members only is not for those outside', async () => {
  await using local = await roomServer()
  const romeo = await romeoInside(local, { roomdesc: 'Where light breaks', lang: 'en' })
  await romeo.send(`<message to='${room}' type='groupchat'><subject>Dawn</subject></message>`)
  const paris = await local.connect('paris@localhost/street')
  const open_ = roominfo(await ask(paris, info))
  assert.equal(open_['muc#roominfo_occupants'], '1')
  assert.equal(open_['muc#roominfo_subject'], 'Dawn')
  assert.equal(open_['muc#roominfo_description'], 'Where light breaks')
  assert.equal(open_['muc#roominfo_lang'], 'en')
  for (const form of [{ publicroom: '0' }, { publicroom: '1', membersonly: '1' }]) {
    await configure(romeo, form)
    const closed = roominfo(await ask(paris, info))
    assert.deepEqual(
      [closed['muc#roominfo_occupants'], closed['muc#roominfo_subject']],
      [undefined, undefined],
    )
    assert.equal(roominfo(await ask(romeo, info))['muc#roominfo_subject'], 'Dawn')
  }
  assert.deepEqual((await ask(paris, items))?.elements(), [], '§6.5: an empty list')
  assert.deepEqual(namesOf(await ask(romeo, items)), ['romeo'])
})

test('XEP-0045 §18.1.1, XEP-0030 §3.2: nodes that are not told or not known', async () => {
  await using local = await roomServer()
  const romeo = await romeoInside(local)
  const node = async (name: string, namespace = info) =>
    (await ask(romeo, namespace, room, '', ` node='${name}'`))?.name
  assert.equal(await node('http://jabber.org/protocol/muc#traffic'), 'service-unavailable')
  assert.equal(await node('unheard'), 'item-not-found')
  assert.equal(await node('unheard', items), 'item-not-found')
  assert.equal(await node('x-roomuser-item'), 'query')
})

test('XEP-0045 §6.6: nobody outside asks an occupant', async () => {
  await using local = await roomServer()
  await romeoInside(local)
  const paris = await local.connect('paris@localhost/street')
  assert.equal((await ask(paris, info, `${room}/romeo`))?.name, 'bad-request')
  const juliet = await inside(local, 'juliet')
  assert.equal((await ask(juliet, info, `${room}/nobody`))?.name, 'item-not-found')
})

test('XEP-0045 §6.3: public rooms are listed in pages, as they come and go', async () => {
  await using local = await roomServer()
  const romeo = await local.connect('romeo@localhost/orchard')
  for (const name of ['e', 'c', 'a', 'd', 'b', 'hidden']) {
    const address = `${name}@rooms.localhost`
    await enter(romeo, 'romeo', '', address)
    assert.ok(!namesOf(await ask(romeo, items, 'rooms.localhost'))?.includes(name), 'not while it is locked')
    await configure(romeo, name === 'hidden' ? { publicroom: '0' } : {}, address)
  }
  const page = async (inner: string) => {
    const query = await ask(romeo, items, 'rooms.localhost', `<set xmlns='${paging}'>${inner}</set>`)
    const set = query?.child('set', paging)
    return [namesOf(query)?.join(''), set?.child('count')?.text, set?.child('first')?.attribute('index')]
  }
  assert.deepEqual(namesOf(await ask(romeo, items, 'rooms.localhost')), ['a', 'b', 'c', 'd', 'e'])
  assert.deepEqual(await page('<max>2</max>'), ['ab', '5', '0'])
  assert.deepEqual(await page('<max>2</max><after>b</after>'), ['cd', '5', '2'])
  assert.deepEqual(await page('<max>2</max><before/>'), ['de', '5', '3'])
  assert.deepEqual(await page('<max>0</max>'), ['', '5', undefined])
  await romeo.send(`<presence to='b@rooms.localhost' type='unavailable'/>`)
  await configure(romeo, { roomname: 'Z' }, 'c@rooms.localhost')
  await configure(romeo, { publicroom: '0' }, 'd@rooms.localhost')
  assert.deepEqual(await page('<max>2</max><after>b</after>'), ['Ze', '3', '1'], 'after one that has gone')
})

test('XEP-0045 §10.1.1: what an owner does in a locked room does not list it', async () => {
  await using local = await roomServer()
  const romeo = await local.connect('romeo@localhost/orchard')
  await enter(romeo, 'romeo')
  await administer(romeo, `<item affiliation='member' jid='juliet@localhost'/>`)
  await romeo.send(`<message to='${room}' type='groupchat'><subject>Dawn</subject></message>`)
  assert.deepEqual(namesOf(await ask(romeo, items, 'rooms.localhost')), [])
})

test('a list that is longer than a page says so to those who did not ask for one', async () => {
  await using local = await roomServer({ muc: { roomsPerAccount: 1000 } })
  const romeo = await local.connect('romeo@localhost/orchard')
  for (let index = 100; index < 201; index += 1) {
    await enter(romeo, 'romeo', '', `r${index}@rooms.localhost`)
    await configure(romeo, {}, `r${index}@rooms.localhost`)
  }
  const query = await ask(romeo, items, 'rooms.localhost')
  assert.equal(query?.elements('item').length, 100)
  assert.equal(query?.child('set', paging)?.child('last')?.text, 'r199')
  await say(romeo, 'x')
  assert.deepEqual(told(romeo), ['error item-not-found'])
})
