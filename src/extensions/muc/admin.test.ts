import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { InMemory } from '../../../test/in-memory.ts'
import { administer, configure, enter, inside, open, room, roomServer, told } from '../../../test/rooms.ts'
import type { MemoryClient } from '../../server/memory-client.ts'
import { initialRole, roleAfterChange } from './affiliation.ts'

const namespace = 'http://jabber.org/protocol/muc#admin'

interface People {
  readonly owner: MemoryClient
  readonly admin: MemoryClient
  readonly member: MemoryClient
  readonly none: MemoryClient
  /** Without affiliation, but made a moderator. */
  readonly moderator: MemoryClient
}

/** One of each kind, in the room. */
async function people(local: InMemory, form: Record<string, string> = {}): Promise<People> {
  const owner = await local.connect('owner@localhost/x')
  await open(owner, form)
  await administer(
    owner,
    `<item affiliation='admin' jid='admin@localhost'/><item affiliation='member' jid='member@localhost'/>` +
      `<item affiliation='owner' jid='owner2@localhost'/><item affiliation='admin' jid='admin2@localhost'/>` +
      `<item affiliation='outcast' jid='outcast@localhost'/>`,
  )
  const all = {
    owner,
    admin: await inside(local, 'admin'),
    member: await inside(local, 'member'),
    none: await inside(local, 'none'),
    moderator: await inside(local, 'moderator'),
  }
  for (const nick of ['owner2', 'admin2', 'member2', 'none2']) await inside(local, nick)
  await administer(owner, `<item nick='moderator' role='moderator'/>`)
  for (const client of Object.values(all)) told(client)
  return all
}

/** Who changes what, and what comes of it (XEP-0045 §5.2.2, §8, §9, §10). */
const changes: readonly [who: keyof People, item: string, answer: string][] = [
  ['owner', `affiliation='owner' jid='member@localhost'`, 'result'],
  ['owner', `affiliation='admin' jid='owner2@localhost'`, 'result'],
  ['owner', `affiliation='none' jid='admin@localhost'`, 'result'],
  ['owner', `affiliation='outcast' jid='admin@localhost'`, 'result'],
  ['owner', `affiliation='outcast' jid='owner2@localhost'`, 'result'],
  ['owner', `affiliation='outcast' jid='owner@localhost'`, 'error conflict'],
  ['owner', `affiliation='outcast' jid='localhost'`, 'error conflict'],
  ['owner', `affiliation='outcast' jid='elsewhere.example'`, 'result'],
  ['owner', `affiliation='admin' jid='elsewhere.example'`, 'error not-acceptable'],
  ['owner', `affiliation='member' jid='full@localhost/resource'`, 'result'],
  ['owner', `affiliation='member' nick='none'`, 'result'],
  ['owner', `affiliation='member' nick='nobody'`, 'error item-not-found'],
  ['owner', `affiliation='member' jid='@'`, 'error jid-malformed'],
  ['owner', `affiliation='king' jid='member@localhost'`, 'error bad-request'],
  ['owner', `affiliation='member' role='participant' jid='none@localhost' nick='none'`, 'error bad-request'],
  ['owner', `jid='none@localhost'`, 'error bad-request'],
  ['owner', `role='king' nick='none'`, 'error bad-request'],
  ['owner', `role='participant' jid='none@localhost'`, 'error bad-request'],
  ['owner', `role='visitor' nick='nobody'`, 'error item-not-found'],
  ['admin', `affiliation='member' jid='none@localhost'`, 'result'],
  ['admin', `affiliation='none' jid='member@localhost'`, 'result'],
  ['admin', `affiliation='outcast' jid='member@localhost'`, 'result'],
  ['admin', `affiliation='none' jid='outcast@localhost'`, 'result'],
  ['admin', `affiliation='outcast' jid='admin2@localhost'`, 'error not-allowed'],
  ['admin', `affiliation='outcast' jid='owner@localhost'`, 'error not-allowed'],
  ['admin', `affiliation='outcast' jid='admin@localhost'`, 'error conflict'],
  ['admin', `affiliation='member' jid='admin2@localhost'`, 'error not-allowed'],
  ['admin', `affiliation='admin' jid='member@localhost'`, 'error forbidden'],
  ['admin', `affiliation='owner' jid='admin@localhost'`, 'error forbidden'],
  ['member', `affiliation='member' jid='none@localhost'`, 'error forbidden'],
  ['moderator', `affiliation='outcast' jid='none@localhost'`, 'error forbidden'],
  ['none', `affiliation='member' jid='none@localhost'`, 'error forbidden'],
  ['owner', `role='none' nick='owner2'`, 'result'],
  ['admin', `role='none' nick='admin2'`, 'result'],
  ['admin', `role='none' nick='owner'`, 'error not-allowed'],
  ['moderator', `role='none' nick='none'`, 'result'],
  ['moderator', `role='none' nick='member'`, 'error not-allowed'],
  ['member', `role='none' nick='none'`, 'error forbidden'],
  ['moderator', `role='visitor' nick='member'`, 'error not-allowed'],
  ['moderator', `role='visitor' nick='none'`, 'error not-allowed'],
  ['admin', `role='visitor' nick='none'`, 'result'],
  ['admin', `role='visitor' nick='member'`, 'result'],
  ['admin', `role='visitor' nick='admin2'`, 'error not-allowed'],
  ['owner', `role='visitor' nick='admin'`, 'error not-allowed'],
  ['owner', `role='participant' nick='admin'`, 'error not-allowed'],
  ['admin', `role='moderator' nick='none'`, 'result'],
  ['admin', `role='participant' nick='moderator'`, 'result'],
  ['moderator', `role='moderator' nick='none'`, 'error forbidden'],
  ['moderator', `role='participant' nick='admin'`, 'error not-allowed'],
  ['none', `role='moderator' nick='none'`, 'error forbidden'],
]

test('XEP-0045 §5: who may change whose affiliation and role', async (t) => {
  for (const [who, item, answer] of changes.filter(([, , expected]) => expected === 'result')) {
    await t.test(`${who}: ${item}: ${answer}`, async () => {
      await using local = await roomServer()
      const client = (await people(local))[who]
      await administer(client, `<item ${item}/>`)
      assert.equal(told(client).at(-1), answer)
    })
  }
})

test('XEP-0045 §5: and who may not, which changes nothing', async (t) => {
  await using local = await roomServer()
  const all = await people(local)
  for (const [who, item, answer] of changes.filter(([, , expected]) => expected !== 'result')) {
    await t.test(`${who}: ${item}: ${answer}`, async () => {
      await administer(all[who], `<item ${item}/>`)
      assert.deepEqual(told(all[who]), [answer])
    })
  }
  for (const client of Object.values(all)) assert.deepEqual(told(client), [])
})

test('XEP-0045 §9.2: if one of many changes is not allowed, none is made', async () => {
  await using local = await roomServer()
  const { admin, none, owner } = await people(local)
  for (const bad of [
    `<item affiliation='outcast' jid='owner@localhost'/>`,
    `<item affiliation='member' jid='@'/>`,
    `<item nick='owner' role='none'/>`,
  ]) {
    await administer(
      admin,
      `<item affiliation='outcast' jid='none@localhost'/><item nick='none2' role='none'/>${bad}`,
    )
    assert.match(told(admin)[0] ?? '', /^error /)
    assert.deepEqual([told(none), told(owner)], [[], []])
  }
  await administer(admin, '')
  assert.deepEqual(told(admin), ['error bad-request'])
})

test('XEP-0045 §9.1: a ban of a domain is for all there who have no entry of their own', async () => {
  await using local = await roomServer({ admins: [] })
  const { owner } = await people(local)
  await administer(owner, `<item affiliation='outcast' jid='elsewhere.example'/>`)
  await administer(owner, `<item affiliation='outcast'/>`, 'get')
  const list = owner.takeAll().at(-1)?.child('query', namespace)?.elements('item') ?? []
  assert.deepEqual(list.map((item) => item.attribute('jid')).sort(), [
    'elsewhere.example',
    'outcast@localhost',
  ])
})

test('XEP-0045 §9.5: who may read which list', async () => {
  await using local = await roomServer()
  const all = await people(local)
  const answers = async (kind: string) => {
    const result: Record<string, string> = {}
    for (const [who, client] of Object.entries(all)) {
      await administer(client, `<item ${kind}/>`, 'get')
      result[who] = told(client).at(-1) ?? ''
    }
    return Object.entries(result)
      .filter(([, answer]) => answer === 'result')
      .map(([who]) => who)
  }
  assert.deepEqual(await answers(`affiliation='outcast'`), ['owner', 'admin'])
  assert.deepEqual(await answers(`affiliation='member'`), ['owner', 'admin', 'moderator'])
  assert.deepEqual(await answers(`role='participant'`), ['owner', 'admin', 'moderator'])
  await configure(all.owner, { whois: 'anyone' })
  assert.deepEqual(await answers(`affiliation='owner'`), ['owner', 'admin', 'member', 'none', 'moderator'])
  assert.deepEqual(await answers(`affiliation='outcast'`), ['owner', 'admin'])
  await configure(all.owner, { getmemberlist: 'moderator' })
  assert.deepEqual(await answers(`affiliation='member'`), ['owner', 'admin', 'moderator'])
  for (const item of [`affiliation='member' role='visitor'`, `affiliation='x'`, '']) {
    assert.deepEqual(await answers(item), [])
  }
  await local.connect('stranger@localhost/x').then(async (stranger) => {
    await administer(stranger, `<item affiliation='owner'/>`, 'get')
    assert.deepEqual(told(stranger), ['error forbidden'], 'not in the room')
  })
})

test('XEP-0045 §8.2: of two kicks of one occupant in one request, one is made', async () => {
  await using local = await roomServer()
  const { owner, none } = await people(local)
  await administer(owner, `<item nick='none' role='none'/><item nick='none' role='none'/>`)
  assert.deepEqual(told(none), ['-none 307,110'])
  assert.deepEqual(told(owner), ['-none 307', 'result'])
})

test('XEP-0045 §7.10: a reserved nick is kept for its owner, and lost by a ban', async () => {
  await using local = await roomServer()
  const { owner, member, none } = await people(local)
  await administer(owner, `<item affiliation='member' jid='member@localhost' nick='squire'/>`)
  await none.send(`<presence to='${room}/squire'/>`)
  assert.equal(told(none).at(-1), 'error conflict')
  await administer(owner, `<item affiliation='member' jid='none@localhost' nick='squire'/>`)
  assert.equal(told(owner).at(-1), 'error conflict')
  await administer(owner, `<item affiliation='member' jid='none@localhost' nick='  '/>`)
  const info = 'http://jabber.org/protocol/disco#info'
  const ask = `<iq to='${room}' type='get' id='n'><query xmlns='${info}' node='x-roomuser-item'/></iq>`
  await member.send(ask)
  assert.equal(
    member.takeAll().at(-1)?.child('query', info)?.child('identity')?.attribute('name'),
    'squire',
    'XEP-0045 §7.12',
  )
  await administer(owner, `<item affiliation='outcast' jid='member@localhost'/>`)
  await none.send(`<presence to='${room}/squire'/>`)
  assert.ok(told(none).includes('squire participant 110'))
})

test('XEP-0045 §10.5: the last owner remains one, whoever else is made one in the same request', async () => {
  await using local = await roomServer()
  const owner = await local.connect('owner@localhost/x')
  await open(owner)
  const own = `<item affiliation='member' jid='owner@localhost'/>`
  for (const [items, answer] of [
    [own, 'error conflict'],
    [
      `<item affiliation='owner' jid='heir@localhost'/><item affiliation='none' jid='heir@localhost'/>${own}`,
      'error conflict',
    ],
    [`<item affiliation='owner' jid='heir@localhost'/>${own}`, 'result'],
    [`<item affiliation='owner' jid='owner@localhost'/>`, 'error forbidden'],
  ] as const) {
    await administer(owner, items)
    assert.equal(told(owner).at(-1), answer)
  }
})

test('XEP-0045 §9.3: of changes to somebody who is not here, those hear who may see real addresses', async () => {
  await using local = await roomServer()
  const { owner, member, moderator } = await people(local)
  await administer(owner, `<item affiliation='member' jid='paris@localhost'/>`)
  assert.deepEqual([told(moderator), told(member)], [['paris@localhost member'], []])
  await configure(owner, { whois: 'anyone' })
  told(member)
  await administer(owner, `<item affiliation='none' jid='paris@localhost'/>`)
  assert.deepEqual(told(member), ['paris@localhost none'])
})

test('XEP-0045 §9.4: who is no longer a member leaves a room for members only', async () => {
  await using local = await roomServer()
  const { owner, member } = await people(local)
  await configure(owner, { membersonly: '1' })
  told(member)
  await administer(owner, `<item affiliation='none' jid='member@localhost'/>`)
  assert.deepEqual(told(member), ['-member 321,110'])
})

test('lists have a limit, and requests too', async () => {
  await using local = await roomServer({ muc: { affiliations: 3, items: 4 } })
  const owner = await local.connect('owner@localhost/x')
  await open(owner)
  const members = (...names: string[]) =>
    administer(owner, names.map((name) => `<item affiliation='member' jid='${name}@localhost'/>`).join(''))
  await members('a', 'b', 'c')
  assert.deepEqual(told(owner), ['error resource-constraint'])
  await members('a', 'b')
  assert.equal(told(owner).at(-1), 'result')
  await administer(
    owner,
    `<item affiliation='none' jid='a@localhost'/><item affiliation='member' jid='c@localhost'/>`,
  )
  assert.equal(told(owner).at(-1), 'result', 'as many as before')
  await members('d', 'e', 'f', 'g', 'h')
  assert.deepEqual(told(owner), ['error policy-violation'])
})

test('names of objects are names like others', async () => {
  await using local = await roomServer()
  const owner = await local.connect('owner@localhost/x')
  await open(owner)
  const other = await local.connect('constructor@localhost/x')
  for (const nick of ['__proto__', 'constructor', 'toString']) {
    await enter(other, nick)
    assert.equal(told(other).at(-1), nick === '__proto__' ? 'subject' : `${nick} participant 110`)
    await administer(owner, `<item nick='hasOwnProperty' role='none'/>`)
    assert.equal(told(owner).at(-1), 'error item-not-found')
  }
  await administer(owner, `<item affiliation='__proto__' jid='a@localhost'/>`)
  assert.equal(told(owner).at(-1), 'error bad-request')
  await enter(other, 'nick', '', '__proto__@rooms.localhost')
  assert.equal(told(other).at(-1), 'subject')
})

test('XEP-0045 §5.1.2 and §5.2.2: roles that go with affiliations', () => {
  assert.deepEqual(
    (['outcast', 'none', 'member', 'admin', 'owner'] as const).map((affiliation) => [
      initialRole(affiliation, false),
      initialRole(affiliation, true),
    ]),
    [
      ['none', 'none'],
      ['participant', 'visitor'],
      ['participant', 'participant'],
      ['moderator', 'moderator'],
      ['moderator', 'moderator'],
    ],
  )
  assert.equal(roleAfterChange('visitor', 'none', 'member', true), 'participant')
  assert.equal(roleAfterChange('participant', 'member', 'none', true), 'visitor')
  assert.equal(roleAfterChange('moderator', 'admin', 'none', true), 'visitor')
  assert.equal(roleAfterChange('moderator', 'owner', 'admin', true), 'moderator')
  assert.equal(roleAfterChange('moderator', 'none', 'member', false), 'moderator')
  assert.equal(roleAfterChange('visitor', 'none', 'none', false), 'visitor')
})
