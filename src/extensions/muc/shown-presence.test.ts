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
  told,
} from '../../../test/rooms.ts'
import type { MemoryClient } from '../../server/memory-client.ts'
import type { Element } from '../../xml/element.ts'

const probe = (client: MemoryClient, nick = '') =>
  client.send(`<presence to='${room}${nick && `/${nick}`}' type='probe'/>`)

/** What came of absent members: `nick affiliation jid`. */
function absent(client: MemoryClient): string[] {
  return client
    .takeAll()
    .filter((stanza) => stanza.attribute('type') === 'unavailable')
    .map((stanza) => {
      const item = stanza.child('x', 'http://jabber.org/protocol/muc#user')?.child('item')
      assert.equal(item?.attribute('role'), 'none')
      const nick = stanza.attribute('from')?.split('/')[1] ?? '(room)'
      return `${nick} ${item?.attribute('affiliation')} ${item?.attribute('jid') ?? '-'}`
    })
}

test('XEP-0045 §17.3: probes tell occupants of occupants and of themselves, and others nothing', async () => {
  await using local = await roomServer()
  const romeo = await romeoInside(local)
  const juliet = await inside(local, 'juliet')
  told(romeo)
  for (const [asked, answer] of [
    ['romeo', ['romeo moderator']],
    ['juliet', ['juliet participant']],
    ['', ['juliet participant']],
    ['nobody', []],
  ] as const) {
    await probe(juliet, asked)
    assert.deepEqual(told(juliet), answer, asked)
  }
  const paris = await local.connect('paris@localhost/street')
  for (const asked of ['romeo', 'nobody', '']) {
    await probe(paris, asked)
    const [answer] = paris.takeAll()
    assert.equal(answer?.child('error')?.attribute('type'), 'cancel')
    assert.equal(answer?.child('error')?.elements()[0]?.name, 'not-acceptable')
  }
  await paris.send(`<presence to='${room}' type='subscribe'/>`)
  assert.deepEqual([told(paris), told(romeo)], [[], []])
})

test('XEP-0045 §17.3: whose presence is not shown, those are told of who ask', async () => {
  await using local = await roomServer()
  const romeo = await romeoInside(local, { presencebroadcast: ['moderator'] })
  const [juliet, nurse] = [await inside(local, 'juliet'), await inside(local, 'nurse')]
  assert.deepEqual(told(romeo), [])
  await probe(romeo, 'juliet')
  await probe(nurse, 'juliet')
  await probe(nurse, 'nurse')
  assert.deepEqual(
    [told(romeo), told(nurse), told(juliet)],
    [['juliet participant'], ['juliet participant', 'nurse participant'], []],
  )
})

test('XEP-0045 §17.3: a reserved nick that nobody uses is one of somebody who is not there', async () => {
  await using local = await roomServer()
  const romeo = await romeoInside(local)
  await administer(romeo, `<item affiliation='member' jid='paris@localhost' nick='count'/>`)
  const juliet = await inside(local, 'juliet')
  told(romeo)
  await probe(romeo, 'count')
  await probe(juliet, 'count')
  assert.deepEqual([absent(romeo), absent(juliet)], [['count member paris@localhost'], ['count member -']])
})

test('XEP-0045 §16.6.2: members who are not there are shown where the room says so', async () => {
  await using local = await roomServer()
  const romeo = await romeoInside(local, {
    presencebroadcast: ['moderator', 'participant', 'visitor', 'none'],
  })
  await administer(
    romeo,
    `<item affiliation='member' jid='paris@localhost' nick='count'/><item affiliation='admin' jid='friar@localhost'/>` +
      `<item affiliation='member' jid='nurse@localhost'/><item affiliation='outcast' jid='tybalt@localhost'/>`,
  )
  const juliet = await local.connect('juliet@localhost/balcony')
  await enter(juliet, 'juliet')
  assert.deepEqual(told(juliet), ['romeo moderator', '-count', 'juliet participant 110', 'subject'])
  await juliet.send(`<presence to='${room}' type='unavailable'/>`)
  told(juliet)
  const nurse = await local.connect('nurse@localhost/house')
  await configure(romeo, { whois: 'anyone' })
  await enter(nurse, 'nurse')
  assert.deepEqual(absent(nurse), ['count member paris@localhost', '(room) admin friar@localhost'])
  await configure(romeo, { presencebroadcast: ['moderator', 'participant', 'visitor'] })
  told(nurse)
  await enter(nurse, 'nurse')
  assert.deepEqual(absent(nurse), [])
})

test('XEP-0045 §10.2.1: 102 and 103 are for absent members, 104 for the roles that are shown', async () => {
  await using local = await roomServer()
  const romeo = await romeoInside(local)
  for (const [shown, told_] of [
    [
      ['moderator', 'participant', 'visitor', 'none'],
      ['result', 'status 102'],
    ],
    [
      ['moderator', 'none'],
      ['result', 'status 104'],
    ],
    [['moderator'], ['result', 'status 103']],
    [
      ['moderator', 'participant', 'none'],
      ['result', 'status 102,104'],
    ],
  ] as const) {
    await configure(romeo, { presencebroadcast: shown })
    assert.deepEqual(told(romeo), told_)
  }
})

test('XEP-0045 §4.2: roles that are shown no longer are gone for others, and come back when they are', async () => {
  await using local = await roomServer()
  const romeo = await romeoInside(local)
  const [juliet, nurse] = [await inside(local, 'juliet'), await inside(local, 'nurse')]
  for (const client of [romeo, juliet, nurse]) told(client)
  await configure(romeo, { presencebroadcast: ['moderator'] })
  assert.deepEqual(told(romeo), ['-juliet', '-nurse', 'result', 'status 104'])
  assert.deepEqual(told(juliet), ['-nurse', 'status 104'], 'nobody is gone for oneself')
  told(nurse)
  await configure(romeo, { presencebroadcast: ['moderator', 'participant'] })
  assert.deepEqual(told(romeo), ['juliet participant', 'nurse participant', 'result', 'status 104'])
  assert.deepEqual(told(nurse), ['juliet participant', 'status 104'])
})

test('XEP-0045 §18.1.2: everybody is told why a ghost is gone; the text only where addresses are no secret', async () => {
  await using local = await roomServer()
  const romeo = await romeoInside(local)
  for (const [whois, status] of [
    ['moderators', 'Kicked: service unavailable'],
    ['anyone', 'Kicked: service unavailable: no juliet@localhost'],
  ]) {
    await configure(romeo, { whois: whois as string })
    const juliet = await inside(local, 'juliet')
    romeo.takeAll()
    await juliet.send(
      `<presence to='${room}/romeo' type='error'><error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>` +
        `<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>no juliet@localhost</text></error></presence>`,
    )
    assert.equal(romeo.takeAll()[0]?.child('status')?.text, status)
  }
})

test('XEP-0045 §17.2: whoever writes to a room that is not configured yet is told that there is none', async () => {
  await using local = await roomServer()
  const romeo = await inside(local, 'romeo')
  const paris = await local.connect('paris@localhost/street')
  for (const to of [room, `${room}/romeo`]) {
    await paris.send(`<message to='${to}' type='groupchat'><body>Open up</body></message>`)
    assert.deepEqual(told(paris), ['error item-not-found'])
  }
  await configure(romeo)
  await paris.send(`<message to='${room}' type='groupchat'><body>Open up</body></message>`)
  assert.deepEqual(told(paris), ['error not-acceptable'])
})

test('XEP-0045 §7.2.4: who becomes an admin sees real addresses from then on, and who is none any more does not', async () => {
  await using local = await roomServer()
  const romeo = await romeoInside(local)
  const juliet = await inside(local, 'juliet')
  const seen = () => {
    const item = (stanza: Element) => stanza.child('x', 'http://jabber.org/protocol/muc#user')?.child('item')
    return juliet
      .takeAll()
      .map((stanza) => `${item(stanza)?.attribute('role')} ${item(stanza)?.attribute('jid')}`)
  }
  seen()
  await administer(romeo, `<item affiliation='admin' jid='juliet@localhost'/>`)
  assert.deepEqual(seen(), ['moderator juliet@localhost/home', 'moderator romeo@localhost/orchard'])
  await administer(romeo, `<item affiliation='none' jid='juliet@localhost'/>`)
  assert.deepEqual(seen(), ['participant juliet@localhost/home', 'moderator undefined'])
  await administer(romeo, `<item affiliation='member' jid='juliet@localhost'/>`)
  assert.deepEqual(seen(), ['participant juliet@localhost/home'])
})

test('XEP-0045 §9.1: a ban has its code also where its victim is not here', async () => {
  await using local = await roomServer()
  const romeo = await romeoInside(local)
  await administer(romeo, `<item affiliation='outcast' jid='paris@localhost'><reason>Treason</reason></item>`)
  const x = romeo.takeAll()[0]?.child('x', 'http://jabber.org/protocol/muc#user')
  assert.deepEqual(
    [x?.child('status')?.attribute('code'), x?.child('item')?.child('reason')?.text],
    ['301', 'Treason'],
  )
})
