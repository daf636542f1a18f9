// XEP-0359: Unique and Stable Stanza IDs, of messages in rooms
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { configure, enter, inside, open, room, roomServer, say } from '../../../test/rooms.ts'
import type { Element } from '../../xml/element.ts'
import { roomStanzaIds } from './room-stanza-ids.ts'

const namespace = 'urn:xmpp:sid:0'
const start = () => roomServer({ more: [roomStanzaIds] })

/** Every stanza id anywhere in an element: `by id`. */
function idsIn(element: Element): string[] {
  const own = element.is('stanza-id', namespace)
    ? [`${element.attribute('by')} ${element.attribute('id')}`]
    : []
  return [...own, ...element.elements().flatMap(idsIn)]
}

test('§3: every message to everybody has an id of its own, the same for all and in history', async () => {
  await using local = await start()
  const romeo = await inside(local, 'romeo')
  await open(romeo)
  const juliet = await inside(local, 'juliet')
  romeo.takeAll()
  await say(juliet, 'one')
  await say(juliet, 'two')
  await juliet.send(
    `<message to='${room}' type='groupchat'><active xmlns='http://jabber.org/protocol/chatstates'/></message>`,
  )
  const ids = romeo.takeAll().map(idsIn)
  assert.deepEqual(
    ids.map((list) => list.length),
    [1, 1, 1],
  )
  assert.equal(new Set(ids.flat()).size, 3)
  assert.deepEqual(juliet.takeAll().map(idsIn), ids)
  const nurse = await local.connect('nurse@localhost/home')
  await enter(nurse, 'nurse')
  const history = nurse.takeAll().filter((stanza) => stanza.child('body'))
  assert.deepEqual(history.map(idsIn), ids.slice(0, 2))
})

test("§3 rule 2: what claims to be the room's is taken away, that of others stays", async () => {
  await using local = await start()
  const romeo = await inside(local, 'romeo')
  await configure(romeo)
  const juliet = await inside(local, 'juliet')
  romeo.takeAll()
  const forged = (by: string) => `<stanza-id xmlns='${namespace}' by='${by}' id='forged'/>`
  const inner = `${forged(room)}${forged(room.toUpperCase())}${forged('juliet@localhost')}<wrap xmlns='urn:x'>${forged(room)}</wrap>`
  await juliet.send(`<message to='${room}' type='groupchat'><body>Hello</body>${inner}</message>`)
  await juliet.send(`<message to='${room}/romeo' type='chat'><body>Hello</body>${inner}</message>`)
  await juliet.send(`<presence to='${room}/juliet'>${inner}</presence>`)
  const [all, one, presence] = romeo.takeAll().map(idsIn)
  assert.equal(all?.length, 2)
  assert.equal(all?.[0], 'juliet@localhost forged')
  assert.match(all?.[1] ?? '', /^room@rooms.localhost id-\d+$/)
  assert.deepEqual(one, ['juliet@localhost forged'])
  assert.deepEqual(presence, ['juliet@localhost forged'])
})
