// XEP-0308: Last Message Correction, in rooms
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { enter, inside, open, room, roomServer, told } from '../../../test/rooms.ts'
import type { MemoryClient } from '../../server/memory-client.ts'
import { roomArchive } from '../room-archive/room-archive.ts'
import { roomCorrections } from './room-corrections.ts'

const say = (client: MemoryClient, id: string, body: string, inner = '') =>
  client.send(`<message to='${room}' type='groupchat' id='${id}'><body>${body}</body>${inner}</message>`)
const replace = (id?: string) =>
  `<replace xmlns='urn:xmpp:message-correct:0'${id === undefined ? '' : ` id='${id}'`}/>`

test('§4: who said something corrects it, with another nick too; others do not, even if they took the nick', async () => {
  await using local = await roomServer({ more: [roomCorrections] })
  const romeo = await inside(local, 'romeo')
  await open(romeo)
  const juliet = await inside(local, 'juliet')
  await say(juliet, 'm1', 'one')
  await juliet.send(`<presence to='${room}/capulet'/>`)
  const thief = await local.connect('paris@localhost/home')
  await enter(thief, 'juliet')
  for (const client of [romeo, juliet, thief]) client.takeAll()
  await say(thief, 'm2', 'lie', replace('m1'))
  assert.deepEqual(told(thief), ['error forbidden'])
  assert.deepEqual(told(romeo), [], 'nobody hears of it')
  await say(juliet, 'm3', 'One', replace('m1'))
  assert.deepEqual(told(romeo), ['capulet: One'])
  // Ids are the senders’ own: the same one may be somebody else’s too.
  await say(thief, 'm1', 'mine')
  await say(thief, 'm4', 'Mine', replace('m1'))
  assert.deepEqual(told(romeo), ['juliet: mine', 'juliet: Mine'])
  await say(thief, 'm5', 'x', replace())
  assert.equal(told(thief).at(-1), 'error bad-request')
})

test('§4: what history no longer has is looked up in the archive; without one clients may know better', async () => {
  for (const [enabled, expected] of [
    [true, 'error item-not-found'],
    [false, 'juliet: lie'],
  ] as const) {
    await using local = await roomServer({
      more: [roomCorrections, roomArchive],
      muc: { historyLength: 1 },
      options: { 'room-archive': { enabled } },
    })
    const romeo = await inside(local, 'romeo')
    await open(romeo)
    const juliet = await inside(local, 'juliet')
    await say(romeo, 'm1', 'one')
    for (let number = 0; number < 120; number += 1) await say(romeo, `n${number}`, 'more')
    juliet.takeAll()
    romeo.takeAll()
    await say(romeo, 'm2', 'One', replace('m1'))
    assert.deepEqual(told(romeo), ['romeo: One'])
    juliet.takeAll()
    await say(juliet, 'm3', 'lie', replace('m1'))
    assert.deepEqual(told(juliet), [expected])
  }
})

test('who has the archive looked into too often waits; corrections of what was just said do not count', async () => {
  await using local = await roomServer({
    more: [roomCorrections, roomArchive],
    options: { 'room-archive': { enabled: true }, 'room-corrections': { lookupsPerMinute: 2 } },
  })
  const romeo = await inside(local, 'romeo')
  await open(romeo)
  await say(romeo, 'm1', 'one')
  const tryOne = async (id: string) => {
    romeo.takeAll()
    await say(romeo, 'x', 'other', replace(id))
    return told(romeo)[0]
  }
  for (let time = 0; time < 2; time += 1) assert.equal(await tryOne('nothing'), 'error item-not-found')
  assert.equal(await tryOne('nothing'), 'error policy-violation')
  assert.equal(await tryOne('m1'), 'romeo: other')
  local.clock.advance(60_000)
  assert.equal(await tryOne('nothing'), 'error item-not-found')
})
