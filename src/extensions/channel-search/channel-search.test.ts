// XEP-0433: Extended Channel Search
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { InMemory } from '../../../test/in-memory.ts'
import { configure, enter, roomServer } from '../../../test/rooms.ts'
import type { MemoryClient } from '../../server/memory-client.ts'
import { sqlite } from '../../storage/sqlite.ts'
import type { Element } from '../../xml/element.ts'
import { channelSearch } from './channel-search.ts'

const namespace = 'urn:xmpp:channel-search:0:search'
const params = 'urn:xmpp:channel-search:0:search-params'
const byAddress = '{urn:xmpp:channel-search:0:order}address'

type Fields = Readonly<Record<string, string>>

const start = (options = {}, parts = {}) =>
  roomServer({ more: [channelSearch], options: { 'channel-search': options }, ...parts })

async function search(client: MemoryClient, fields: Fields, set = ''): Promise<Element> {
  client.takeAll()
  const inside = Object.entries({ FORM_TYPE: params, ...fields }).map(
    ([name, value]) => `<field var='${name}'><value>${value}</value></field>`,
  )
  const x = `<x xmlns='jabber:x:data' type='submit'>${inside.join('')}</x>`
  const rsm = set && `<set xmlns='http://jabber.org/protocol/rsm'>${set}</set>`
  await client.send(
    `<iq type='get' id='s' to='rooms.localhost'><search xmlns='${namespace}'>${rsm}${x}</search></iq>`,
  )
  return client.takeAll()[0] as Element
}

const itemsOf = (answer: Element) => answer.child('result', namespace)?.elements('item') ?? []
const found = (answer: Element) => itemsOf(answer).map((item) => item.attribute('address')?.split('@')[0])
const refused = (answer: Element) => {
  const error = answer.child('error')
  return [error?.attribute('type'), ...(error?.elements() ?? []).map(({ name }) => name)].filter(
    (name) => name !== 'text',
  )
}

/** Makes a room with somebody in it, and others. */
async function room(local: InMemory, name: string, fields: Fields = {}, more = 0): Promise<void> {
  const to = `${name}@rooms.localhost`
  const owner = await local.connect(`owner@localhost/${name}`)
  await enter(owner, 'owner', '', to)
  await configure(owner, fields, to)
  for (let index = 0; index < more; index += 1) {
    await enter(await local.connect(`guest${index}@localhost/${name}`), `guest${index}`, '', to)
  }
}

test('§4.2.1: the form has all fields, with what counts where they are left out', async () => {
  await using local = await start()
  const romeo = await local.connect('romeo@localhost/home')
  await romeo.send(`<iq type='get' id='s' to='rooms.localhost'><search xmlns='${namespace}'/></iq>`)
  const x = romeo.takeAll()[0]?.child('search', namespace)?.child('x', 'jabber:x:data')
  const fields = x
    ?.elements('field')
    .map((field) => `${field.attribute('var')} ${field.child('value')?.text ?? ''}`)
  assert.deepEqual(fields, [
    `FORM_TYPE ${params}`,
    'q ',
    'all false',
    'sinname true',
    'sindescription true',
    'sinaddr true',
    'min_users 0',
    'types xep-0045',
    'key {urn:xmpp:channel-search:0:order}nusers',
  ])
})

test('§6.2: what is told of a room', async () => {
  await using local = await start()
  await room(
    local,
    'balcony',
    { roomname: 'The Balcony', roomdesc: 'Parting', lang: 'it', whois: 'anyone' },
    1,
  )
  await room(local, 'crypt', { roomsecret: 'x' })
  const romeo = await local.connect('romeo@localhost/home')
  const items = itemsOf(await search(romeo, { all: 'true', key: byAddress }))
  const told = items.map((item) => item.elements().map(({ name, text }) => `${name} ${text}`))
  assert.deepEqual(told, [
    [
      'name The Balcony',
      'description Parting',
      'language it',
      'nusers 2',
      'service-type xep-0045',
      'is-open true',
      'anonymity-mode {urn:xmpp:channel-search:0:anonymity}none',
    ],
    ['name crypt', 'service-type xep-0045', 'is-open false', 'anonymity-mode muc_semianonymous'],
  ])
})

test('§4.2: every word has to be there, in the places that are searched, whatever its case', async () => {
  await using local = await start()
  await room(local, 'balcony', { roomname: 'Sweet Sorrow', roomdesc: 'Parting at dawn' })
  await room(local, 'orchard', { roomname: 'SORROW', roomdesc: 'Night' })
  await room(local, 'hidden', { roomname: 'sorrow', publicroom: '0' })
  const romeo = await local.connect('romeo@localhost/home')
  const by = async (fields: Fields) => found(await search(romeo, { key: byAddress, ...fields }))
  assert.deepEqual(await by({ q: 'sorrow' }), ['balcony', 'orchard'])
  assert.deepEqual(await by({ q: 'DAWN sorrow' }), ['balcony'])
  assert.deepEqual(await by({ q: 'dawn', sindescription: '0' }), [])
  assert.deepEqual(await by({ q: 'orchard', sinaddr: 'false' }), [])
  assert.deepEqual(await by({ q: 'orchard', sinaddress: 'false' }), [])
  assert.deepEqual(await by({ q: 'orch', sinname: '0', sindescription: '0' }), ['orchard'])
  assert.deepEqual(await by({ all: '1', types: 'xep-0369' }), [])
  assert.deepEqual(await by({ all: '1', unknown: 'x' }), ['balcony', 'orchard'])
  assert.deepEqual(await by({ q: 'nothing' }), [])
})

test('§6.1: the fullest first, and only those with enough people', async () => {
  await using local = await start()
  await room(local, 'a', {}, 1)
  await room(local, 'b', {}, 2)
  await room(local, 'c', {}, 1)
  const romeo = await local.connect('romeo@localhost/home')
  assert.deepEqual(found(await search(romeo, { all: '1' })), ['b', 'a', 'c'])
  assert.deepEqual(found(await search(romeo, { all: '1', min_users: '3' })), ['b'])
  await room(local, 'crypt', { membersonly: '1' })
  const crypt = { q: 'crypt', min_users: '1' }
  assert.deepEqual(
    found(await search(romeo, crypt)),
    [],
    'how many are among members is not told this way either',
  )
})

test('§4.2: page by page, in both orders, at most as many as the service gives', async () => {
  await using local = await start({ page: 2 })
  for (const name of ['a', 'b', 'c', 'd', 'e']) await room(local, name, {}, name === 'd' ? 1 : 0)
  const romeo = await local.connect('romeo@localhost/home')
  for (const [key, expected] of [
    [byAddress, ['a', 'b', 'c', 'd', 'e']],
    ['{urn:xmpp:channel-search:0:order}nusers', ['d', 'a', 'b', 'c', 'e']],
  ] as const) {
    const all: (string | undefined)[] = []
    for (let after = ''; ; ) {
      const set = `<max>10</max>${after && `<after>${after}</after>`}`
      const answer = await search(romeo, { all: '1', key }, set)
      const page = answer.child('result', namespace)?.child('set', 'http://jabber.org/protocol/rsm')
      assert.equal(page?.child('count')?.text, '5')
      if (found(answer).length === 0) break
      assert.ok(found(answer).length <= 2)
      all.push(...found(answer))
      after = page?.child('last')?.text ?? ''
    }
    assert.deepEqual(all, expected)
  }
})

test('§4.2.2: what cannot be searched is refused with the right conditions', async () => {
  await using local = await start()
  const romeo = await local.connect('romeo@localhost/home')
  const cases: [Fields, string[]][] = [
    [{ q: 'x', all: '1' }, ['modify', 'bad-request', 'conflicting-fields']],
    [{}, ['cancel', 'bad-request', 'no-search-conditions']],
    [{ q: '  ' }, ['cancel', 'bad-request', 'no-search-conditions']],
    [{ q: '--' }, ['modify', 'bad-request', 'invalid-search-terms']],
    [{ q: 'x'.repeat(257) }, ['modify', 'bad-request', 'invalid-search-terms']],
    [{ q: 'a b c d e f g h i j k' }, ['modify', 'bad-request', 'invalid-search-terms']],
    [{ q: 'x', key: 'size' }, ['modify', 'feature-not-implemented', 'invalid-sort-key']],
    [
      { q: 'x', sinname: '0', sindescription: '0', sinaddr: '0' },
      ['modify', 'bad-request', 'conflicting-fields'],
    ],
    [{ q: 'x', min_users: '-1' }, ['modify', 'bad-request']],
    [{ all: 'yes' }, ['modify', 'bad-request']],
    [{ q: 'x', FORM_TYPE: 'urn:x' }, ['modify', 'bad-request']],
  ]
  for (const [fields, expected] of cases) {
    assert.deepEqual(refused(await search(romeo, fields)), expected, JSON.stringify(fields))
  }
})

test('§4.2.2.5: an operator may keep the whole list back', async () => {
  await using local = await start({ canListAll: false })
  const romeo = await local.connect('romeo@localhost/home')
  const answer = await search(romeo, { all: '1' })
  assert.deepEqual(refused(answer), ['cancel', 'not-allowed', 'full-set-retrieval-rejected'])
})

test('§4.2.2.4: who searches too often waits, and others do not', async () => {
  await using local = await start({ perMinute: 2 })
  const romeo = await local.connect('romeo@localhost/home')
  const juliet = await local.connect('juliet@localhost/home')
  for (const expected of [[undefined], [undefined], ['wait', 'resource-constraint', 'rate-limit']]) {
    assert.deepEqual(refused(await search(romeo, { q: 'x' })), expected)
  }
  assert.deepEqual(refused(await search(juliet, { q: 'x' })), [undefined])
  local.clock.advance(60_000)
  assert.deepEqual(refused(await search(romeo, { q: 'x' })), [undefined])
})

test('rooms that last are found after a restart, before anybody enters, until they are hidden or gone', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'channel-search-'))
  const storage = () => ({ storage: sqlite(join(folder, 'data.db')) })
  try {
    {
      await using local = await start({}, storage())
      await room(local, 'balcony', { roomdesc: 'Parting', persistentroom: '1' })
      await room(local, 'orchard', { roomdesc: 'Parting' })
    }
    await using local = await start({}, storage())
    const romeo = await local.connect('romeo@localhost/home')
    assert.deepEqual(found(await search(romeo, { q: 'parting' })), ['balcony'])
    await room(local, 'balcony', { publicroom: '0' })
    assert.deepEqual(found(await search(romeo, { q: 'parting' })), [])
  } finally {
    rmSync(folder, { recursive: true })
  }
})
