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

test('XEP-0045 §7.4: everybody gets a message as it was, with id, language and thread, but nothing forged', async () => {
  await using local = await roomServer()
  const romeo = await romeoInside(local)
  const juliet = await inside(local, 'juliet')
  told(romeo)
  const user = `<x xmlns='http://jabber.org/protocol/muc#user'><status code='110'/></x>`
  const delay = (from: string) =>
    `<delay xmlns='urn:xmpp:delay' from='${from}' stamp='2002-09-10T23:08:25Z'/>`
  await juliet.send(
    `<message to='${room}' type='groupchat' id='m1' xml:lang='it'>${user}<body>Ciao</body>${delay(room)}` +
      `${delay('juliet@localhost')}<thread>t</thread>${user}</message>`,
  )
  for (const client of [romeo, juliet]) {
    const [message] = client.takeAll()
    assert.deepEqual(
      ['from', 'id', 'type', 'xml:lang', 'to'].map((name) => message?.attribute(name)),
      [`${room}/juliet`, 'm1', 'groupchat', 'it', client.jid.toString()],
    )
    assert.deepEqual(
      message?.elements().map(({ name }) => name),
      ['body', 'delay', 'thread'],
    )
    assert.equal(message?.child('delay', 'urn:xmpp:delay')?.attribute('from'), 'juliet@localhost')
  }
})

test('what cannot be said in a room is refused', async () => {
  await using local = await roomServer()
  const romeo = await romeoInside(local, { moderatedroom: '1' })
  const juliet = await inside(local, 'juliet')
  const paris = await local.connect('paris@localhost/street')
  for (const [client, stanza, answer] of [
    [juliet, `<message to='${room}' type='groupchat'><body>x</body></message>`, 'error forbidden'],
    [juliet, `<message to='${room}' type='groupchat'><subject>x</subject></message>`, 'error forbidden'],
    [romeo, `<message to='${room}' type='chat'><body>x</body></message>`, 'error bad-request'],
    [romeo, `<message to='${room}'><body>x</body></message>`, 'error bad-request'],
    [paris, `<message to='${room}' type='groupchat'><body>x</body></message>`, 'error not-acceptable'],
    [
      paris,
      `<message to='nowhere@rooms.localhost' type='groupchat'><body>x</body></message>`,
      'error item-not-found',
    ],
    [
      paris,
      `<iq to='${room}' type='get' id='x'><query xmlns='unheard:of'/></iq>`,
      'error service-unavailable',
    ],
    [
      paris,
      `<iq to='nowhere@rooms.localhost' type='get' id='x'><ping xmlns='urn:xmpp:ping'/></iq>`,
      'error item-not-found',
    ],
  ] as const) {
    told(client)
    await client.send(stanza)
    assert.deepEqual(told(client), [answer], stanza)
  }
})

test('XEP-0045 §7.2.15: only a subject alone is a change of it', async () => {
  await using local = await roomServer()
  const romeo = await romeoInside(local)
  const juliet = await inside(local, 'juliet')
  const send = (inner: string) => romeo.send(`<message to='${room}' type='groupchat'>${inner}</message>`)
  await send(`<subject>a</subject><body>b</body>`)
  await send(`<subject>a</subject><thread>t</thread>`)
  told(juliet)
  await enter(juliet, 'juliet')
  assert.deepEqual(told(juliet).slice(-1), ['subject'])
  await send(`<subject xml:lang='en'>Dawn</subject><subject xml:lang='it'>Alba</subject>`)
  told(juliet)
  await enter(juliet, 'juliet', `<history maxstanzas='0'/>`)
  const subject = juliet.takeAll().at(-1)
  assert.deepEqual(
    subject?.elements().map((child) => [child.name, child.attribute('xml:lang'), child.text]),
    [
      ['subject', 'en', 'Dawn'],
      ['subject', 'it', 'Alba'],
      ['delay', undefined, ''],
    ],
  )
  assert.equal(subject?.child('delay', 'urn:xmpp:delay')?.attribute('from'), room)
  assert.equal(subject?.attribute('from'), `${room}/romeo`)
  await send('<subject/>')
  told(juliet)
  await enter(juliet, 'juliet', `<history maxstanzas='0'/>`)
  assert.deepEqual(told(juliet).at(-1), 'subject')
})

test('a subject has a length', async () => {
  await using local = await roomServer({ muc: { subjectLength: 5 } })
  const romeo = await romeoInside(local)
  const send = (inner: string) => romeo.send(`<message to='${room}' type='groupchat'>${inner}</message>`)
  await send('<subject>abcde</subject>')
  assert.deepEqual(told(romeo), ['subject abcde'])
  await send(`<subject xml:lang='en'>abc</subject><subject xml:lang='it'>abc</subject>`)
  assert.deepEqual(told(romeo), ['error not-acceptable'])
})

test('XEP-0334: what asks not to be kept is no history, and what is no text neither', async () => {
  await using local = await roomServer()
  const romeo = await romeoInside(local)
  const send = (inner: string) => romeo.send(`<message to='${room}' type='groupchat'>${inner}</message>`)
  await send(`<body>kept</body>`)
  await send(`<body>secret</body><no-store xmlns='urn:xmpp:hints'/>`)
  await send(`<body>secret</body><no-permanent-store xmlns='urn:xmpp:hints'/>`)
  await send(`<active xmlns='http://jabber.org/protocol/chatstates'/>`)
  const juliet = await local.connect('juliet@localhost/balcony')
  await enter(juliet, 'juliet')
  assert.deepEqual(told(juliet).slice(2), ['romeo: kept', 'subject'])
})

test('XEP-0045 §7.5: private messages go to all clients of a nick, if the room allows them', async () => {
  await using local = await roomServer()
  const romeo = await romeoInside(local)
  const juliet = await inside(local, 'juliet')
  const phone = await local.connect('juliet@localhost/phone')
  await enter(phone, 'juliet')
  for (const client of [romeo, juliet, phone]) told(client)
  await romeo.send(`<message to='${room}/juliet' type='chat' id='p'><body>psst</body></message>`)
  assert.deepEqual([told(juliet), told(phone), told(romeo)], [['romeo: psst'], ['romeo: psst'], []])
  for (const [allowpm, fromVisitor, fromParticipant, fromModerator] of [
    ['anyone', true, true, true],
    ['participants', false, true, true],
    ['moderators', false, false, true],
    ['none', false, false, false],
  ] as const) {
    await configure(romeo, { allowpm })
    const results: boolean[] = []
    for (const role of ['visitor', 'participant', 'moderator']) {
      await administer(romeo, `<item nick='juliet' role='${role}'/>`)
      told(juliet)
      await juliet.send(`<message to='${room}/romeo' type='chat'><body>psst</body></message>`)
      results.push(!told(juliet).includes('error forbidden'))
      await administer(romeo, `<item nick='juliet' role='participant'/>`)
    }
    assert.deepEqual(results, [fromVisitor, fromParticipant, fromModerator], allowpm)
  }
})

test('XEP-0045 §7.8.2: who may invite, and whom', async () => {
  await using local = await roomServer({ muc: { invites: 2 } })
  const romeo = await romeoInside(local)
  const juliet = await inside(local, 'juliet')
  const nurse = await local.connect('nurse@localhost/house')
  await nurse.send('<presence/>')
  const user = 'http://jabber.org/protocol/muc#user'
  const invite = async (client: typeof romeo, ...to: string[]) => {
    for (const other of [romeo, juliet, nurse]) told(other)
    const inner = to.map((one) => `<invite to='${one}'/>`).join('')
    await client.send(`<message to='${room}'><x xmlns='${user}'>${inner}</x></message>`)
    return told(client).concat(told(nurse))
  }
  assert.deepEqual(await invite(juliet, 'nurse@localhost'), [`invite ${room}/juliet`])
  assert.deepEqual(await invite(juliet, 'a@localhost', 'b@localhost', 'nurse@localhost'), [
    'error not-acceptable',
  ])
  assert.deepEqual(await invite(juliet, 'nurse@localhost', '@'), ['error item-not-found'])
  assert.deepEqual(await invite(juliet, 'localhost'), ['error item-not-found'])
  await administer(romeo, `<item affiliation='outcast' jid='tybalt@localhost'/>`)
  assert.deepEqual(await invite(romeo, 'tybalt@localhost'), ['error forbidden'])
  await configure(romeo, { allowinvites: '0' })
  assert.deepEqual(await invite(juliet, 'nurse@localhost'), ['error forbidden'])
  await configure(romeo, { allowinvites: '1', membersonly: '1' })
  await administer(romeo, `<item affiliation='member' jid='juliet@localhost'/>`)
  await enter(juliet, 'juliet')
  assert.deepEqual(await invite(juliet, 'nurse@localhost'), ['error forbidden'])
  assert.deepEqual(await invite(romeo, 'nurse@localhost'), ['nurse@localhost member', `invite ${room}/romeo`])
  assert.deepEqual(await invite(juliet, 'nurse@localhost'), [`invite ${room}/juliet`], 'a member already')
})

test('XEP-0045 §7.8.2: a decline goes to an occupant, and to nobody else', async () => {
  await using local = await roomServer()
  const romeo = await romeoInside(local)
  const paris = await local.connect('paris@localhost/street')
  await paris.send('<presence/>')
  const nurse = await local.connect('nurse@localhost/house')
  told(paris)
  const decline = (to: string) =>
    nurse.send(
      `<message to='${room}'><x xmlns='http://jabber.org/protocol/muc#user'><decline to='${to}'/></x></message>`,
    )
  await decline(`${room}/romeo`)
  assert.deepEqual(told(romeo), ['decline nurse@localhost'])
  await decline('romeo@localhost')
  assert.deepEqual(told(romeo), ['decline nurse@localhost'])
  await decline('paris@localhost')
  assert.deepEqual([told(paris), told(nurse)], [[], []])
  await decline('@')
  assert.deepEqual(told(nurse), ['error jid-malformed'])
})

test('XEP-0045 §17.4: requests between occupants reach one client, and answers the one that asked', async () => {
  await using local = await roomServer()
  const romeo = await romeoInside(local)
  const juliet = await inside(local, 'juliet')
  const phone = await local.connect('juliet@localhost/phone')
  await enter(phone, 'juliet')
  for (const client of [romeo, juliet, phone]) client.takeAll()
  await phone.send(`<iq to='${room}/romeo' type='get' id='v/1'><query xmlns='jabber:iq:version'/></iq>`)
  const [request] = romeo.takeAll()
  assert.equal(request?.attribute('from'), `${room}/juliet`)
  const answer = (id: string) =>
    romeo.send(`<iq to='${room}/juliet' type='result' id='${id}'><query xmlns='jabber:iq:version'/></iq>`)
  await answer(request?.attribute('id') ?? '')
  const [result] = phone.takeAll()
  assert.deepEqual([result?.attribute('id'), result?.attribute('from')], ['v/1', `${room}/romeo`])
  for (const forged of ['v/1', '99/x', '', 'x']) await answer(forged)
  assert.deepEqual([phone.takeAll(), juliet.takeAll(), romeo.takeAll()], [[], [], []])
  await say(romeo, 'still fine')
  assert.deepEqual(told(juliet), ['romeo: still fine'])
})
