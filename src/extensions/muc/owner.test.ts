import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answerTo } from '../../../test/answer.ts'
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
import { slowMode } from '../slow-mode/slow-mode.ts'

const owner = 'http://jabber.org/protocol/muc#owner'

async function formOf(client: MemoryClient): Promise<Map<string, { type: string; values: string[] }>> {
  const result = await answerTo(client, 'get', `<query xmlns='${owner}'/>`, room)
  const fields = result?.child('query', owner)?.child('x', 'jabber:x:data')?.elements('field') ?? []
  return new Map(fields.map((field) => [field.attribute('var') ?? '', read(field)]))
}

const read = (field: Element) => ({
  type: field.attribute('type') ?? '',
  values: field.elements('value').map(({ text }) => text),
})

test('XEP-0045 §10.2: the form has every setting with its value, and owners and admins', async () => {
  await using local = await roomServer()
  const romeo = await romeoInside(local)
  const form = await formOf(romeo)
  assert.deepEqual(form.get('FORM_TYPE'), {
    type: 'hidden',
    values: ['http://jabber.org/protocol/muc#roomconfig'],
  })
  assert.deepEqual(
    [...form.keys()].slice(1).map((field) => field.replace('muc#roomconfig_', '')),
    [
      'roomname',
      'roomdesc',
      'lang',
      'persistentroom',
      'publicroom',
      'passwordprotectedroom',
      'roomsecret',
      'membersonly',
      'x-registration',
      'moderatedroom',
      'whois',
      'x-reservednick',
      'x-canchangenick',
      'changesubject',
      'allowpm',
      'allowinvites',
      'maxusers',
      'presencebroadcast',
      'getmemberlist',
      'muc#maxhistoryfetch',
      'roomadmins',
      'roomowners',
    ],
  )
  assert.deepEqual(form.get('muc#roomconfig_roomowners'), { type: 'jid-multi', values: ['romeo@localhost'] })
})

/** Fields, a value that is taken, what the form shows then, and one that is refused. */
const fields: readonly [string, string | string[], string[], string | string[]][] = [
  ['roomname', 'Balcony', ['Balcony'], 'x'.repeat(257)],
  ['roomdesc', 'Where light breaks', ['Where light breaks'], 'x'.repeat(1025)],
  ['lang', 'en', ['en'], ['en', 'it']],
  ['persistentroom', 'true', ['1'], 'yes'],
  ['publicroom', '0', ['0'], ''],
  ['membersonly', '1', ['1'], ['1', '1']],
  ['moderatedroom', '1', ['1'], '2'],
  ['whois', 'anyone', ['anyone'], 'everyone'],
  ['changesubject', '1', ['1'], '-1'],
  ['x-muc#roomconfig_reservednick', '1', ['1'], '-1'],
  ['x-muc#roomconfig_canchangenick', '0', ['0'], '-1'],
  ['allowpm', 'participants', ['participants'], ['none', 'anyone']],
  ['allowinvites', '0', ['0'], 'FALSE'],
  ['maxusers', '15', ['15'], '-1'],
  ['maxusers', 'none', ['none'], '1e3'],
  ['presencebroadcast', ['visitor', 'moderator'], ['moderator', 'visitor'], ['visitor', 'king']],
  ['presencebroadcast', [], [], 'everybody'],
  ['getmemberlist', ['moderator'], ['moderator'], ['owner']],
  ['muc#maxhistoryfetch', '7', ['7'], '9999999999'],
  ['roomadmins', 'nurse@localhost/house', ['nurse@localhost'], '@'],
]

for (const [name, good, shown, bad] of fields) {
  test(`XEP-0045 §10.2: ${name} is kept as it was given, and not changed by ${JSON.stringify(bad).slice(0, 40)}`, async () => {
    await using local = await roomServer()
    const romeo = await romeoInside(local)
    const field = name.includes('#') ? name : `muc#roomconfig_${name}`
    await configure(romeo, { [name]: good })
    assert.equal(
      told(romeo).find((short) => /result|error/.test(short)),
      'result',
    )
    assert.deepEqual((await formOf(romeo)).get(field)?.values, shown)
    await configure(romeo, { roomname: 'Changed too', [name]: bad })
    assert.deepEqual(told(romeo), ['error not-acceptable'])
    const form = await formOf(romeo)
    assert.deepEqual(form.get(field)?.values, shown)
    assert.notDeepEqual(form.get('muc#roomconfig_roomname')?.values, ['Changed too'], 'all or nothing')
  })
}

test('XEP-0045 §10.2.1: occupants are told after the result, and only of what changed', async () => {
  await using local = await roomServer()
  const romeo = await romeoInside(local)
  const juliet = await inside(local, 'juliet')
  told(romeo)
  for (const [form, status] of [
    [{}, undefined],
    [{ roomname: 'Balcony' }, '104'],
    [{ roomname: 'Balcony' }, undefined],
    [{ whois: 'anyone' }, '172'],
    [{ whois: 'moderators', moderatedroom: '1' }, '104,173'],
    [{ roomsecret: 'cauldronburn' }, '104'],
    [{ __proto__: 'x', unknown: 'y' }, undefined],
  ] as const) {
    await configure(romeo, form)
    const expected = status === undefined ? [] : [`status ${status}`]
    assert.deepEqual([told(romeo), told(juliet)], [['result', ...expected], expected], JSON.stringify(form))
  }
})

test('XEP-0045 §10.2: a cancelled form changes nothing; only owners see or submit one', async () => {
  await using local = await roomServer()
  const romeo = await romeoInside(local)
  const juliet = await inside(local, 'juliet')
  told(romeo)
  const send = (client: MemoryClient, inner: string, type = 'set') =>
    client.send(`<iq to='${room}' type='${type}' id='o'><query xmlns='${owner}'>${inner}</query></iq>`)
  await send(romeo, `<x xmlns='jabber:x:data' type='cancel'/>`)
  assert.deepEqual(told(romeo), ['result'])
  for (const [inner, type] of [
    ['', 'get'],
    [`<x xmlns='jabber:x:data' type='submit'/>`],
    [`<destroy/>`],
  ] as const) {
    await send(juliet, inner, type)
    assert.deepEqual(told(juliet), ['error forbidden'])
  }
  const foreign = `<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>jabber:iq:register</value></field></x>`
  for (const inner of ['', `<x xmlns='jabber:x:data' type='result'/>`, foreign]) {
    await send(romeo, inner)
    assert.deepEqual(told(romeo), ['error bad-request'])
  }
  await send(romeo, `<destroy jid='@'/>`)
  assert.deepEqual(told(romeo), ['error jid-malformed'])
})

test('XEP-0045 §10.2: admins and owners are changed by the form, with presence', async () => {
  await using local = await roomServer()
  const romeo = await romeoInside(local)
  const juliet = await inside(local, 'juliet')
  told(romeo)
  await configure(romeo, { roomadmins: ['juliet@localhost', 'nurse@localhost'] })
  assert.deepEqual(told(juliet), ['juliet moderator 110', 'romeo moderator', 'nurse@localhost admin'])
  assert.deepEqual(told(romeo), ['juliet moderator', 'nurse@localhost admin', 'result'])
  await configure(romeo, { roomadmins: 'nurse@localhost' })
  assert.deepEqual(told(juliet), ['juliet participant 110', 'romeo moderator'])
  told(romeo)
  await configure(romeo, {
    roomadmins: 'nurse@localhost',
    roomowners: ['romeo@localhost', 'juliet@localhost'],
  })
  assert.deepEqual(told(juliet), ['juliet moderator 110', 'romeo moderator'])
  told(romeo)
  await configure(juliet, {
    roomadmins: ['nurse@localhost', 'romeo@localhost'],
    roomowners: 'juliet@localhost',
  })
  assert.deepEqual((await formOf(juliet)).get('muc#roomconfig_roomadmins')?.values.sort(), [
    'nurse@localhost',
    'romeo@localhost',
  ])
})

test('XEP-0045 §10.2: an owner who is on neither of two lists is nothing; on the one list that was given, an admin', async () => {
  for (const [form, affiliation] of [
    [{ roomowners: 'romeo@localhost' }, 'admin'],
    [{ roomowners: 'romeo@localhost', roomadmins: [] }, 'none'],
  ] as const) {
    await using local = await roomServer()
    const romeo = await romeoInside(local, { roomowners: ['romeo@localhost', 'juliet@localhost'] })
    await configure(romeo, form)
    assert.deepEqual(told(romeo), [`juliet@localhost ${affiliation}`, 'result'])
  }
})

test('XEP-0045 §10.1.1: a locked room is not there for others', async () => {
  await using local = await roomServer()
  const romeo = await local.connect('romeo@localhost/orchard')
  await enter(romeo, 'romeo')
  const juliet = await local.connect('juliet@localhost/balcony')
  await configure(juliet)
  await administer(juliet, `<item affiliation='owner'/>`, 'get')
  assert.deepEqual(told(juliet), ['error item-not-found', 'error item-not-found'])
})

test('XEP-0045 §10.2: a room that becomes one for members only keeps its members', async () => {
  await using local = await roomServer()
  const romeo = await romeoInside(local)
  const juliet = await inside(local, 'juliet')
  const paris = await inside(local, 'paris')
  await administer(romeo, `<item affiliation='member' jid='juliet@localhost'/>`)
  for (const client of [romeo, juliet, paris]) told(client)
  await configure(romeo, { membersonly: '1' })
  assert.deepEqual(told(paris), ['-paris 322,110'])
  assert.deepEqual(told(juliet), ['-paris 322', 'status 104'])
  assert.deepEqual(told(romeo), ['-paris 322', 'result', 'status 104'])
  await enter(paris, 'paris')
  assert.deepEqual(told(paris), ['error registration-required'])
})

test('a form with too many fields is refused', async () => {
  await using local = await roomServer({ muc: { formFields: 5 } })
  const romeo = await romeoInside(local)
  await configure(romeo, Object.fromEntries(Array.from({ length: 6 }, (_, index) => [`f${index}`, 'x'])))
  assert.deepEqual(told(romeo), ['error policy-violation'])
})

test('new rooms begin with the defaults that the operator chose; a wrong one does not start', async () => {
  await using local = await roomServer({
    muc: {
      defaults: { 'muc#roomconfig_persistentroom': '1', 'muc#roomconfig_presencebroadcast': ['moderator'] },
    },
  })
  const romeo = await romeoInside(local)
  const form = await formOf(romeo)
  assert.deepEqual(form.get('muc#roomconfig_persistentroom')?.values, ['1'])
  assert.deepEqual(form.get('muc#roomconfig_presencebroadcast')?.values, ['moderator'])
  const start = (defaults: object) => roomServer({ muc: { defaults } })
  await assert.rejects(start({ 'muc#roomconfig_nme': 'x' }), /rooms have no setting muc#roomconfig_nme/)
  await assert.rejects(start({ 'muc#roomconfig_whois': 'me' }), /muc#roomconfig_whois cannot be "me"/)
})

test('defaults name settings of other extensions, in whatever order they are loaded', async () => {
  const field = 'muc#roomconfig_slow_mode_duration'
  const start = (value: string) => roomServer({ more: [slowMode], muc: { defaults: { [field]: value } } })
  await using local = await start('7')
  const romeo = await romeoInside(local)
  assert.deepEqual((await formOf(romeo)).get(field)?.values, ['7'])
  await assert.rejects(start('soon'), /muc#roomconfig_slow_mode_duration cannot be "soon"/)
})
