import assert from 'node:assert/strict'
import { test } from 'node:test'
import { administer, enter, inside, open, room, roomServer, told } from '../../../test/rooms.ts'
import type { MemoryClient } from '../../server/memory-client.ts'

const namespace = 'jabber:iq:register'
const formType = 'http://jabber.org/protocol/muc#register'

const send = (client: MemoryClient, type: string, inner = '') =>
  client.send(`<iq to='${room}' type='${type}' id='r'><query xmlns='${namespace}'>${inner}</query></iq>`)

const form = (nick: string, ofType = formType) =>
  `<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>${ofType}</value></field>` +
  `<field var='muc#register_roomnick'><value>${nick}</value></field></x>`

test('XEP-0045 §7.10: a member reserves a nick, changes it and gives it up', async () => {
  await using local = await roomServer()
  const romeo = await local.connect('romeo@localhost/orchard')
  await open(romeo)
  const juliet = await inside(local, 'juliet')
  await administer(romeo, `<item affiliation='member' jid='juliet@localhost'/>`)
  told(juliet)
  await send(juliet, 'get')
  const [asked] = juliet.takeAll()
  assert.ok(asked?.child('query', namespace)?.child('x', 'jabber:x:data'))
  for (const nick of ['jule', 'capulet']) {
    await send(juliet, 'set', form(nick))
    assert.deepEqual(told(juliet), ['juliet participant 110', 'result'])
  }
  await send(juliet, 'get')
  const query = juliet.takeAll()[0]?.child('query', namespace)
  assert.ok(query?.child('registered'))
  assert.equal(query?.child('username')?.text, 'capulet')
  const paris = await local.connect('paris@localhost/street')
  await enter(paris, 'capulet')
  assert.deepEqual(told(paris), ['error conflict'])
  await enter(paris, 'jule')
  assert.ok(told(paris).includes('jule participant 110'))
  await send(juliet, 'set', '<remove/>')
  assert.deepEqual(told(juliet).slice(-2), ['juliet participant 110', 'result'])
  await send(juliet, 'get')
  assert.deepEqual(told(juliet), ['error registration-required'], 'a member no more')
})

test('XEP-0045 §7.10: what is no registration, and who may not', async () => {
  await using local = await roomServer()
  const romeo = await local.connect('romeo@localhost/orchard')
  await open(romeo)
  await administer(
    romeo,
    `<item affiliation='outcast' jid='tybalt@localhost'/><item affiliation='member' jid='nurse@localhost' nick='nurse'/>`,
  )
  told(romeo)
  const paris = await inside(local, 'paris')
  told(romeo)
  const tybalt = await local.connect('tybalt@localhost/street')
  for (const [client, inner, answer] of [
    [romeo, '', 'error bad-request'],
    [romeo, form(''), 'error bad-request'],
    [romeo, form('romeo', 'jabber:iq:register'), 'error bad-request'],
    [romeo, form('nurse'), 'error conflict'],
    [romeo, form('paris'), 'error conflict'],
    [romeo, form(' '), 'error jid-malformed'],
    [paris, form('paris'), 'error registration-required'],
    [tybalt, form('tybalt'), 'error forbidden'],
  ] as const) {
    told(client)
    await send(client, 'set', inner)
    assert.deepEqual(told(client), [answer], inner)
  }
})

test('an owner who gives up a nick remains an owner', async () => {
  await using local = await roomServer()
  const romeo = await local.connect('romeo@localhost/orchard')
  await open(romeo)
  await send(romeo, 'set', form('romeo'))
  await send(romeo, 'set', '<remove/>')
  told(romeo)
  await send(romeo, 'get')
  assert.ok(romeo.takeAll()[0]?.child('query', namespace)?.child('x', 'jabber:x:data'))
})

test('who uses a nick that an admin reserves for another has to leave; an admin does not', async () => {
  await using local = await roomServer()
  const romeo = await local.connect('romeo@localhost/orchard')
  await open(romeo)
  const paris = await inside(local, 'paris')
  told(romeo)
  await administer(romeo, `<item affiliation='member' jid='count@localhost' nick='paris'/>`)
  assert.deepEqual(told(romeo), ['-paris 307', 'count@localhost member', 'result'])
  assert.deepEqual(told(paris), ['-paris 307,110'])
  await administer(romeo, `<item affiliation='member' jid='count@localhost' nick='romeo'/>`)
  assert.deepEqual(told(romeo), ['error conflict'])
  const twice = (nick: string) => `<item affiliation='member' jid='${nick}@localhost' nick='one'/>`
  await administer(romeo, twice('a') + twice('b'))
  assert.deepEqual(told(romeo), ['error conflict'])
})
