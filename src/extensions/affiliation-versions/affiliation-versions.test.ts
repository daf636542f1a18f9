// XEP-0463: MUC Affiliations Versioning
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { administer, configure, enter, inside, open, roomServer } from '../../../test/rooms.ts'
import type { MemoryClient } from '../../server/memory-client.ts'
import { sqlite } from '../../storage/sqlite.ts'
import type { Element } from '../../xml/element.ts'
import { affiliationVersions } from './affiliation-versions.ts'

const namespace = 'urn:xmpp:muc:affiliations:1'
const start = (options: object = {}, file = ':memory:') =>
  roomServer({
    more: [affiliationVersions],
    options: { 'affiliation-versions': options },
    storage: sqlite(file),
  })

/** What a client was told of the lists, in the order in which it came: kind, versions and items. */
interface Told {
  readonly kind: string
  readonly since: string | undefined
  readonly until: string | undefined
  readonly items: readonly string[]
}

function toldOf(stanzas: readonly Element[]): Told[] {
  return stanzas.flatMap((stanza) => {
    const x = stanza.child('x', 'http://jabber.org/protocol/muc#user')
    const mav = x?.child('mav', namespace)
    const items = x
      ?.elements('item')
      .map((item) => `${item.attribute('jid')} ${item.attribute('affiliation')}`)
    const [since, until] = [mav?.attribute('since'), mav?.attribute('until')]
    return mav ? [{ kind: stanza.name, since, until, items: items ?? [] }] : []
  })
}

/** Enters with a version; answers what came. */
async function enterWith(client: MemoryClient, since?: string): Promise<readonly Element[]> {
  client.takeAll()
  const given = since === undefined ? '' : ` since='${since}'`
  await enter(client, client.jid.local, `<mav xmlns='${namespace}'${given}/>`)
  return client.takeAll()
}

const leave = (client: MemoryClient) =>
  client.send(`<presence to='room@rooms.localhost/${client.jid.local}' type='unavailable'/>`)
const item = (name: string, affiliation: string) =>
  `<item jid='${name}@localhost' affiliation='${affiliation}'/>`

test('§5.2.1: the whole lists before any presence, and the version in self-presence; with it, what changed since', async () => {
  await using local = await start()
  const romeo = await inside(local, 'romeo')
  await open(romeo, { whois: 'anyone' })
  await administer(romeo, item('juliet', 'member') + item('paris', 'outcast'))
  const juliet = await local.connect('juliet@localhost/home')
  const stanzas = await enterWith(juliet)
  assert.equal(stanzas[0]?.name, 'message')
  const [lists, self] = toldOf(stanzas)
  assert.deepEqual(lists, {
    kind: 'message',
    since: undefined,
    until: self?.until,
    // Outcasts are for admins to know.
    items: ['romeo@localhost owner', 'juliet@localhost member'],
  })
  assert.deepEqual([self?.kind, self?.since], ['presence', undefined])
  await leave(juliet)
  const again = toldOf(await enterWith(juliet, self?.until))
  assert.deepEqual(
    again.map(({ kind }) => kind),
    ['presence'],
    'nothing has changed',
  )
  await leave(juliet)
  await administer(romeo, item('nurse', 'member'))
  await administer(romeo, item('nurse', 'admin') + item('tybalt', 'member'))
  await administer(romeo, item('tybalt', 'none') + item('mercutio', 'outcast'))
  const [changes, now] = toldOf(await enterWith(juliet, self?.until))
  assert.deepEqual(changes, {
    kind: 'message',
    since: self?.until,
    until: now?.until,
    items: ['nurse@localhost admin', 'tybalt@localhost none', 'mercutio@localhost none'],
  })
})

test('§5.2.2: each change leads from the version before it to the next; who did not ask sees none', async () => {
  await using local = await start()
  const romeo = await inside(local, 'romeo')
  await open(romeo, { whois: 'anyone' })
  const nurse = await inside(local, 'nurse')
  const juliet = await local.connect('juliet@localhost/home')
  const self = toldOf(await enterWith(juliet)).at(-1)
  await administer(romeo, item('paris', 'member') + item('nurse', 'member'))
  const told = toldOf(juliet.takeAll())
  assert.deepEqual(
    told.map(({ kind, items }) => [kind, ...items]),
    [
      ['presence', 'nurse@localhost/home member'],
      ['message', 'paris@localhost member'],
    ],
  )
  assert.deepEqual(
    told.map(({ since }) => since),
    [self?.until, told[0]?.until],
  )
  await administer(romeo, item('nurse', 'outcast'))
  const [banned] = toldOf(juliet.takeAll())
  assert.deepEqual([banned?.since, banned?.items], [told[1]?.until, ['nurse@localhost/home outcast']])
  assert.deepEqual(toldOf(nurse.takeAll()), [])
  await administer(romeo, "<item nick='juliet' role='visitor'/>")
  assert.deepEqual(toldOf(juliet.takeAll()), [], 'a role is no affiliation')
})

test('§5.2.3: who may not read the lists is refused, and enters', async () => {
  await using local = await start()
  const romeo = await inside(local, 'romeo')
  await open(romeo)
  const juliet = await local.connect('juliet@localhost/home')
  const stanzas = await enterWith(juliet)
  const [error] = stanzas
  assert.equal(error?.attribute('type'), 'error')
  assert.equal(error?.name, 'message')
  assert.equal(error?.child('error')?.elements()[0]?.name, 'forbidden')
  assert.deepEqual(toldOf(stanzas), [])
  assert.ok(stanzas.some((stanza) => stanza.name === 'presence'))
  await administer(romeo, item('paris', 'member'))
  assert.deepEqual(toldOf(juliet.takeAll()), [])
})

test('§5.2.1: a version that is not known, or too old, is answered with the whole lists', async () => {
  await using local = await start({ changes: 2 })
  const romeo = await inside(local, 'romeo')
  await open(romeo, { whois: 'anyone' })
  const juliet = await local.connect('juliet@localhost/home')
  const first = toldOf(await enterWith(juliet)).at(-1)?.until
  await leave(juliet)
  for (const name of ['a', 'b', 'c']) await administer(romeo, item(name, 'member'))
  for (const since of ['unknown', first]) {
    const [lists] = toldOf(await enterWith(juliet, since))
    assert.deepEqual([lists?.since, lists?.items.length], [undefined, 4])
    await leave(juliet)
  }
})

test('§5.2.1: long lists come in several messages, each from the version of the one before', async () => {
  await using local = await start({ items: 2 })
  const romeo = await inside(local, 'romeo')
  await open(romeo)
  await administer(romeo, ['a', 'b', 'c', 'd'].map((name) => item(name, 'member')).join(''))
  const told = toldOf(await enterWith(romeo))
  assert.deepEqual(
    told.slice(0, 3).map(({ items }) => items.length),
    [2, 2, 1],
  )
  assert.deepEqual(
    told.slice(0, 3).map(({ since }) => since),
    [undefined, told[0]?.until, told[1]?.until],
  )
  assert.equal(told[2]?.until, told[3]?.until, 'and self-presence, also for who enters again')
})

test('versions hold over a restart; §6: not what was before one belonged to a room for members only', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'affiliation-versions-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'data.db')
  const versions: (string | undefined)[] = []
  {
    await using local = await start({}, file)
    const romeo = await inside(local, 'romeo')
    await open(romeo, { whois: 'anyone', persistentroom: '1' })
    versions.push(toldOf(await enterWith(romeo)).at(-1)?.until)
    await administer(romeo, item('juliet', 'member'))
    versions.push(toldOf(romeo.takeAll())[0]?.until)
    await administer(romeo, item('nurse', 'member'))
    await configure(romeo, { membersonly: '1' })
  }
  await using local = await start({}, file)
  const juliet = await local.connect('juliet@localhost/home')
  const refused = await enterWith(juliet, versions[0])
  assert.equal(refused[0]?.child('error')?.elements()[0]?.name, 'forbidden')
  await leave(juliet)
  const [changes] = toldOf(await enterWith(juliet, versions[1]))
  assert.deepEqual([changes?.since, changes?.items], [versions[1], ['nurse@localhost member']])
})
