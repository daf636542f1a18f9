import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  administer,
  configure,
  enter,
  inside,
  romeoInside,
  room,
  roomServer,
  say,
  told,
} from '../../../test/rooms.ts'
import { defineExtension } from '../../host/extension.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'

test('XEP-0045 §7.1: others, oneself, history, subject, in this order', async () => {
  await using local = await roomServer()
  const romeo = await local.connect('romeo@localhost/orchard')
  await enter(romeo, 'romeo')
  assert.deepEqual(told(romeo), ['romeo moderator 201,110', 'subject'])
  await configure(romeo)
  await say(romeo, 'But soft')
  const juliet = await local.connect('juliet@localhost/balcony')
  await enter(juliet, 'juliet')
  assert.deepEqual(told(juliet), ['romeo moderator', 'juliet participant 110', 'romeo: But soft', 'subject'])
  assert.deepEqual(told(romeo), ['result', 'romeo: But soft', 'juliet participant'])
})

test('XEP-0045 §7.2.2: real addresses are for moderators, and for oneself', async () => {
  await using local = await roomServer()
  const romeo = await romeoInside(local)
  const juliet = await local.connect('juliet@localhost/balcony')
  await enter(juliet, 'juliet')
  const jids = () =>
    [romeo, juliet].map((client) =>
      client
        .takeAll()
        .filter(({ name }) => name === 'presence')
        .map((presence) => presence.elements().at(-1)?.child('item')?.attribute('jid')),
    )
  assert.deepEqual(jids(), [['juliet@localhost/balcony'], [undefined, 'juliet@localhost/balcony']])
})

test('XEP-0045 §7.2.3: where all see real addresses, one is told so on entering, and again when one lost track', async () => {
  await using local = await roomServer()
  await romeoInside(local, { whois: 'anyone' })
  const juliet = await local.connect('juliet@localhost/balcony')
  for (const _time of ['first', 'again']) {
    await enter(juliet, 'juliet')
    const came = juliet.takeAll()
    const user = 'http://jabber.org/protocol/muc#user'
    assert.equal(came[0]?.child('x', user)?.child('item')?.attribute('jid'), 'romeo@localhost/orchard')
    assert.equal(came[1]?.child('x', user)?.child('status')?.attribute('code'), '100')
  }
})

test('who enters sees everybody as they are now: role, presence and nick', async () => {
  await using local = await roomServer()
  const romeo = await romeoInside(local)
  const juliet = await inside(local, 'juliet')
  const seen = async (name: string) => {
    const client = await local.connect(`${name}@localhost/x`)
    await enter(client, name)
    return told(client)
      .filter((short) => /^(juliet|romeo) /.test(short))
      .sort()
  }
  assert.deepEqual(await seen('a'), ['juliet participant', 'romeo moderator'])
  await administer(romeo, `<item nick='juliet' role='visitor'/>`)
  assert.deepEqual(await seen('b'), ['juliet visitor', 'romeo moderator'].sort())
  await juliet.send(`<presence to='${room}/jule'/>`)
  assert.deepEqual(await seen('c'), ['romeo moderator'])
  const nurse = await local.connect('nurse@localhost/x')
  await enter(nurse, 'nurse')
  assert.ok(told(nurse).includes('jule visitor'))
})

test('XEP-0045 §17.3: what only rooms say is taken out of presence, the password too', async () => {
  await using local = await roomServer()
  const romeo = await romeoInside(local, { roomsecret: 'cauldronburn' })
  const juliet = await local.connect('juliet@localhost/balcony')
  const forged = `<x xmlns='http://jabber.org/protocol/muc#user'><item role='moderator' affiliation='owner'/></x>`
  await juliet.send(
    `<presence to='${room}/juliet'>${forged}<show>away</show>${forged}` +
      `<x xmlns='http://jabber.org/protocol/muc'><password>cauldronburn</password></x></presence>`,
  )
  const [seen] = romeo.takeAll()
  assert.deepEqual(
    seen?.elements().map(({ name, namespace }) => `${name} ${namespace}`),
    ['show jabber:client', 'x http://jabber.org/protocol/muc#user'],
  )
  assert.equal(
    seen?.child('x', 'http://jabber.org/protocol/muc#user')?.child('item')?.attribute('role'),
    'participant',
  )
})

for (const [nick, error] of [
  ['', 'jid-malformed'],
  ['\u200d\u2060', 'jid-malformed'],
  [' ', 'jid-malformed'],
  ['x'.repeat(11), 'not-acceptable'],
  ['romeo', 'conflict'],
  ['count', 'conflict'],
] as const) {
  test(`XEP-0045 §7.2: the nick ${JSON.stringify(nick)} is refused as ${error}`, async () => {
    await using local = await roomServer({ muc: { nickLength: 10 } })
    const romeo = await romeoInside(local)
    await administer(romeo, `<item affiliation='member' jid='paris@localhost' nick='count'/>`)
    told(romeo)
    const juliet = await local.connect('juliet@localhost/balcony')
    await enter(juliet, 'juliet')
    told(juliet)
    const to = nick === '' ? room : `${room}/${nick}`
    for (const client of [juliet, await local.connect('tybalt@localhost/street')]) {
      await client.send(`<presence to='${to}'><x xmlns='http://jabber.org/protocol/muc'/></presence>`)
      const [answer] = told(client)
      // An address that cannot be is refused before it gets here.
      assert.equal(answer, `error ${error}`)
    }
  })
}

test('XEP-0045 §7.2.9: a room is full for all but those who look after it', async () => {
  await using local = await roomServer()
  const romeo = await romeoInside(local, { maxusers: '2' })
  await administer(romeo, `<item affiliation='admin' jid='nurse@localhost'/>`)
  await inside(local, 'juliet')
  const tybalt = await local.connect('tybalt@localhost/street')
  await enter(tybalt, 'tybalt')
  const [refused] = tybalt.takeAll()
  assert.equal(refused?.child('error')?.attribute('type'), 'wait')
  assert.ok(refused?.child('error')?.child('service-unavailable', 'urn:ietf:params:xml:ns:xmpp-stanzas'))
  const nurse = await local.connect('nurse@localhost/house')
  await enter(nurse, 'nurse')
  assert.ok(told(nurse).includes('nurse moderator 110'))
})

test('XEP-0045 §7.2.1: entering again from a client that is there brings everything anew, and only to it', async () => {
  await using local = await roomServer()
  const romeo = await romeoInside(local)
  const juliet = await inside(local, 'juliet')
  await say(juliet, 'Anon')
  told(romeo)
  told(juliet)
  await enter(juliet, 'juliet')
  assert.deepEqual(told(juliet), ['romeo moderator', 'juliet participant 110', 'juliet: Anon', 'subject'])
  assert.deepEqual(told(romeo), ['juliet participant'])
})

test('XEP-0045 §7.2.8: clients of one account share a nick, and the last one to leave ends it', async () => {
  await using local = await roomServer()
  const romeo = await romeoInside(local)
  const juliet = await inside(local, 'juliet')
  const phone = await local.connect('juliet@localhost/phone')
  await enter(phone, 'juliet')
  assert.deepEqual(told(phone), ['romeo moderator', 'juliet participant 110', 'subject'])
  assert.deepEqual(told(juliet), ['juliet participant 110'])
  told(romeo)
  await phone.send(`<presence to='${room}/jule'/>`)
  assert.deepEqual(told(juliet), ['-juliet 303,110', 'jule participant 110'], 'both are renamed')
  assert.deepEqual(told(romeo), ['-juliet 303', 'jule participant'])
  phone.close()
  await local.server.host('localhost')?.loaded.get('juliet')?.settled()
  assert.deepEqual(
    told(romeo),
    ['jule participant'],
    'the presence of the other client is the one that counts now',
  )
  juliet.close()
  await local.server.host('localhost')?.loaded.get('juliet')?.settled()
  assert.deepEqual(told(romeo), ['-jule'])
})

test('XEP-0045 §7.6: two nicks of one account do not become one', async () => {
  await using local = await roomServer()
  await romeoInside(local)
  const juliet = await inside(local, 'juliet')
  const phone = await local.connect('juliet@localhost/phone')
  await enter(phone, 'jule')
  told(phone)
  await phone.send(`<presence to='${room}/juliet'/>`)
  assert.deepEqual(told(phone), ['error conflict'])
  told(juliet)
  await phone.send(`<presence to='${room}/jule'/>`)
  assert.deepEqual(told(juliet), ['jule participant'])
})

test('XEP-0045 §4.2: presence of roles that are not broadcast is for oneself only', async () => {
  await using local = await roomServer()
  const romeo = await romeoInside(local, { presencebroadcast: ['moderator'] })
  const juliet = await local.connect('juliet@localhost/balcony')
  await enter(juliet, 'juliet')
  assert.deepEqual(told(juliet), ['romeo moderator', 'juliet participant 110', 'subject'])
  assert.deepEqual(told(romeo), [])
  await administer(romeo, `<item nick='juliet' role='moderator'/>`)
  assert.deepEqual(told(romeo), ['juliet moderator', 'result'])
  await administer(romeo, `<item nick='juliet' role='participant'/>`)
  assert.deepEqual(told(romeo), ['-juliet', 'result'])
  await juliet.send(`<presence to='${room}' type='unavailable'/>`)
  assert.deepEqual(told(romeo), [])
})

test('XEP-0045 §10.1.1: a room that nobody configures is given up after its time', async () => {
  await using local = await roomServer({ muc: { lockSeconds: 60 } })
  const romeo = await local.connect('romeo@localhost/orchard')
  await enter(romeo, 'romeo')
  told(romeo)
  local.clock.advance(59_000)
  assert.deepEqual(told(romeo), [])
  local.clock.advance(1000)
  assert.deepEqual(told(romeo), ['-romeo 110'])
  await enter(romeo, 'romeo')
  await configure(romeo)
  told(romeo)
  local.clock.advance(3_600_000)
  assert.deepEqual(told(romeo), [], 'a room that was opened stays')
})

for (const [create, address, isAllowed] of [
  ['anyone', 'romeo@localhost/orchard', true],
  ['local', 'romeo@localhost/orchard', true],
  ['admins', 'romeo@localhost/orchard', false],
  ['admins', 'prince@localhost/throne', true],
] as const) {
  test(`XEP-0045 §10.1: with create ${create}, ${address} ${isAllowed ? 'makes' : 'does not make'} rooms`, async () => {
    await using local = await roomServer({ muc: { create }, admins: ['prince@localhost'] })
    const client = await local.connect(address)
    await enter(client, 'nick')
    assert.deepEqual(told(client), isAllowed ? ['nick moderator 201,110', 'subject'] : ['error not-allowed'])
  })
}

test('XEP-0045 §11: everybody is told when the service stops', async () => {
  const local = await roomServer()
  const romeo = await romeoInside(local, { persistentroom: '1' })
  const juliet = await inside(local, 'juliet')
  told(romeo)
  await local.server.close()
  assert.deepEqual(told(romeo), ['-romeo 332,110'])
  assert.deepEqual(told(juliet), ['-juliet 332,110'])
})

test('XEP-0045 §18.1.2: whose server says that nobody is there leaves the room', async () => {
  await using local = await roomServer()
  const romeo = await romeoInside(local)
  const juliet = await inside(local, 'juliet')
  told(romeo)
  const error = (condition: string) =>
    `<error type='cancel'><${condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>`
  await juliet.send(`<message to='${room}/romeo' type='error'>${error('recipient-unavailable')}</message>`)
  assert.deepEqual(told(romeo), ['-juliet 333'])
  await enter(juliet, 'juliet')
  told(romeo)
  await juliet.send(`<presence to='${room}/romeo' type='error'>${error('not-allowed')}</presence>`)
  assert.deepEqual(told(romeo), ['-juliet 333'])
  await enter(juliet, 'juliet')
  told(romeo)
  told(juliet)
  await juliet.send(`<message to='${room}/romeo' type='error'>${error('policy-violation')}</message>`)
  assert.deepEqual(told(romeo), ['error policy-violation'], 'any other error goes to whom it concerns')
  await juliet.send(`<message to='${room}' type='error'>${error('policy-violation')}</message>`)
  await juliet.send(`<message to='nowhere@rooms.localhost' type='error'>${error('gone')}</message>`)
  assert.deepEqual([told(romeo), told(juliet)], [[], []])
})

/** Answers what is said to some accounts as if nobody were there. */
const ghosts = defineExtension({
  name: 'ghosts',
  setup(host) {
    host.received.check(({ account, message }) => {
      const isSaid = message.child('body') !== undefined
      if (isSaid && ['ghost', 'spirit'].includes(account.jid.local))
        throw new StanzaError('recipient-unavailable')
    })
  },
})

test('XEP-0045 §7.1: a message reaches all before those hear who could not be reached', async () => {
  await using local = await roomServer({ extensions: [ghosts] })
  const romeo = await romeoInside(local)
  await inside(local, 'ghost')
  await inside(local, 'spirit')
  const juliet = await inside(local, 'juliet')
  told(romeo)
  await say(romeo, 'Who is there?')
  for (const client of [romeo, juliet]) {
    assert.deepEqual(told(client), ['romeo: Who is there?', '-ghost 333', '-spirit 333'])
  }
})
