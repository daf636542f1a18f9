import assert from 'node:assert/strict'
import { test } from 'node:test'
import { administer, enter, inside, romeoInside, room, roomServer, told } from '../../../test/rooms.ts'
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
  const romeo = await romeoInside(local)
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
  const romeo = await romeoInside(local)
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
  const romeo = await romeoInside(local)
  await send(romeo, 'set', form('romeo'))
  await send(romeo, 'set', '<remove/>')
  told(romeo)
  await send(romeo, 'get')
  assert.ok(romeo.takeAll()[0]?.child('query', namespace)?.child('x', 'jabber:x:data'))
})

test('who uses a nick that an admin reserves for another has to leave; an admin does not', async () => {
  await using local = await roomServer()
  const romeo = await romeoInside(local)
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

const registered = { 'x-muc#roomconfig_registration': 'open' }
const onApproval = { 'x-muc#roomconfig_registration': 'approval', persistentroom: '1' }

test('XEP-0045 §7.10: where anybody may register, whoever does is a member, in the room or not', async () => {
  await using local = await roomServer({ muc: { affiliations: 3 } })
  const romeo = await romeoInside(local, registered)
  const juliet = await inside(local, 'juliet')
  told(romeo)
  await send(juliet, 'get')
  assert.ok(juliet.takeAll()[0]?.child('query', namespace)?.child('x', 'jabber:x:data'))
  await send(juliet, 'set', form('juliet'))
  assert.deepEqual(
    [told(juliet), told(romeo)],
    [['juliet participant 110', 'result'], ['juliet participant']],
  )
  const paris = await local.connect('paris@localhost/street')
  await send(paris, 'set', form('count'))
  assert.deepEqual(told(romeo), ['paris@localhost member'])
  const nurse = await local.connect('nurse@localhost/house')
  await send(nurse, 'set', form('nurse'))
  assert.deepEqual(told(nurse), ['error resource-constraint'], 'lists have a limit')
})

/** Answers the form that an admin got. */
function answer(client: MemoryClient, jid: string, allow: string): Promise<void> {
  const fields = { FORM_TYPE: formType, 'muc#jid': jid, 'muc#register_allow': allow }
  const inside = Object.entries(fields).map(
    ([name, value]) => `<field var='${name}'><value>${value}</value></field>`,
  )
  return client.send(
    `<message to='${room}'><x xmlns='jabber:x:data' type='submit'>${inside.join('')}</x></message>`,
  )
}

test('XEP-0045 §9.9: admins approve registrations, in the room or elsewhere', async () => {
  await using local = await roomServer()
  const romeo = await romeoInside(local, { ...onApproval, membersonly: '1' })
  await administer(romeo, `<item affiliation='admin' jid='friar@localhost'/>`)
  const friar = await local.connect('friar@localhost/cell')
  await friar.send('<presence/>')
  const paris = await local.connect('paris@localhost/street')
  await paris.send('<presence/>')
  for (const client of [romeo, friar, paris]) told(client)
  await send(paris, 'set', form('count'))
  assert.deepEqual(told(paris), ['result'])
  for (const client of [romeo, friar]) {
    const x = client.takeAll()[0]?.child('x', 'jabber:x:data')
    const values = x?.elements('field').map((field) => field.child('value')?.text)
    assert.deepEqual(values, [formType, 'paris@localhost', 'count', '0'])
  }
  await send(paris, 'set', form('count'))
  assert.deepEqual(told(romeo), [], 'nobody is asked twice')
  await enter(paris, 'count')
  assert.deepEqual(told(paris).slice(-1), ['error registration-required'])
  await answer(paris, 'paris@localhost', '1')
  assert.deepEqual(told(paris), ['error not-acceptable'], 'nobody approves oneself')
  await answer(friar, 'paris@localhost', '1')
  assert.deepEqual(told(paris), [`invite ${room}`])
  await answer(friar, 'paris@localhost', '1')
  assert.deepEqual(told(friar).slice(-1), ['error item-not-found'])
  await enter(paris, 'anybody')
  assert.ok(told(paris).includes('anybody participant 110'))
})

test('XEP-0045 §9.9: who is not approved is no member, and may ask again; so many wait at a time', async () => {
  await using local = await roomServer({ muc: { registrations: 1 } })
  const romeo = await romeoInside(local, onApproval)
  const [juliet, nurse] = [await inside(local, 'juliet'), await inside(local, 'nurse')]
  told(romeo)
  await send(juliet, 'set', form('jule'))
  await send(nurse, 'set', form('nanny'))
  assert.deepEqual(told(nurse).slice(-1), ['error resource-constraint'])
  romeo.takeAll()
  await answer(nurse, 'juliet@localhost', '1')
  assert.deepEqual(told(nurse), ['error forbidden'])
  await answer(romeo, 'juliet@localhost', 'perhaps')
  assert.deepEqual(told(romeo), ['error bad-request'])
  await answer(romeo, 'juliet@localhost', '0')
  assert.deepEqual(told(romeo), [])
  await send(nurse, 'set', form('jule'))
  assert.equal(romeo.takeAll().length, 1, 'there is a place again')
  await enter(juliet, 'jule')
  await answer(romeo, 'nurse@localhost', '1')
  assert.deepEqual(told(romeo).slice(-1), ['error conflict'], 'somebody has that nick by now')
})

test('XEP-0045 §7.10: whoever is banned does not register, and neither does a banned domain', async () => {
  await using local = await roomServer()
  const romeo = await romeoInside(local, registered)
  await administer(romeo, `<item affiliation='outcast' jid='tybalt@localhost'/>`)
  const tybalt = await local.connect('tybalt@localhost/street')
  await send(tybalt, 'set', form('tybalt'))
  assert.deepEqual(told(tybalt), ['error forbidden'])
})
