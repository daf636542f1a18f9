// XEP-0313: Message Archive Management, in rooms: what is kept, and who reads what of it
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask, inSet, messageIn } from '../../../test/archive.ts'
import type { InMemory } from '../../../test/in-memory.ts'
import { administer, configure, inside, open, room, roomServer, say, told } from '../../../test/rooms.ts'
import type { MemoryClient } from '../../server/memory-client.ts'
import type { Element } from '../../xml/element.ts'
import { roomArchive } from './room-archive.ts'

const start = (options: object = {}) =>
  roomServer({ more: [roomArchive], options: { 'room-archive': { enabled: true, ...options } } })
const muc = 'http://jabber.org/protocol/muc'

/** A room of Romeo's in which Juliet is too. */
async function scene(local: InMemory, fields = {}) {
  const romeo = await inside(local, 'romeo')
  await open(romeo, fields)
  return { romeo, juliet: await inside(local, 'juliet') }
}

const read = async (client: MemoryClient, question = {}) => await ask(client, { to: room, ...question })
const addressIn = (result: Element) =>
  messageIn(result)?.child('x', `${muc}#user`)?.child('item')?.attribute('jid')

test('§6.1.2: what is said is kept once, as it went out, with subjects and without private messages', async () => {
  await using local = await start()
  const { romeo, juliet } = await scene(local)
  await say(juliet, 'one')
  const heard = romeo.takeAll().at(-1)
  await juliet.send(`<message to='${room}/romeo' type='chat'><body>psst</body></message>`)
  await romeo.send(`<message to='${room}' type='groupchat'><subject>Love</subject></message>`)
  await juliet.send(
    `<message to='${room}' type='groupchat'><composing xmlns='http://jabber.org/protocol/chatstates'/></message>`,
  )
  await juliet.send(
    `<message to='${room}' type='groupchat'><body>gone</body><no-store xmlns='urn:xmpp:hints'/></message>`,
  )
  await juliet.send(
    `<message to='${room}' type='groupchat'><reactions id='1' xmlns='urn:xmpp:reactions:0'/></message>`,
  )
  const answer = await read(juliet)
  const kept = answer.results.map((result) => messageIn(result) as Element)
  assert.deepEqual(
    kept.map((message) => message.elements()[0]?.name),
    ['body', 'subject', 'reactions'],
  )
  // §3.5: under the id that those inside were told; §6.1.2: no `to`, and the occupant's address.
  assert.equal(answer.ids[0], heard?.child('stanza-id', 'urn:xmpp:sid:0')?.attribute('id'))
  assert.equal(kept[0]?.attribute('to'), undefined)
  assert.equal(kept[0]?.attribute('from'), `${room}/juliet`)
  assert.equal(inSet(answer, 'count'), '3')
})

test('§6.1.2: a forged <x/> is stripped, and real addresses are for those who may see them', async () => {
  await using local = await start()
  const { romeo, juliet } = await scene(local)
  const forged = `<x xmlns='${muc}#user'><item jid='nurse@localhost' affiliation='owner'/></x>`
  await juliet.send(`<message to='${room}' type='groupchat'><body>one</body>${forged}</message>`)
  assert.deepEqual((await read(juliet)).results.map(addressIn), [undefined])
  assert.deepEqual((await read(romeo)).results.map(addressIn), ['juliet@localhost/home'])
  await configure(romeo, { whois: 'anyone' })
  await say(juliet, 'two')
  // What was said while addresses were hidden stays so for all but moderators.
  assert.deepEqual((await read(juliet)).results.map(addressIn), [undefined, 'juliet@localhost/home'])
  const nurse = await local.connect('nurse@localhost/home')
  assert.deepEqual((await read(nurse)).results.map(addressIn), [undefined, 'juliet@localhost/home'])
  await configure(romeo, { whois: 'moderators' })
  assert.deepEqual((await read(nurse)).results.map(addressIn), [undefined, undefined])
  assert.deepEqual(
    (await read(romeo)).results.map(addressIn),
    ['juliet@localhost/home', 'juliet@localhost/home'],
    'moderators see all',
  )
})

test('§4.1.1: only moderators find out who said what; others ask for their own', async () => {
  await using local = await start()
  const { romeo, juliet } = await scene(local)
  await say(juliet, 'one')
  await say(romeo, 'two')
  const by = (client: MemoryClient, jid: string) => read(client, { fields: { with: jid } })
  assert.deepEqual((await by(romeo, 'juliet@localhost')).bodies, ['one'])
  assert.deepEqual((await by(romeo, 'juliet@localhost/garden')).bodies, [])
  assert.deepEqual((await by(juliet, 'juliet@localhost')).bodies, ['one'])
  assert.equal((await by(juliet, 'romeo@localhost')).error, 'forbidden')
  assert.equal((await by(juliet, `${room}/romeo`)).error, 'feature-not-implemented')
  assert.deepEqual((await by(juliet, room)).bodies, [])
})

test('§6.1.2: who may not enter reads nothing; who may reads without being inside', async () => {
  await using local = await start()
  const { romeo, juliet } = await scene(local)
  await say(romeo, 'one')
  const nurse = await local.connect('nurse@localhost/home')
  const errors = async () => [(await read(juliet)).error, (await read(nurse)).error]
  assert.deepEqual(await errors(), [undefined, undefined])
  await administer(romeo, "<item jid='nurse@localhost' affiliation='outcast'/>")
  assert.deepEqual(await errors(), [undefined, 'forbidden'])
  await administer(romeo, "<item jid='nurse@localhost' affiliation='none'/>")
  await configure(romeo, { passwordprotectedroom: '1', roomsecret: 'rose' })
  assert.deepEqual(await errors(), [undefined, 'forbidden'], 'those inside know the password')
  await administer(romeo, "<item jid='nurse@localhost' affiliation='member'/>")
  assert.deepEqual(await errors(), [undefined, undefined])
  await configure(romeo, { passwordprotectedroom: '0', membersonly: '1' })
  assert.deepEqual(await errors(), ['forbidden', undefined])
  await juliet.send(`<iq to='${room}' type='get' id='1'><query xmlns='urn:xmpp:mam:2'/></iq>`)
  await juliet.send(`<iq to='${room}' type='get' id='2'><metadata xmlns='urn:xmpp:mam:2'/></iq>`)
  assert.deepEqual(told(juliet), ['error forbidden', 'error forbidden'])
})

test('§5 and §4.1.5: metadata and form are those of the room', async () => {
  await using local = await start({ search: false })
  const { romeo } = await scene(local)
  const request = async (name: string) => {
    romeo.takeAll()
    await romeo.send(`<iq to='${room}' type='get' id='1'><${name} xmlns='urn:xmpp:mam:2'/></iq>`)
    return romeo.takeAll()[0]?.child(name, 'urn:xmpp:mam:2')
  }
  assert.deepEqual((await request('metadata'))?.elements(), [])
  await say(romeo, 'one')
  await say(romeo, 'two')
  const { ids } = await read(romeo)
  const ends = (await request('metadata'))?.elements().map((end) => end.attribute('id'))
  assert.deepEqual(ends, ids)
  const form = (await request('query'))?.child('x', 'jabber:x:data')
  const fields = form?.elements('field').map((field) => field.attribute('var'))
  assert.deepEqual(fields, ['FORM_TYPE', 'with', 'start', 'end', 'before-id', 'after-id', 'ids'])
  assert.equal((await read(romeo, { fields: { withtext: 'one' } })).error, 'feature-not-implemented')
})

test('XEP-0431: words are found, and words that were taken back are not', async () => {
  await using local = await start()
  const { juliet } = await scene(local)
  await say(juliet, 'But soft')
  await say(juliet, 'what light')
  const words = (text: string) => read(juliet, { fields: { '{urn:xmpp:fulltext:0}fulltext': text } })
  assert.deepEqual((await words('soft')).bodies, ['But soft'])
  const [id] = (await read(juliet)).ids
  await juliet.send(
    `<message to='${room}' type='groupchat' id='r'><retract xmlns='urn:xmpp:message-retract:1' id='${id}'/></message>`,
  )
  assert.deepEqual((await words('soft')).bodies, [])
})
