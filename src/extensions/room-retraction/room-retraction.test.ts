// XEP-0424: Message Retraction, in rooms
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { enter, inside, open, room, roomServer, say } from '../../../test/rooms.ts'
import { defineExtension } from '../../host/extension.ts'
import { jid } from '../../jid/jid.ts'
import type { MemoryClient } from '../../server/memory-client.ts'
import { parseStanza } from '../../stanza/parse-stanza.ts'
import type { Message } from '../../stanza/stanza.ts'
import { sqlite } from '../../storage/sqlite.ts'
import type { Element } from '../../xml/element.ts'
import { type MessageKeeper, roomRetraction } from './room-retraction.ts'

const namespace = 'urn:xmpp:message-retract:1'
const start = () => roomServer({ more: [roomRetraction] })

const stanzaId = (stanza: Element | undefined) =>
  stanza?.child('stanza-id', 'urn:xmpp:sid:0')?.attribute('id')
const condition = (stanza: Element | undefined) => stanza?.child('error')?.elements()[0]?.name

function retract(client: MemoryClient, inner: string): Promise<void> {
  return client.send(
    `<message to='${room}' type='groupchat' id='back'><body>/me retracts</body>${inner}</message>`,
  )
}

const retractOf = (id = '') => `<retract xmlns='${namespace}' id='${id}'/>`

/** Says something and answers the id that the room gave it. */
async function saidBy(client: MemoryClient, body: string): Promise<string> {
  client.takeAll()
  await say(client, body)
  return stanzaId(client.takeAll().at(-1)) as string
}

/** What somebody gets who enters: bodies, and what was retracted. */
async function history(client: MemoryClient): Promise<string[]> {
  await enter(client, client.jid.local)
  return client
    .takeAll()
    .filter((one) => one.child('delay', 'urn:xmpp:delay'))
    .map((one) => {
      const retracted = one.child('retracted', namespace)
      return retracted ? `retracted by ${retracted.attribute('id')}` : (one.child('body')?.text ?? '')
    })
}

test('§4 and §5: what its author takes back, with another nick too, is a tombstone for those who enter', async () => {
  await using local = await start()
  const romeo = await inside(local, 'romeo')
  await open(romeo)
  const juliet = await inside(local, 'juliet')
  const id = await saidBy(juliet, 'one')
  await saidBy(juliet, 'two')
  await juliet.send(`<presence to='${room}/capulet'/>`)
  await retract(juliet, retractOf(id))
  const got = romeo.takeAll().at(-1)
  assert.equal(got?.child('retract', namespace)?.attribute('id'), id)
  const nurse = await local.connect('nurse@localhost/home')
  assert.deepEqual(await history(nurse), ['retracted by back', 'two', '/me retracts'])
})

test('§5: others may not, even if they took the nick; and nobody hears of it', async () => {
  await using local = await start()
  const romeo = await inside(local, 'romeo')
  await open(romeo)
  const juliet = await inside(local, 'juliet')
  const id = await saidBy(juliet, 'one')
  await juliet.send(`<presence to='${room}/juliet' type='unavailable'/>`)
  const thief = await local.connect('paris@localhost/home')
  await enter(thief, 'juliet')
  romeo.takeAll()
  thief.takeAll()
  await retract(thief, retractOf(id))
  assert.equal(condition(thief.takeAll()[0]), 'forbidden')
  assert.deepEqual(romeo.takeAll(), [])
  await retract(thief, retractOf())
  assert.equal(condition(thief.takeAll()[0]), 'bad-request')
  const nurse = await local.connect('nurse@localhost/home')
  assert.deepEqual(await history(nurse), ['one'])
})

test('§5: of several retractions in one message only the first one is passed on, without anything forged inside', async () => {
  await using local = await start()
  const romeo = await inside(local, 'romeo')
  await open(romeo)
  const id = await saidBy(romeo, 'his')
  const juliet = await inside(local, 'juliet')
  const own = await saidBy(juliet, 'hers')
  romeo.takeAll()
  const moderated = `<moderated xmlns='urn:xmpp:message-moderate:1' by='${room}'/>`
  await retract(
    juliet,
    `<retract xmlns='${namespace}' id='${own}'>${moderated}<reason>x</reason></retract>${retractOf(id)}` +
      `<retracted xmlns='${namespace}' id='x'/>${moderated}`,
  )
  const got = romeo
    .takeAll()[0]
    ?.elements()
    .filter((one) => one.namespace !== 'jabber:client')
  const [first, ...others] = (got ?? []).filter(
    ({ name }) => name.startsWith('retract') || name === 'moderated',
  )
  assert.equal(first?.attribute('id'), own)
  assert.deepEqual(first?.children, [])
  assert.deepEqual(others, [])
  const nurse = await local.connect('nurse@localhost/home')
  assert.deepEqual(await history(nurse), ['his', 'retracted by back', '/me retracts'])
})

test('§4: corrections of what is taken back are not read any more either, those of others are', async () => {
  await using local = await start()
  const romeo = await inside(local, 'romeo')
  await open(romeo)
  const juliet = await inside(local, 'juliet')
  const correct = (id: string) => `<replace xmlns='urn:xmpp:message-correct:0' id='${id}'/>`
  const send = (client: MemoryClient, id: string, body: string, inner = '') =>
    client.send(`<message to='${room}' type='groupchat' id='${id}'><body>${body}</body>${inner}</message>`)
  juliet.takeAll()
  await send(juliet, 'm1', 'secrt')
  const id = stanzaId(juliet.takeAll()[0])
  await send(juliet, 'm2', 'secret', correct('m1'))
  await send(romeo, 'm1', 'public')
  await send(romeo, 'm3', 'Public', correct('m1'))
  await retract(juliet, retractOf(id))
  const nurse = await local.connect('nurse@localhost/home')
  assert.deepEqual(await history(nurse), [
    'retracted by back',
    'retracted by back',
    'public',
    'Public',
    '/me retracts',
  ])
})

/** An archive as small as can be. */
function smallArchive() {
  const messages = new Map<string, Message>()
  const keeper: MessageKeeper = {
    isComplete: true,
    hasTombstones: () => true,
    find: async (_room, id) => messages.get(id),
    bury: (_room, { id }) => void messages.delete(id),
  }
  const extension = defineExtension({
    name: 'small-archive',
    needs: { roomRetraction },
    setup(host, { roomRetraction }) {
      host.keep(roomRetraction.addKeeper(keeper))
    },
  })
  return { messages, extension }
}

test('with an archive, what was never said cannot be taken back; without, clients may know better than the room', async () => {
  for (const [more, expected] of [
    [[roomRetraction], undefined],
    [[roomRetraction, smallArchive().extension], 'item-not-found'],
  ] as const) {
    await using local = await roomServer({ more })
    const romeo = await inside(local, 'romeo')
    await open(romeo)
    await retract(romeo, retractOf('nothing'))
    assert.equal(condition(romeo.takeAll()[0]), expected)
  }
})

test('what only the archive has is asked for and buried there', async () => {
  const { messages, extension } = smallArchive()
  await using local = await roomServer({ more: [extension] })
  const romeo = await inside(local, 'romeo')
  await open(romeo, { 'muc#maxhistoryfetch': '1' })
  const juliet = await inside(local, 'juliet')
  const id = await saidBy(juliet, 'one')
  const said = await keptMessage(juliet, 'one again')
  messages.set(id, said)
  await retract(romeo, retractOf(id))
  assert.equal(condition(romeo.takeAll().at(-1)), 'forbidden')
  await retract(juliet, retractOf(id))
  assert.equal(condition(juliet.takeAll().at(-1)), undefined)
  assert.equal(messages.size, 0)
})

/** A message of a client as the room passes it on. */
async function keptMessage(client: MemoryClient, body: string): Promise<Message> {
  client.takeAll()
  await say(client, body)
  const element = client.takeAll().at(-1) as Element
  return parseStanza(element, jid(element.attribute('from') as string)) as Message
}

test('§4: what was taken back is a tombstone after a restart too', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'room-retraction-'))
  const parts = () => ({ more: [roomRetraction], storage: sqlite(join(folder, 'data.db')) })
  try {
    {
      await using local = await roomServer(parts())
      const romeo = await inside(local, 'romeo')
      await open(romeo, { persistentroom: '1' })
      const id = await saidBy(romeo, 'one')
      await saidBy(romeo, 'two')
      await retract(romeo, retractOf(id))
    }
    await using local = await roomServer(parts())
    const nurse = await local.connect('nurse@localhost/home')
    assert.deepEqual(await history(nurse), ['retracted by back', 'two', '/me retracts'])
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('§2 and §4: rooms say that they know retractions, and tombstones where an archive has them', async () => {
  for (const [more, expected] of [
    [[roomRetraction], [namespace]],
    [
      [roomRetraction, smallArchive().extension],
      [namespace, `${namespace}#tombstone`],
    ],
  ] as const) {
    await using local = await roomServer({ more })
    const romeo = await inside(local, 'romeo')
    await open(romeo)
    const info = 'http://jabber.org/protocol/disco#info'
    await romeo.send(`<iq type='get' id='d' to='${room}'><query xmlns='${info}'/></iq>`)
    const features = romeo.takeAll()[0]?.child('query', info)?.elements('feature')
    const own = features?.map((one) => one.attribute('var')).filter((one) => one?.startsWith(namespace))
    assert.deepEqual(own, expected)
  }
})
