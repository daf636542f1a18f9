// XEP-0313: Message Archive Management, in rooms: how long what is said is there, and what of it is left
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { ask, messageIn } from '../../../test/archive.ts'
import type { InMemory } from '../../../test/in-memory.ts'
import { configure, enter, inside, open, room, roomServer, say, told } from '../../../test/rooms.ts'
import type { MemoryClient } from '../../server/memory-client.ts'
import { sqlite } from '../../storage/sqlite.ts'
import type { Driver } from '../../storage/storage.ts'
import { StorageError } from '../../storage/storage-error.ts'
import { moderation } from '../moderation/moderation.ts'
import { roomArchive } from './room-archive.ts'

const muc = 'http://jabber.org/protocol/muc'
const retractNamespace = 'urn:xmpp:message-retract:1'
const hourMs = 3_600_000

interface Wishes {
  readonly file?: string
  readonly muc?: object
  readonly options?: object
}

const start = ({ file = ':memory:', muc = {}, options = {} }: Wishes = {}) =>
  roomServer({
    more: [roomArchive, moderation],
    muc,
    storage: sqlite(file),
    options: { 'room-archive': { enabled: true, ...options } },
  })

function fileOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'room-archive-'))
  t.after(() => rmSync(folder, { recursive: true }))
  return join(folder, 'data.db')
}

const read = (client: MemoryClient) => ask(client, { to: room })

/** Bodies that somebody gets who enters; `-` for a tombstone. */
async function history(local: InMemory, name: string): Promise<string[]> {
  const client = await local.connect(`${name}@localhost/home`)
  await enter(client, name)
  return client
    .takeAll()
    .filter((stanza) => stanza.child('delay', 'urn:xmpp:delay') && !stanza.child('subject'))
    .map((message) => message.child('body')?.text ?? '-')
}

/** What a room has in the store of rooms, by the first word of the key. */
async function itemsOf(local: InMemory): Promise<string[]> {
  const items = await local.server.host('rooms.localhost')?.store.collection('muc-rooms').all('room')
  return [...(items?.keys() ?? [])].map((key) => key.split(' ')[0] ?? '')
}

test('XEP-0045 §7.2.12 and §10.2.1: who is inside or enters is told whether the room keeps what is said', async () => {
  await using local = await start()
  const romeo = await inside(local, 'romeo')
  await open(romeo)
  const juliet = await local.connect('juliet@localhost/home')
  const codesOfEntry = async () => {
    await enter(juliet, 'juliet')
    return told(juliet).find((line) => line.startsWith('juliet'))
  }
  assert.equal(await codesOfEntry(), 'juliet participant 170,110')
  assert.equal(await codesOfEntry(), 'juliet participant 170,110', 'and who enters again')
  await configure(romeo, { enablelogging: '0', enablearchiving: '1' })
  assert.deepEqual(told(juliet), ['status 171'], 'the field that changed has the word')
  assert.equal((await read(juliet)).error, 'service-unavailable')
  assert.equal(await codesOfEntry(), 'juliet participant 110')
  await configure(romeo, { enablelogging: '0', enablearchiving: '1' })
  assert.deepEqual(told(juliet), ['status 170'])
  await configure(romeo, { enablearchiving: '0' })
  assert.deepEqual(told(juliet), ['status 171'])
})

test('§7: a room says that it has an archive, and of what kind, only while it has one', async () => {
  await using local = await start()
  const romeo = await inside(local, 'romeo')
  await open(romeo)
  const features = async () => {
    romeo.takeAll()
    await romeo.send(
      `<iq type='get' id='d' to='${room}'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>`,
    )
    const query = romeo.takeAll()[0]?.elements()[0]
    const names = query?.elements('feature').map((feature) => feature.attribute('var') ?? '')
    return names?.filter((name) => /mam|fulltext|tombstone/.test(name))
  }
  assert.deepEqual(await features(), [
    `${retractNamespace}#tombstone`,
    'urn:xmpp:mam:2',
    'urn:xmpp:mam:2#extended',
    'urn:xmpp:fulltext:0',
  ])
  await configure(romeo, { enablearchiving: '0' })
  assert.deepEqual(await features(), [])
})

test('while nothing is kept nothing is kept, and what was before is there again when it is', async () => {
  await using local = await start({ options: { enabled: false } })
  const romeo = await inside(local, 'romeo')
  await open(romeo)
  await say(romeo, 'one')
  await configure(romeo, { enablearchiving: '1' })
  await say(romeo, 'two')
  assert.deepEqual((await read(romeo)).bodies, ['two'])
})

test('XEP-0424 §4, XEP-0425 §5: what was taken back is a tombstone in the archive, its corrections too', async () => {
  await using local = await start({ muc: { historyLength: 1 } })
  const romeo = await inside(local, 'romeo')
  await open(romeo)
  const juliet = await inside(local, 'juliet')
  const correct = `<replace xmlns='urn:xmpp:message-correct:0' id='m1'/>`
  for (const [id, inner] of [
    ['m1', '<body>secret</body>'],
    ['m2', '<body>other</body>'],
    ['m3', `<body>Secret</body>${correct}`],
  ])
    await juliet.send(`<message to='${room}' type='groupchat' id='${id}'>${inner}</message>`)
  const [first, second] = (await read(romeo)).ids
  await juliet.send(
    `<message to='${room}' type='groupchat' id='r'><retract xmlns='${retractNamespace}' id='${first}'/></message>`,
  )
  const moderate = `<moderate xmlns='urn:xmpp:message-moderate:1' id='${second}'><retract xmlns='${retractNamespace}'/><reason>no</reason></moderate>`
  await romeo.send(`<iq to='${room}' type='set' id='m'>${moderate}</iq>`)
  const answer = await read(romeo)
  const shown = answer.results.map((result) =>
    messageIn(result)
      ?.elements()
      .map(({ name }) => name)
      .sort()
      .join(' '),
  )
  assert.deepEqual(shown, [
    'occupant-id retracted stanza-id x',
    'occupant-id retracted stanza-id x',
    'occupant-id retracted stanza-id x',
    'occupant-id retract stanza-id x',
    'retract stanza-id',
  ])
  const tombstone = messageIn(answer.results[1] as never)?.child('retracted', retractNamespace)
  assert.equal(tombstone?.child('moderated', 'urn:xmpp:message-moderate:1')?.attribute('by'), `${room}/romeo`)
  assert.equal(answer.ids[0], first, 'in its place, under its id')
})

test('after a restart the archive is there, and history is read from it and kept nowhere else', async (t) => {
  const file = fileOf(t)
  {
    await using local = await start({ file })
    const romeo = await inside(local, 'romeo')
    await open(romeo, { persistentroom: '1', enablearchiving: '0' })
    await say(romeo, 'one')
    await configure(romeo, { enablearchiving: '1' })
    local.clock.advance(1000)
    await say(romeo, 'two')
    await romeo.send(`<message to='${room}' type='groupchat'><subject>Love</subject></message>`)
    await say(romeo, 'three')
    await configure(romeo, { enablearchiving: '0' })
    local.clock.advance(1000)
    await say(romeo, 'four')
    await configure(romeo, { enablearchiving: '1' })
    assert.deepEqual((await itemsOf(local)).sort(), ['affiliation', 'config', 'history', 'history'])
  }
  await using local = await start({ file })
  assert.deepEqual(await history(local, 'nurse'), ['one', 'two', 'three', 'four'])
  const romeo = await inside(local, 'romeo')
  assert.deepEqual((await read(romeo)).bodies, ['two', '', 'three'])
})

test('what was taken back is no part of the history after a restart', async (t) => {
  const file = fileOf(t)
  {
    await using local = await start({ file })
    const romeo = await inside(local, 'romeo')
    await open(romeo, { persistentroom: '1' })
    await say(romeo, 'one')
    const [id] = (await read(romeo)).ids
    const retract = `<retract xmlns='${retractNamespace}' id='${id}'/>`
    await romeo.send(`<message to='${room}' type='groupchat'><body>/me</body>${retract}</message>`)
  }
  await using local = await start({ file })
  assert.deepEqual(await history(local, 'nurse'), ['-', '/me'])
  const romeo = await inside(local, 'romeo')
  const [id] = (await read(romeo)).ids
  const retract = `<retract xmlns='${retractNamespace}' id='${id}'/>`
  const juliet = await inside(local, 'juliet')
  await juliet.send(`<message to='${room}' type='groupchat'><body>/me</body>${retract}</message>`)
  assert.equal(told(juliet)[0], 'error forbidden', 'and still its author’s')
})

test('with a room its archive goes, so that the next of its name begins with nothing', async () => {
  await using local = await start()
  const romeo = await inside(local, 'romeo')
  await open(romeo, { persistentroom: '1' })
  await say(romeo, 'one')
  await romeo.send(`<iq to='${room}' type='set' id='d'><query xmlns='${muc}#owner'><destroy/></query></iq>`)
  const store = local.server.host('rooms.localhost')?.store.archive('room-archive')
  assert.equal(await store?.count('room'), 0)
  // As after a crash, in which a room that does not last has left something.
  await store?.append('room', { id: 'left', when: 0, with: '', value: '<message/>' })
  await open(romeo)
  assert.deepEqual((await read(romeo)).ids, [])
})

test('§3.2: the oldest go, past their age or where there are too many', async () => {
  await using local = await start({ options: { maxMessages: 2, maxDays: 1 } })
  const romeo = await inside(local, 'romeo')
  await open(romeo, { persistentroom: '1' })
  for (const body of ['one', 'two', 'three']) await say(romeo, body)
  assert.deepEqual((await read(romeo)).bodies, ['two', 'three'])
  local.clock.advance(20 * hourMs)
  await say(romeo, 'four')
  for (let hour = 0; hour < 6; hour += 1) {
    local.clock.advance(hourMs)
    await new Promise((resolve) => setImmediate(resolve))
  }
  assert.deepEqual((await read(romeo)).bodies, ['four'])
})

test('what cannot be kept is refused, though those inside have it', async () => {
  const storage = sqlite(':memory:')
  const driver: Driver = {
    ...storage,
    archive: (name) => ({
      ...storage.archive(name),
      append: () => Promise.reject(new StorageError('full', 'the disk is full')),
    }),
  }
  await using local = await roomServer({
    more: [roomArchive],
    storage: driver,
    options: { 'room-archive': { enabled: true } },
  })
  const romeo = await inside(local, 'romeo')
  await open(romeo)
  const juliet = await inside(local, 'juliet')
  romeo.takeAll()
  await say(romeo, 'one')
  assert.deepEqual(told(juliet), ['romeo: one'])
  assert.deepEqual(told(romeo), ['romeo: one', 'error resource-constraint'])
})
