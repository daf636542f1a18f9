// XEP-0500: MUC Slow Mode
import assert from 'node:assert/strict'
import { test } from 'node:test'
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
import { jid } from '../../jid/jid.ts'
import type { MemoryClient } from '../../server/memory-client.ts'
import { LastMessages } from './last-messages.ts'
import { slowMode } from './slow-mode.ts'

const start = (options = {}) => roomServer({ more: [slowMode], options: { 'slow-mode': options } })
const slow = (seconds: string) => ({ slow_mode_duration: seconds })

/** What is left of the clients' inboxes is of no interest. */
function quiet(...clients: MemoryClient[]): void {
  for (const client of clients) client.takeAll()
}

test('§6: who spoke waits, and what came too soon reaches nobody', async () => {
  await using local = await start()
  const romeo = await inside(local, 'romeo')
  await open(romeo, slow('20'))
  const juliet = await inside(local, 'juliet')
  quiet(romeo)
  await say(juliet, 'one')
  local.clock.advance(19_999)
  await say(juliet, 'two')
  assert.deepEqual(told(romeo), ['juliet: one'])
  const [, error] = juliet.takeAll()
  assert.equal(error?.child('error')?.attribute('type'), 'wait')
  assert.equal(error?.child('error')?.elements()[0]?.name, 'policy-violation')
  assert.match(error?.child('error')?.elements()[1]?.text ?? '', /20 seconds.* in 1 seconds/)
  local.clock.advance(1)
  await say(juliet, 'three')
  assert.deepEqual(told(romeo), ['juliet: three'])
})

test('§6: only what has a body counts, and what was refused does not', async () => {
  await using local = await start()
  const romeo = await inside(local, 'romeo')
  await open(romeo, slow('20'))
  const juliet = await inside(local, 'juliet')
  quiet(romeo)
  const typing = `<message to='${room}' type='groupchat'><composing xmlns='http://jabber.org/protocol/chatstates'/></message>`
  await juliet.send(typing)
  await say(juliet, 'one')
  await juliet.send(typing)
  local.clock.advance(15_000)
  await say(juliet, 'too soon')
  local.clock.advance(5000)
  await say(juliet, 'two')
  assert.deepEqual(told(romeo), ['status ', 'juliet: one', 'status ', 'juliet: two'])
})

test('§6: admins and owners do not wait', async () => {
  await using local = await start()
  const romeo = await inside(local, 'romeo')
  await open(romeo, slow('20'))
  const nurse = await inside(local, 'nurse')
  await administer(romeo, `<item affiliation='admin' jid='nurse@localhost'/>`)
  quiet(romeo, nurse)
  for (const body of ['one', 'two']) {
    await say(romeo, body)
    await say(nurse, body)
  }
  assert.deepEqual(told(romeo), ['romeo: one', 'nurse: one', 'romeo: two', 'nurse: two'])
})

test('§8: another client, another nick and coming back do not help; another account may speak', async () => {
  await using local = await start()
  const romeo = await inside(local, 'romeo')
  await open(romeo, slow('20'))
  const juliet = await inside(local, 'juliet')
  const nurse = await inside(local, 'nurse')
  const phone = await local.connect('juliet@localhost/phone')
  await enter(phone, 'capulet')
  quiet(romeo, phone)
  await say(juliet, 'one')
  await say(phone, 'two')
  await say(nurse, 'hello')
  await juliet.send(`<presence to='${room}/juliet' type='unavailable'/>`)
  await enter(juliet, 'juliet')
  await say(juliet, 'three')
  const said = told(romeo).filter((line) => line.includes(':'))
  assert.deepEqual(said, ['juliet: one', 'nurse: hello'])
  assert.ok(told(phone).includes('error policy-violation'))
})

test('§5: owners set it within the range that the form says, and occupants hear of it', async () => {
  await using local = await start({ maxSeconds: 60 })
  const romeo = await inside(local, 'romeo')
  await open(romeo)
  const owner = 'http://jabber.org/protocol/muc#owner'
  await romeo.send(`<iq type='get' id='f' to='${room}'><query xmlns='${owner}'/></iq>`)
  const fields = romeo.takeAll()[0]?.child('query', owner)?.child('x', 'jabber:x:data')?.elements('field')
  const field = fields?.find((one) => one.attribute('var') === 'muc#roomconfig_slow_mode_duration')
  const validate = field?.child('validate', 'http://jabber.org/protocol/xdata-validate')
  assert.equal(field?.attribute('type'), 'text-single')
  assert.equal(field?.child('value')?.text, '0')
  assert.equal(validate?.attribute('datatype'), 'xs:integer')
  assert.deepEqual(validate?.child('range')?.attributes, ['min', '0', 'max', '60'])
  for (const bad of ['-1', '61', '1.5', 'x', '', '99999999999']) {
    await configure(romeo, slow(bad))
    assert.deepEqual(told(romeo), ['error not-acceptable'], bad)
  }
  await configure(romeo, slow('60'))
  assert.deepEqual(told(romeo), ['result', 'status 104'])
})

test('§5: everybody can see how long one waits', async () => {
  await using local = await start()
  const romeo = await inside(local, 'romeo')
  await open(romeo, slow('20'))
  const nurse = await local.connect('nurse@localhost/home')
  const info = 'http://jabber.org/protocol/disco#info'
  await nurse.send(`<iq type='get' id='d' to='${room}'><query xmlns='${info}'/></iq>`)
  const fields = nurse.takeAll()[0]?.child('query', info)?.child('x', 'jabber:x:data')?.elements('field')
  const field = fields?.find((one) => one.attribute('var') === 'muc#roominfo_slow_mode_duration')
  assert.equal(field?.child('value')?.text, '20')
})

test('who spoke is remembered while it matters, and a bounded number of accounts', () => {
  const last = new LastMessages(2)
  const [a, b, c] = ['a@x', 'b@x', 'c@x'].map(jid) as [
    ReturnType<typeof jid>,
    ReturnType<typeof jid>,
    ReturnType<typeof jid>,
  ]
  last.note(a, 0, 100)
  last.note(b, 10, 100)
  last.note(a, 20, 100)
  last.note(c, 30, 100)
  assert.deepEqual([last.of(a), last.of(b), last.of(c)], [20, undefined, 30])
  last.note(b, 125, 100)
  assert.deepEqual([last.of(a), last.of(b), last.of(c)], [undefined, 125, 30])
})
