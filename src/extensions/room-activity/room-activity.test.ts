// XEP-0437: Room Activity Indicators
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { pause } from '../../../test/pause.ts'
import {
  administer,
  configure,
  enter,
  inside,
  open,
  room,
  roomServer,
  say,
  told,
} from '../../../test/rooms.ts'
import type { MemoryClient } from '../../server/memory-client.ts'
import { sqlite } from '../../storage/sqlite.ts'
import { roomActivity } from './room-activity.ts'

const namespace = 'urn:xmpp:rai:0'
const start = (options: object = {}, file = ':memory:') =>
  roomServer({ more: [roomActivity], options: { 'room-activity': options }, storage: sqlite(file) })
const turns = () => new Promise((resolve) => setImmediate(resolve))

const subscribe = (client: MemoryClient) =>
  client.send(`<presence to='rooms.localhost'><rai xmlns='${namespace}'/></presence>`)

/** The rooms of which a client was told, for each message. */
function heard(client: MemoryClient): string[] {
  return client.takeAll().flatMap((stanza) => {
    const rai = stanza.child('rai', namespace)
    const addresses = rai?.elements('activity').map(({ text }) => text) ?? []
    return rai ? [`${stanza.attribute('from')}: ${addresses.join(' ')}`] : []
  })
}

/** The same, as soon as there is something: a file is read for it. */
async function heardSoon(client: MemoryClient): Promise<string[]> {
  for (let tries = 0; tries < 1000; tries += 1) {
    const found = heard(client)
    if (found.length > 0) return found
    await pause()
  }
  return []
}

const member = (name: string) => `<item jid='${name}@localhost' affiliation='member'/>`
const here = [`rooms.localhost: ${room}`]

test('§4: members who are not inside are told once of a room until they enter it; others are not', async () => {
  await using local = await start()
  const romeo = await inside(local, 'romeo')
  await open(romeo)
  await administer(romeo, member('juliet'))
  const juliet = await local.connect('juliet@localhost/balcony')
  const nurse = await local.connect('nurse@localhost/home')
  await subscribe(juliet)
  await subscribe(nurse)
  assert.deepEqual(heard(juliet), [])
  await romeo.send(`<message to='${room}' type='groupchat'><active xmlns='urn:x'/></message>`)
  assert.deepEqual(heard(juliet), [], 'nothing was said')
  await say(romeo, 'one')
  await say(romeo, 'two')
  assert.deepEqual(heard(juliet), here)
  assert.deepEqual(heard(nurse), [])
  await enter(juliet, 'juliet')
  juliet.takeAll()
  await say(romeo, 'three')
  assert.deepEqual(heard(juliet), [], 'who is inside hears it there')
  await juliet.send(`<presence to='${room}/juliet' type='unavailable'/>`)
  await say(romeo, 'four')
  assert.deepEqual(heard(juliet), here)
})

test('§4: who asks learns at once, in one message, where something was said since', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'room-activity-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'data.db')
  const others = ['a@rooms.localhost', 'b@rooms.localhost', 'c@rooms.localhost']
  {
    await using local = await start({}, file)
    const romeo = await local.connect('romeo@localhost/home')
    const juliet = await local.connect('juliet@localhost/balcony')
    for (const to of others) {
      await enter(romeo, 'romeo', '', to)
      await configure(romeo, { persistentroom: '1', membersonly: '1' }, to)
      await romeo.send(
        `<iq to='${to}' type='set' id='a'><query xmlns='http://jabber.org/protocol/muc#admin'>${member('juliet')}</query></iq>`,
      )
      await enter(juliet, 'juliet', '', to)
      await juliet.send(`<presence to='${to}/juliet' type='unavailable'/>`)
    }
    local.clock.advance(1000)
    const speak = (to = '') => romeo.send(`<message to='${to}' type='groupchat'><body>one</body></message>`)
    await speak(others[0])
    await speak(others[2])
    juliet.takeAll()
    await subscribe(juliet)
    assert.deepEqual(await heardSoon(juliet), [`rooms.localhost: ${others[0]} ${others[2]}`])
  }
  // The same after a restart, without the room that does not let in any more.
  await using local = await start({}, file)
  local.clock.advance(3000)
  const romeo = await local.connect('romeo@localhost/home')
  await romeo.send(
    `<iq to='${others[0]}' type='set' id='a'><query xmlns='http://jabber.org/protocol/muc#admin'><item jid='juliet@localhost' affiliation='none'/></query></iq>`,
  )
  const juliet = await local.connect('juliet@localhost/balcony')
  await subscribe(juliet)
  assert.deepEqual(await heardSoon(juliet), [`rooms.localhost: ${others[2]}`])
})

test('§3.2: who goes is told nothing more, and who belongs no longer neither', async () => {
  await using local = await start()
  const romeo = await inside(local, 'romeo')
  await open(romeo)
  await administer(romeo, member('juliet') + member('nurse'))
  const [juliet, nurse] = [
    await local.connect('juliet@localhost/b'),
    await local.connect('nurse@localhost/h'),
  ]
  await subscribe(juliet)
  await subscribe(nurse)
  await juliet.send("<presence to='rooms.localhost' type='unavailable'/>")
  await administer(romeo, "<item jid='nurse@localhost' affiliation='none'/>")
  for (const client of [juliet, nurse]) client.takeAll()
  await say(romeo, 'one')
  assert.deepEqual([...heard(juliet), ...heard(nurse)], [])
})

test('limits: clients, rooms of an account, and how often one asks', async () => {
  await using local = await start({ subscribers: 1, rooms: 1, perMinute: 2 })
  const romeo = await inside(local, 'romeo')
  await open(romeo)
  await administer(romeo, member('juliet'))
  const juliet = await local.connect('juliet@localhost/balcony')
  await subscribe(juliet)
  const nurse = await local.connect('nurse@localhost/home')
  await subscribe(nurse)
  assert.deepEqual(told(nurse), ['error resource-constraint'])
  await subscribe(juliet)
  assert.ok(!told(juliet).includes('error resource-constraint'))
  await subscribe(juliet)
  assert.deepEqual(told(juliet), ['error resource-constraint'])
  const other = 'other@rooms.localhost'
  await enter(juliet, 'juliet', '', other)
  await juliet.send(`<presence to='${other}/juliet' type='unavailable'/>`)
  await turns()
  const store = local.server.host('rooms.localhost')?.store.collection('room-memberships')
  assert.deepEqual([...((await store?.all('juliet@localhost')) ?? new Map()).keys()], ['room'])
})

test('§3.2: who disconnects makes place for others', async () => {
  await using local = await start({ subscribers: 1 })
  const juliet = await local.connect('juliet@localhost/balcony')
  await subscribe(juliet)
  await juliet.close()
  const nurse = await local.connect('nurse@localhost/home')
  await subscribe(nurse)
  assert.deepEqual(told(nurse), [])
})
