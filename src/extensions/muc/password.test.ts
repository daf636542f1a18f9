import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answerTo } from '../../../test/answer.ts'
import type { InMemory } from '../../../test/in-memory.ts'
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
import { ManualClock } from '../../base/clock.ts'
import type { MemoryClient } from '../../server/memory-client.ts'
import { isSameSecret } from './check-password.ts'
import { WrongPasswords } from './wrong-passwords.ts'

const password = (text: string) => `<password>${text}</password>`

/** Features of the room that say whether it has a password. */
async function features(client: MemoryClient): Promise<string[]> {
  const namespace = 'http://jabber.org/protocol/disco#info'
  const info = await answerTo(client, 'get', `<query xmlns='${namespace}'/>`, room)
  const all = (info?.child('query', namespace)?.elements('feature') ?? []).map(({ attribute }, index, list) =>
    attribute.call(list[index], 'var'),
  )
  return all.filter(
    (feature) => feature === 'muc_passwordprotected' || feature === 'muc_unsecured',
  ) as string[]
}

async function protectedRoom(local: InMemory): Promise<MemoryClient> {
  const romeo = await romeoInside(local, { roomsecret: 'cauldronburn' })
  return romeo
}

test('XEP-0045 §7.2.5: the error names the room, and does not send the password back', async () => {
  await using local = await roomServer()
  await protectedRoom(local)
  const juliet = await local.connect('juliet@localhost/balcony')
  await enter(juliet, 'juliet', password('toilandtrouble'))
  const [refused] = juliet.takeAll()
  assert.equal(refused?.attribute('from'), `${room}/juliet`)
  const error = refused?.child('error')
  assert.deepEqual([error?.attribute('type'), error?.attribute('by')], ['auth', room])
  assert.ok(error?.child('not-authorized', 'urn:ietf:params:xml:ns:xmpp-stanzas'))
  const x = refused?.child('x', 'http://jabber.org/protocol/muc')
  assert.deepEqual(refused?.elements(), [x, error], 'clients know by the x what was refused')
  assert.deepEqual(x?.children, [])
})

const dialects: readonly [
  title: string,
  form: Record<string, string | string[]>,
  answer: string,
  after: boolean,
][] = [
  ['the secret alone', { roomsecret: 'new' }, 'result', true],
  ['flag and secret', { passwordprotectedroom: '1', roomsecret: 'new' }, 'result', true],
  ['flag as a word, and secret', { passwordprotectedroom: 'true', roomsecret: 'new' }, 'result', true],
  ['the flag alone', { passwordprotectedroom: '1' }, 'error not-acceptable', false],
  [
    'the flag with a blank secret',
    { passwordprotectedroom: '1', roomsecret: '' },
    'error not-acceptable',
    false,
  ],
  [
    'the flag with no value of the secret',
    { passwordprotectedroom: '1', roomsecret: [] },
    'error not-acceptable',
    false,
  ],
  ['a secret and the flag as it was', { passwordprotectedroom: '0', roomsecret: 'new' }, 'result', true],
  ['a blank secret', { roomsecret: '' }, 'result', false],
  [
    'a flag that is no boolean',
    { passwordprotectedroom: 'maybe', roomsecret: 'new' },
    'error not-acceptable',
    false,
  ],
  ['two secrets', { roomsecret: ['one', 'two'] }, 'error not-acceptable', false],
  ['a secret of 257 characters', { roomsecret: 'x'.repeat(257) }, 'error not-acceptable', false],
]

for (const [title, form, answer, isProtected] of dialects) {
  test(`XEP-0045 §10.1.3: an open room, then ${title}: ${answer}`, async () => {
    await using local = await roomServer()
    const romeo = await romeoInside(local)
    await configure(romeo, { ...form, roomname: 'Capulets' })
    assert.deepEqual(told(romeo), answer === 'result' ? [answer, 'status 104'] : [answer])
    assert.deepEqual(await features(romeo), [isProtected ? 'muc_passwordprotected' : 'muc_unsecured'])
    const juliet = await local.connect('juliet@localhost/balcony')
    await enter(juliet, 'juliet')
    assert.equal(told(juliet)[0], isProtected ? 'error not-authorized' : 'romeo moderator')
    await enter(juliet, 'juliet', password('new'))
    assert.ok(!told(juliet)[0]?.startsWith('error'))
  })
}

for (const [title, form, secret] of [
  ['the flag alone keeps it', { passwordprotectedroom: '1' }, 'cauldronburn'],
  ['a field that is left out keeps it', { roomname: 'Capulets' }, 'cauldronburn'],
  ['a new secret replaces it', { roomsecret: 'toil' }, 'toil'],
  [
    'the flag with a blank secret is refused and keeps it',
    { passwordprotectedroom: '1', roomsecret: '' },
    'cauldronburn',
  ],
  ['the flag off takes it away', { passwordprotectedroom: '0' }, ''],
  ['a blank secret takes it away', { roomsecret: '' }, ''],
] as const) {
  test(`XEP-0045 §10.2: of a room with a password, ${title}`, async () => {
    await using local = await roomServer()
    const romeo = await protectedRoom(local)
    await configure(romeo, form)
    told(romeo)
    const juliet = await local.connect('juliet@localhost/balcony')
    await enter(juliet, 'juliet', password(`${secret}?`))
    const isOpen = secret === ''
    assert.equal(told(juliet)[0], isOpen ? 'romeo moderator' : 'error not-authorized')
    if (isOpen) return
    await enter(juliet, 'juliet', password(secret))
    assert.equal(told(juliet)[0], 'romeo moderator')
  })
}

test('XEP-0045 §7.2.5: whoever sees the password anyway, an owner, enters without; an admin does not', async () => {
  await using local = await roomServer()
  const romeo = await protectedRoom(local)
  await administer(
    romeo,
    `<item affiliation='owner' jid='juliet@localhost'/><item affiliation='admin' jid='nurse@localhost'/>`,
  )
  const juliet = await local.connect('juliet@localhost/balcony')
  await enter(juliet, 'juliet')
  assert.equal(told(juliet)[0], 'romeo moderator')
  const nurse = await local.connect('nurse@localhost/house')
  await enter(nurse, 'nurse')
  assert.equal(told(nurse)[0], 'error not-authorized')
})

test('a password is asked for on entering only: who is inside stays, and a second client has to know it', async () => {
  await using local = await roomServer()
  const romeo = await protectedRoom(local)
  const juliet = await inside(local, 'juliet', password('cauldronburn'))
  await configure(romeo, { roomsecret: 'toil' })
  told(romeo)
  assert.deepEqual(told(juliet), ['status 104'])
  await juliet.send(`<presence to='${room}/juliet'><show>away</show></presence>`)
  assert.deepEqual(told(juliet), ['juliet participant 110'])
  const phone = await local.connect('juliet@localhost/phone')
  await enter(phone, 'juliet', password('cauldronburn'))
  assert.deepEqual(told(phone), ['error not-authorized'])
})

test('who guesses is made to wait, even with the right one, and then is let in by it', async () => {
  await using local = await roomServer({ muc: { wrongPasswords: 3, wrongPasswordSeconds: 60 } })
  await protectedRoom(local)
  const tybalt = await local.connect('tybalt@localhost/street')
  for (let guess = 0; guess < 3; guess += 1) {
    await enter(tybalt, 'tybalt', password(`guess ${guess}`))
    assert.deepEqual(told(tybalt), ['error not-authorized'])
  }
  await enter(tybalt, 'tybalt', password('cauldronburn'))
  const [refused] = tybalt.takeAll()
  assert.equal(refused?.child('error')?.attribute('type'), 'wait')
  assert.ok(refused?.child('error')?.child('policy-violation', 'urn:ietf:params:xml:ns:xmpp-stanzas'))
  await enter(tybalt, 'tybalt')
  assert.deepEqual(told(tybalt), ['error not-authorized'], 'none is no guess')
  local.clock.advance(59_999)
  await enter(tybalt, 'tybalt', password('cauldronburn'))
  assert.deepEqual(told(tybalt), ['error policy-violation'])
  local.clock.advance(1)
  await enter(tybalt, 'tybalt', password('cauldronburn'))
  assert.equal(told(tybalt)[0], 'romeo moderator')
})

test('many who guess together make strangers wait, and nobody the room knows', async () => {
  await using local = await roomServer({ muc: { wrongPasswordsPerRoom: 4 } })
  const romeo = await protectedRoom(local)
  await administer(romeo, `<item affiliation='member' jid='juliet@localhost'/>`)
  for (let guesser = 0; guesser < 4; guesser += 1) {
    const client = await local.connect(`guesser${guesser}@localhost/x`)
    await enter(client, 'x', password('guess'))
    assert.deepEqual(told(client), ['error not-authorized'])
  }
  const paris = await local.connect('paris@localhost/street')
  await enter(paris, 'paris', password('cauldronburn'))
  assert.deepEqual(told(paris), ['error policy-violation'])
  const juliet = await local.connect('juliet@localhost/balcony')
  await enter(juliet, 'juliet', password('cauldronburn'))
  assert.equal(told(juliet)[0], 'romeo moderator')
  local.clock.advance(60_000)
  await enter(paris, 'paris', password('cauldronburn'))
  assert.equal(told(paris)[0], 'romeo moderator')
})

test('wrong passwords of so many accounts are remembered, and no more', () => {
  const clock = new ManualClock()
  const limits = { perAccount: 1, perRoom: 1000, windowMs: 1000, remembered: 3 }
  const wrong = new WrongPasswords(limits, clock)
  for (const account of ['a', 'b', 'c', 'd']) wrong.add('room', account)
  assert.deepEqual(
    ['a', 'b', 'c', 'd'].map((account) => wrong.isAccountBlocked('room', account)),
    [false, true, true, true],
  )
  assert.equal(wrong.isAccountBlocked('other', 'd'), false, 'a room of its own')
  clock.advance(1000)
  assert.equal(wrong.isAccountBlocked('room', 'd'), false, 'and for a time')
})

test('secrets are the same or not, whatever their length', () => {
  for (const [given, secret, isSame] of [
    ['cauldronburn', 'cauldronburn', true],
    ['cauldronburn', 'cauldronbur', false],
    ['', 'cauldronburn', false],
    ['ä', 'a\u0308', false],
  ] as const) {
    assert.equal(isSameSecret(given, secret), isSame)
  }
})
