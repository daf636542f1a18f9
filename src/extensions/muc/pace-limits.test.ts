import assert from 'node:assert/strict'
import { test } from 'node:test'
import { configure, enter, inside, romeoInside, room, roomServer, say, told } from '../../../test/rooms.ts'
import type { MemoryClient } from '../../server/memory-client.ts'

const wait = ['error policy-violation']

test('an account makes so many rooms an hour; admins of the service make more', async () => {
  await using local = await roomServer({ muc: { roomsPerHour: 2 }, admins: ['friar@localhost'] })
  const clients = new Map<string, MemoryClient>()
  for (const name of ['romeo', 'juliet', 'friar']) {
    clients.set(name, await local.connect(`${name}@localhost/x`))
  }
  const make = async (name: string, place: string) => {
    const client = clients.get(name) as MemoryClient
    told(client)
    await enter(client, name, '', `${place}@rooms.localhost`)
    return told(client)[0]
  }
  assert.deepEqual(
    [await make('romeo', 'a'), await make('romeo', 'b'), await make('romeo', 'c')],
    ['romeo moderator 201,110', 'romeo moderator 201,110', 'error policy-violation'],
  )
  assert.deepEqual(
    [await make('juliet', 'c'), await make('friar', 'd'), await make('friar', 'e'), await make('friar', 'f')],
    ['juliet', 'friar', 'friar', 'friar'].map((name) => `${name} moderator 201,110`),
  )
  local.clock.advance(1_800_000)
  assert.equal(await make('romeo', 'g'), 'romeo moderator 201,110')
  assert.equal(await make('romeo', 'h'), wait[0])
})

test('an account enters so many rooms, or one so often, in a while', async () => {
  await using local = await roomServer({ muc: { joinsPerSecond: 1, joinsAtOnce: 2 } })
  await romeoInside(local)
  const juliet = await local.connect('juliet@localhost/balcony')
  for (let time = 0; time < 2; time += 1) {
    await enter(juliet, 'juliet')
    await juliet.send(`<presence to='${room}' type='unavailable'/>`)
  }
  told(juliet)
  await enter(juliet, 'juliet')
  assert.deepEqual(told(juliet), wait)
  local.clock.advance(1000)
  await enter(juliet, 'juliet')
  assert.equal(told(juliet).at(-1), 'subject')
})

test('an occupant changes presence and nick so often; one that may not keeps what it has, and may leave', async () => {
  await using local = await roomServer({ muc: { presencesPerSecond: 1, presencesAtOnce: 3 } })
  const romeo = await romeoInside(local)
  const juliet = await inside(local, 'juliet')
  told(romeo)
  const changes = [
    `<presence to='${room}/juliet'><show>away</show></presence>`,
    `<presence to='${room}/jule'/>`,
    `<presence to='${room}/jule'><x xmlns='http://jabber.org/protocol/muc'/></presence>`,
  ]
  for (const change of changes) await juliet.send(change)
  told(juliet)
  told(romeo)
  for (const change of [...changes, `<presence to='${room}/other'/>`]) {
    await juliet.send(change)
    assert.deepEqual(told(juliet), wait)
  }
  assert.deepEqual(told(romeo), [])
  local.clock.advance(1000)
  await juliet.send(`<presence to='${room}/juliet'/>`)
  assert.deepEqual(told(romeo), ['-jule 303', 'juliet participant'])
  await juliet.send(`<presence to='${room}/juliet' type='unavailable'/>`)
  assert.deepEqual(told(romeo), ['-juliet'])
})

test('an occupant speaks so often, to everybody, to one, and in invitations', async () => {
  await using local = await roomServer({ muc: { messagesPerSecond: 1, messagesAtOnce: 3 } })
  const romeo = await romeoInside(local)
  const juliet = await inside(local, 'juliet')
  told(romeo)
  const pm = `<message to='${room}/romeo' type='chat'><body>pm</body></message>`
  const invite = `<message to='${room}'><x xmlns='http://jabber.org/protocol/muc#user'><invite to='nurse@localhost'/></x></message>`
  const all = [() => say(juliet, 'x'), () => juliet.send(pm), () => juliet.send(invite)]
  for (const speak of all) await speak()
  assert.deepEqual([told(juliet), told(romeo)], [['juliet: x'], ['juliet: x', 'juliet: pm']])
  for (const speak of all) {
    await speak()
    assert.deepEqual(told(juliet), wait)
  }
  await say(romeo, 'others may')
  assert.deepEqual(told(juliet), ['romeo: others may'])
  local.clock.advance(1000)
  await say(juliet, 'y')
  assert.deepEqual(told(juliet), ['juliet: y'])
})

test('a room takes so many messages from all together', async () => {
  await using local = await roomServer({ muc: { roomMessagesPerSecond: 1, roomMessagesAtOnce: 2 } })
  const romeo = await romeoInside(local)
  const [juliet, nurse] = [await inside(local, 'juliet'), await inside(local, 'nurse')]
  for (const client of [romeo, juliet, nurse]) await say(client, 'x')
  assert.deepEqual(told(nurse).slice(-3), ['romeo: x', 'juliet: x', ...wait])
  local.clock.advance(1000)
  await say(nurse, 'y')
  assert.deepEqual(told(nurse), ['nurse: y'])
})

test('0 is as fast as one likes', async () => {
  const names = ['roomsPerHour', 'joinsPerSecond', 'presencesPerSecond', 'messagesPerSecond']
  const muc = Object.fromEntries([...names, 'roomMessagesPerSecond'].map((name) => [name, 0]))
  await using local = await roomServer({
    muc: { ...muc, joinsAtOnce: 1, presencesAtOnce: 1, messagesAtOnce: 1, roomMessagesAtOnce: 1 },
  })
  const romeo = await romeoInside(local)
  for (let time = 0; time < 5; time += 1) {
    await say(romeo, 'x')
    await romeo.send(`<presence to='${room}/romeo'/>`)
    await enter(romeo, 'romeo', '', `other${time}@rooms.localhost`)
    await configure(romeo, {}, `other${time}@rooms.localhost`)
  }
  assert.ok(!told(romeo).some((short) => short.startsWith('error')))
})
