import assert from 'node:assert/strict'
import { test } from 'node:test'
import { administer, enter, inside, romeoInside, room, roomServer, told } from '../../../test/rooms.ts'
import { mucOptions } from './options.ts'

test('a room has so many clients, and some more for those who look after it', async () => {
  await using local = await roomServer({ muc: { occupants: 2, adminSeats: 1 } })
  const romeo = await romeoInside(local)
  await administer(
    romeo,
    `<item affiliation='admin' jid='nurse@localhost'/><item affiliation='admin' jid='friar@localhost'/>`,
  )
  const juliet = await inside(local, 'juliet')
  const phone = await local.connect('juliet@localhost/phone')
  await enter(phone, 'juliet')
  assert.deepEqual(told(phone), ['error service-unavailable'], 'sharing a nick takes a place too')
  const nurse = await local.connect('nurse@localhost/house')
  await enter(nurse, 'nurse')
  assert.equal(told(nurse).at(-1), 'subject')
  const friar = await local.connect('friar@localhost/cell')
  await enter(friar, 'friar')
  assert.deepEqual(told(friar), ['error service-unavailable'])
  await juliet.send(`<presence to='${room}' type='unavailable'/>`)
  await enter(friar, 'friar')
  assert.equal(told(friar).at(-1), 'subject')
})

test('an account has so many clients in a room, under one nick or several', async () => {
  await using local = await roomServer({ muc: { seatsPerAccount: 2 } })
  await romeoInside(local)
  for (const [resource, nick, answer] of [
    ['a', 'juliet', 'subject'],
    ['b', 'jule', 'subject'],
    ['c', 'juliet', 'error resource-constraint'],
  ] as const) {
    const client = await local.connect(`juliet@localhost/${resource}`)
    await enter(client, nick)
    assert.equal(told(client).at(-1), answer)
  }
})

test('a reason that is too long is cut', async () => {
  await using local = await roomServer({ muc: { reasonLength: 5 } })
  const romeo = await romeoInside(local)
  const juliet = await inside(local, 'juliet')
  await administer(romeo, `<item nick='juliet' role='none'><reason>0123456789</reason></item>`)
  const item = juliet.takeAll()[0]?.elements().at(-1)?.child('item')
  assert.equal(item?.child('reason')?.text, '01234')
})

test('limits that are no numbers are refused at the start', async () => {
  for (const name of Object.keys(mucOptions)) {
    if (name === 'name') continue
    await assert.rejects(roomServer({ muc: { [name]: 'many' } }), new RegExp(`options of muc.*${name}`, 's'))
  }
})
