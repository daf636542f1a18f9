import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { InMemory } from '../../../test/in-memory.ts'
import {
  administer,
  configure,
  enter,
  open,
  romeoInside,
  room,
  roomServer,
  told,
} from '../../../test/rooms.ts'
import { jid } from '../../jid/jid.ts'
import type { MemoryClient } from '../../server/memory-client.ts'

const remove = (local: InMemory, name: string) =>
  local.server.host('localhost')?.accounts.remove(jid(`${name}@localhost`))

/** The addresses and nicks on a list of the room. */
async function listed(client: MemoryClient, affiliation: string): Promise<string[]> {
  client.takeAll()
  await administer(client, `<item affiliation='${affiliation}'/>`, 'get')
  const answer = client.takeAll().find((stanza) => stanza.attribute('id') === 'a')
  const items = answer?.elements()[0]?.elements() ?? []
  return items.map((item) => [item.attribute('jid'), item.attribute('nick')].filter(Boolean).join(' '))
}

/** Lets the room fall asleep, so that it has to be read again. */
const sleeping = { roomsInMemory: 0 }

test('who gets the name of a removed account is a stranger in rooms: no member, no admin, no reserved nick', async () => {
  await using local = await roomServer()
  const romeo = await romeoInside(local, { persistentroom: '1' })
  for (const name of ['juliet', 'nurse']) await local.connect(`${name}@localhost/x`)
  await administer(
    romeo,
    `<item affiliation='member' jid='juliet@localhost' nick='jule'/><item affiliation='admin' jid='nurse@localhost'/>`,
  )
  await remove(local, 'juliet')
  await remove(local, 'nurse')
  assert.deepEqual(await listed(romeo, 'member'), [])
  assert.deepEqual(await listed(romeo, 'admin'), [])
  const tybalt = await local.connect('tybalt@localhost/x')
  await enter(tybalt, 'jule')
  assert.match(told(tybalt).join(), /jule/)
  assert.equal(tybalt.takeAll().filter((stanza) => stanza.attribute('type') === 'error').length, 0)
})

test('rooms that nobody is in forget too, and it is kept', async () => {
  await using local = await roomServer({ muc: sleeping })
  const romeo = await romeoInside(local, { persistentroom: '1' })
  await local.connect('juliet@localhost/x')
  await administer(romeo, `<item affiliation='member' jid='juliet@localhost' nick='jule'/>`)
  await romeo.send(`<presence type='unavailable' to='${room}/romeo'/>`)
  await remove(local, 'juliet')
  await enter(romeo, 'romeo')
  assert.deepEqual(await listed(romeo, 'member'), [])
})

test('who is banned stays banned, whoever has the name', async () => {
  await using local = await roomServer()
  const romeo = await romeoInside(local, { persistentroom: '1' })
  await local.connect('tybalt@localhost/x')
  await administer(romeo, `<item affiliation='outcast' jid='tybalt@localhost'/>`)
  await remove(local, 'tybalt')
  assert.deepEqual(await listed(romeo, 'outcast'), ['tybalt@localhost'])
})

test('who is inside and of the lists is seen to have no affiliation, and to go', async () => {
  await using local = await roomServer()
  const romeo = await romeoInside(local)
  const juliet = await local.connect('juliet@localhost/x')
  await administer(romeo, `<item affiliation='admin' jid='juliet@localhost'/>`)
  await enter(juliet, 'jule')
  romeo.takeAll()
  await remove(local, 'juliet')
  const seen: string[] = []
  while (seen.length < 2) {
    const stanza = await romeo.receive()
    if (stanza?.name !== 'presence') continue
    const item = stanza.child('x', 'http://jabber.org/protocol/muc#user')?.child('item')
    seen.push(`${stanza.attribute('type') ?? 'available'} ${item?.attribute('affiliation')}`)
  }
  assert.deepEqual(seen, ['available none', 'unavailable none'])
})

test('a room whose only owner is gone goes on; its members stay what they are, and its lists can be changed', async () => {
  await using local = await roomServer({ muc: sleeping })
  const romeo = await romeoInside(local, { persistentroom: '1' })
  const nurse = await local.connect('nurse@localhost/x')
  await administer(romeo, `<item affiliation='admin' jid='nurse@localhost'/>`)
  await remove(local, 'romeo')
  await enter(nurse, 'nurse')
  await administer(nurse, `<item affiliation='member' jid='juliet@localhost'/>`)
  assert.deepEqual(await listed(nurse, 'member'), ['juliet@localhost'])
  const again = await local.connect('romeo@localhost/y')
  await enter(again, 'romeo')
  again.takeAll()
  await configure(again, { roomname: 'Mine again' })
  assert.match(again.takeAll().join('') && (await refusalOf(again)), /forbidden/)
})

test('rooms that were made count against nobody who gets the name', async () => {
  await using local = await roomServer({ muc: { ...sleeping, roomsPerAccount: 1 } })
  const romeo = await romeoInside(local, { persistentroom: '1' })
  await romeo.send(`<presence type='unavailable' to='${room}/romeo'/>`)
  await remove(local, 'romeo')
  const again = await local.connect('romeo@localhost/y')
  await enter(again, 'romeo', '', 'other@rooms.localhost')
  assert.equal(again.takeAll().filter((stanza) => stanza.attribute('type') === 'error').length, 0)
})

test('what waits for an admin to approve it waits no longer', async () => {
  await using local = await roomServer()
  const romeo = await local.connect('romeo@localhost/orchard')
  await open(romeo, { persistentroom: '1', 'x-muc#roomconfig_registration': 'approval' })
  const juliet = await local.connect('juliet@localhost/x')
  const fields = [
    ['FORM_TYPE', 'http://jabber.org/protocol/muc#register'],
    ['muc#register_roomnick', 'jule'],
  ].map(([name, value]) => `<field var='${name}'><value>${value}</value></field>`)
  const form = `<x xmlns='jabber:x:data' type='submit'>${fields.join('')}</x>`
  await juliet.send(
    `<iq type='set' id='r' to='${room}'><query xmlns='jabber:iq:register'>${form}</query></iq>`,
  )
  const asked = romeo.takeAll().filter((stanza) => stanza.child('x', 'jabber:x:data'))
  assert.equal(asked.length, 1)
  const service = local.server.host('rooms.localhost')
  const waiting = async () =>
    JSON.stringify([...((await service?.store.collection('muc-rooms').all('room')) ?? [])]).includes('juliet')
  assert.equal(await waiting(), true)
  await remove(local, 'juliet')
  assert.equal(await waiting(), false)
})

test('nothing is noted of a room that is gone', async () => {
  await using local = await roomServer()
  const romeo = await romeoInside(local, { persistentroom: '1' })
  await administer(romeo, `<item affiliation='member' jid='juliet@localhost'/>`)
  const noted = local.server.host('rooms.localhost')?.store.collection('muc-knowing')
  assert.equal(await noted?.count('juliet@localhost'), 1)
  await romeo.send(
    `<iq type='set' id='d' to='${room}'><query xmlns='http://jabber.org/protocol/muc#owner'><destroy/></query></iq>`,
  )
  assert.equal(await noted?.count('juliet@localhost'), 0)
})

async function refusalOf(client: MemoryClient): Promise<string> {
  await configure(client, { roomname: 'Mine again' })
  return client
    .takeAll()
    .flatMap((stanza) => stanza.child('error')?.elements() ?? [])
    .map(({ name }) => name)
    .join()
}
