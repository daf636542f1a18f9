// XEP-0050: commands with which those who run a service of rooms make, list and destroy them
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answerTo } from '../../../test/answer.ts'
import type { InMemory } from '../../../test/in-memory.ts'
import { administer, enter, inside, open, roomServer, told } from '../../../test/rooms.ts'
import type { MemoryClient } from '../../server/memory-client.ts'
import type { Element } from '../../xml/element.ts'
import { roomCommands } from './room-commands.ts'

const namespace = 'http://jabber.org/protocol/commands'
const forms = 'jabber:x:data'
const destroyNode = 'http://prosody.im/protocol/muc#destroy'

const start = (options = {}) =>
  roomServer({
    more: [roomCommands],
    admins: ['admin@localhost'],
    options: { 'room-commands': options },
  })

/** Runs a command in one step and gives the answer. */
async function run(
  client: MemoryClient,
  node: string,
  values?: Readonly<Record<string, string | readonly string[]>>,
): Promise<Element> {
  const fields = Object.entries(values ?? {}).map(([name, given]) => {
    const all = typeof given === 'string' ? [given] : given
    return `<field var='${name}'>${all.map((value) => `<value>${value}</value>`).join('')}</field>`
  })
  const x = values ? `<x xmlns='${forms}' type='submit'>${fields.join('')}</x>` : ''
  const command = `<command xmlns='${namespace}' node='${node}'>${x}</command>`
  return (await answerTo(client, 'set', command, 'rooms.localhost')) as Element
}

const noteOf = (answer: Element) => answer.child('command', namespace)?.child('note')?.text
const formOf = (answer: Element) => answer.child('command', namespace)?.child('x', forms)
const condition = (answer: Element) => answer.child('error')?.elements()[0]?.name
const rowsOf = (answer: Element) =>
  formOf(answer)
    ?.elements('item')
    .map((item) => item.elements('field').map((field) => field.child('value')?.text ?? ''))

async function admin(local: InMemory): Promise<MemoryClient> {
  return local.connect('admin@localhost/desk')
}

test('who does not run the service may not use them, and does not see them (XEP-0050 §4)', async () => {
  await using local = await start()
  const romeo = await local.connect('romeo@localhost/orchard')
  for (const node of [destroyNode, 'create-room', 'list-rooms']) {
    assert.equal(condition(await run(romeo, node)), 'forbidden', node)
  }
  const items = 'http://jabber.org/protocol/disco#items'
  const listed = async (client: MemoryClient) => {
    await client.send(
      `<iq type='get' id='i' to='rooms.localhost'><query xmlns='${items}' node='${namespace}'/></iq>`,
    )
    const query = client.takeAll()[0]?.child('query', items)
    return query?.elements('item').map((item) => item.attribute('node'))
  }
  assert.deepEqual(await listed(romeo), [])
  assert.deepEqual(await listed(await admin(local)), ['create-room', destroyNode, 'list-rooms'])
})

test('rooms are destroyed, kept ones too, and their occupants are told why', async () => {
  await using local = await start()
  const romeo = await inside(local, 'romeo')
  await open(romeo, { persistentroom: '1' })
  const desk = await admin(local)
  await enter(romeo, 'romeo', '', 'other@rooms.localhost')
  told(romeo)
  const rooms = ['room@rooms.localhost', 'other']
  const answer = await run(desk, destroyNode, { rooms, reason: 'a feud' })
  assert.equal(
    noteOf(answer),
    'The following rooms were destroyed:\nroom@rooms.localhost\nother@rooms.localhost',
  )
  const reasons = romeo
    .takeAll()
    .map(
      (gone) => gone.child('x', 'http://jabber.org/protocol/muc#user')?.child('destroy')?.elements()[0]?.text,
    )
  assert.deepEqual(reasons, ['a feud', 'a feud'])
  assert.deepEqual(rowsOf(await run(desk, 'list-rooms', {})), [])
})

test('all rooms are destroyed or none: unknown ones, those of others, too many', async () => {
  await using local = await start({ destroyed: 2 })
  const romeo = await inside(local, 'romeo')
  await open(romeo)
  const desk = await admin(local)
  const destroy = async (...rooms: string[]) => condition(await run(desk, destroyNode, { rooms }))
  assert.equal(await destroy('room', 'nowhere'), 'item-not-found')
  assert.equal(await destroy('room', 'room@elsewhere.example'), 'not-acceptable')
  assert.equal(await destroy('room@rooms.localhost/romeo'), 'not-acceptable')
  assert.equal(await destroy('room', 'a', 'b'), 'policy-violation')
  assert.equal(await destroy(), 'not-acceptable')
  assert.equal(await destroy('__proto__'), 'item-not-found')
  assert.deepEqual(told(romeo), [])
})

test('a form offers the rooms there are, or asks for addresses where they are many', async () => {
  await using local = await start({ page: 1 })
  const romeo = await inside(local, 'romeo')
  await open(romeo, { publicroom: '0' })
  const desk = await admin(local)
  const field = async () =>
    formOf(await run(desk, destroyNode))
      ?.elements('field')
      .find((one) => one.attribute('var') === 'rooms')
  const offered = (await field())?.elements('option').map((option) => option.child('value')?.text)
  assert.deepEqual(offered, ['room@rooms.localhost'])
  await enter(romeo, 'romeo', '', 'other@rooms.localhost')
  assert.equal((await field())?.attribute('type'), 'jid-multi')
})

test('a room is made for an owner who is not there, and stays', async () => {
  await using local = await start()
  const desk = await admin(local)
  const asked = formOf(await run(desk, 'create-room'))?.elements('field')
  assert.ok(asked?.some((field) => field.attribute('var') === 'muc#roomconfig_roomsecret'))
  const settings = { room: 'room', owner: 'juliet@localhost', 'muc#roomconfig_roomname': 'Balcony' }
  const answer = await run(desk, 'create-room', settings)
  assert.equal(noteOf(answer), 'The following room was created:\nroom@rooms.localhost')
  assert.equal(condition(await run(desk, 'create-room', settings)), 'conflict')
  const romeo = await local.connect('romeo@localhost/orchard')
  await enter(romeo, 'romeo')
  assert.deepEqual(told(romeo), ['romeo participant 110', 'subject'])
  const juliet = await local.connect('juliet@localhost/balcony')
  await enter(juliet, 'juliet')
  assert.ok(told(juliet).includes('juliet moderator 110'))
  await administer(juliet, `<item affiliation='member' jid='nurse@localhost'/>`)
  assert.ok(told(juliet).includes('result'))
})

test('a room that cannot be is not made', async () => {
  await using local = await start()
  const desk = await admin(local)
  const create = async (values: Record<string, string>) => condition(await run(desk, 'create-room', values))
  const owner = 'juliet@localhost'
  assert.equal(await create({ room: 'a b', owner }), 'not-acceptable')
  assert.equal(await create({ room: '', owner }), 'not-acceptable')
  assert.equal(await create({ room: 'room', owner: 'localhost' }), 'not-acceptable')
  assert.equal(await create({ room: 'room', owner, 'muc#roomconfig_whois': 'x' }), 'not-acceptable')
  assert.deepEqual(rowsOf(await run(desk, 'list-rooms', {})), [])
})

test('hidden and empty rooms are listed too, page by page', async () => {
  await using local = await start({ page: 2 })
  const desk = await admin(local)
  for (const room of ['c', 'a']) {
    await run(desk, 'create-room', { room, owner: 'juliet@localhost', 'muc#roomconfig_publicroom': '0' })
  }
  const romeo = await local.connect('romeo@localhost/orchard')
  await enter(romeo, 'romeo', '', 'b@rooms.localhost')
  const first = await run(desk, 'list-rooms', {})
  assert.deepEqual(rowsOf(first), [
    ['a@rooms.localhost', 'a', '0', '0', '1'],
    ['b@rooms.localhost', 'b', '1', '1', '0'],
  ])
  assert.equal(noteOf(first), 'There may be more after the last one.')
  const second = await run(desk, 'list-rooms', { after: 'b@rooms.localhost' })
  assert.deepEqual(rowsOf(second), [['c@rooms.localhost', 'c', '0', '0', '1']])
  assert.equal(noteOf(second), 'These are all.')
})
