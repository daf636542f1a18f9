import assert from 'node:assert/strict'
import { test } from 'node:test'
import { administer, configure, enter, inside, open, room, roomServer, told } from '../../../test/rooms.ts'

const locked = { 'x-muc#roomconfig_reservednick': '1' }
const member = `<item affiliation='member' jid='juliet@localhost' nick='jule'/>`

test('XEP-0045 §7.12: where nicks are locked down, one enters under the nick one has, with code 210', async () => {
  await using local = await roomServer()
  const romeo = await inside(local, 'romeo')
  await open(romeo, locked)
  await administer(romeo, member)
  const juliet = await local.connect('juliet@localhost/home')
  await enter(juliet, 'capulet')
  assert.deepEqual(told(juliet), ['romeo moderator', 'jule participant 210,110', 'subject'])
  await enter(juliet, 'capulet')
  assert.deepEqual(told(juliet), ['romeo moderator', 'jule participant 210,110', 'subject'], 'and again')
  await enter(juliet, 'jule')
  assert.deepEqual(told(juliet), ['romeo moderator', 'jule participant 110', 'subject'])
  const nurse = await local.connect('nurse@localhost/home')
  await enter(nurse, 'whoever')
  assert.ok(told(nurse).includes('whoever participant 110'), 'who has none enters as always')
})

test('XEP-0045 §7.12: it is the same for a second client, and a nick is needed all the same', async () => {
  await using local = await roomServer()
  const romeo = await inside(local, 'romeo')
  await open(romeo, locked)
  await administer(romeo, member)
  await inside(local, 'juliet')
  const phone = await local.connect('juliet@localhost/phone')
  await phone.send(`<presence to='${room}'><x xmlns='http://jabber.org/protocol/muc'/></presence>`)
  assert.deepEqual(told(phone), ['error jid-malformed'])
  await enter(phone, 'juliet')
  assert.ok(told(phone).includes('jule participant 210,110'))
})

test('XEP-0045 §7.6: a locked nick does not change, that of others does', async () => {
  await using local = await roomServer()
  const romeo = await inside(local, 'romeo')
  await open(romeo, locked)
  await administer(romeo, member)
  const juliet = await inside(local, 'juliet')
  const nurse = await inside(local, 'nurse')
  juliet.takeAll()
  await juliet.send(`<presence to='${room}/capulet'/>`)
  const [error] = juliet.takeAll()
  assert.equal(error?.child('error')?.attribute('type'), 'cancel')
  assert.equal(error?.child('error')?.elements()[0]?.name, 'not-acceptable')
  await nurse.send(`<presence to='${room}/angelica'/>`)
  assert.deepEqual(told(nurse), ['-nurse 303,110', 'angelica participant 110'])
})

test('XEP-0045 §7.6: an owner may have nicks stay as they are; admins change theirs', async () => {
  await using local = await roomServer()
  const romeo = await inside(local, 'romeo')
  await open(romeo, { 'x-muc#roomconfig_canchangenick': '0' })
  const juliet = await inside(local, 'juliet')
  romeo.takeAll()
  await juliet.send(`<presence to='${room}/capulet'/>`)
  assert.deepEqual(told(juliet), ['error not-acceptable'])
  await romeo.send(`<presence to='${room}/montague'/>`)
  assert.deepEqual(told(romeo), ['-romeo 303,110', 'montague moderator 110'])
  await configure(romeo, { 'x-muc#roomconfig_canchangenick': '1' })
  juliet.takeAll()
  await juliet.send(`<presence to='${room}/capulet'/>`)
  assert.deepEqual(told(juliet), ['-juliet 303,110', 'capulet participant 110'])
})

test('XEP-0045 §18.1: who is elsewhere is told of a new affiliation, once, and not of what oneself does', async () => {
  await using local = await roomServer()
  const romeo = await inside(local, 'romeo')
  await open(romeo)
  const juliet = await local.connect('juliet@localhost/home')
  await juliet.send('<presence/>')
  juliet.takeAll()
  const codes = () =>
    juliet
      .takeAll()
      .filter(({ name }) => name === 'message')
      .map((one) => one.child('x', 'http://jabber.org/protocol/muc#user')?.child('status')?.attribute('code'))
  for (const expected of [['101'], []]) {
    await administer(romeo, `<item affiliation='member' jid='juliet@localhost'/>`)
    assert.deepEqual(codes(), expected)
  }
  await configure(romeo, { membersonly: '1' })
  await administer(romeo, `<item affiliation='none' jid='juliet@localhost'/>`)
  assert.deepEqual(codes(), ['101'])
  await administer(romeo, `<item affiliation='member' jid='juliet@localhost'/>`)
  assert.deepEqual(codes(), [undefined], 'an invitation says it already')
  await juliet.send(
    `<iq type='set' id='r' to='${room}'><query xmlns='jabber:iq:register'><remove/></query></iq>`,
  )
  assert.deepEqual(codes(), [])
})
