import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { answerTo } from '../../../test/answer.ts'
import { asked, nodesServer, publish, read, submit } from '../../../test/nodes.ts'
import type { MemoryClient } from '../../server/memory-client.ts'
import { sqlite } from '../../storage/sqlite.ts'
import { element } from '../../xml/element.ts'
import { serialize } from '../../xml/serialize.ts'
import { pep } from '../pep/pep.ts'
import { privateStorage } from '../private-storage/private-storage.ts'
import { bookmarkConversion } from './bookmark-conversion.ts'
import { bookmarksNode, bookmarksOf, collate } from './bookmarks.ts'

const extensions = [pep, privateStorage, bookmarkConversion]
const storage = (inside: string) => `<storage xmlns='storage:bookmarks'>${inside}</storage>`

async function store(client: MemoryClient, inside: string): Promise<string> {
  return askStorage(client, 'set', inside)
}

async function stored(client: MemoryClient): Promise<string> {
  return askStorage(client, 'get')
}

async function askStorage(client: MemoryClient, type: 'get' | 'set', inside = ''): Promise<string> {
  const query = `<query xmlns='jabber:iq:private'>${storage(inside)}</query>`
  const answer = await answerTo(client, type, query)
  const error = answer?.child('error')
  if (error) return error.elements()[0]?.name ?? ''
  const conferences = answer?.elements()[0]?.child('storage', 'storage:bookmarks')?.elements('conference')
  return (conferences ?? []).map((conference) => conference.attribute('jid')).join(' ')
}

test('bookmarks from before the conversion are in the node when the client is online (XEP-0411 §4), once', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'balcony-bookmarks-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'bookmarks.db')
  {
    await using before = await nodesServer({ storage: sqlite(path), extensions: [pep, privateStorage] })
    const romeo = await before.connect('romeo@localhost/orchard')
    await store(romeo, `<conference jid='a@rooms.localhost'/><conference jid='b@rooms.localhost'/>`)
  }
  await using local = await nodesServer({ storage: sqlite(path), extensions })
  const romeo = await local.connect('romeo@localhost/orchard')
  await romeo.send('<presence/>')
  for (
    let tries = 0;
    tries < 200 && (await read(romeo, bookmarksNode, '', '')) === 'item-not-found';
    tries += 1
  ) {
    await new Promise(setImmediate)
  }
  assert.equal(await stored(romeo), 'a@rooms.localhost b@rooms.localhost')
  assert.equal(await read(romeo, bookmarksNode, '', ''), 'a@rooms.localhost b@rooms.localhost')
  await asked(romeo, `<retract node='${bookmarksNode}'><item id='a@rooms.localhost'/></retract>`, { to: '' })
  await romeo.send('<presence/>')
  assert.equal(await stored(romeo), 'b@rooms.localhost')
})

test('where others may read the node, nothing from private storage goes there (XEP-0411 §5)', async () => {
  await using local = await nodesServer({ extensions })
  const romeo = await local.connect('romeo@localhost/orchard')
  const open = `<publish-options>${submit({ access_model: 'open' }, 'publish-options')}</publish-options>`
  const entry = `<publish node='${bookmarksNode}'><item id='c@rooms.localhost'><conference xmlns='${bookmarksNode}'/></item></publish>`
  await asked(romeo, `${entry}${open}`, { to: '' })
  await store(romeo, `<conference jid='secret@rooms.localhost'/>`)
  assert.equal(await read(romeo, bookmarksNode, '', ''), 'c@rooms.localhost')
  assert.equal(await stored(romeo), 'secret@rooms.localhost')
  assert.equal(await read(romeo, 'storage:bookmarks', '', ''), 'item-not-found')
})

test('who takes back or deletes the old node loses no bookmark', async () => {
  await using local = await nodesServer({ extensions })
  const romeo = await local.connect('romeo@localhost/orchard')
  await store(romeo, `<conference jid='a@rooms.localhost'/>`)
  await asked(romeo, `<retract node='storage:bookmarks'><item id='current'/></retract>`, { to: '' })
  await asked(romeo, `<delete node='storage:bookmarks'/>`, { to: '', isOwner: true })
  assert.equal(await read(romeo, bookmarksNode, '', ''), 'a@rooms.localhost')
  assert.equal(await stored(romeo), 'a@rooms.localhost')
})

test('a list that is too large for private storage changes no bookmark', async () => {
  await using local = await nodesServer({ extensions })
  const romeo = await local.connect('romeo@localhost/orchard')
  await store(romeo, `<conference jid='a@rooms.localhost'/>`)
  const large = `<conference jid='b@rooms.localhost'><nick>${'x'.repeat(70_000)}</nick></conference>`
  assert.equal(await store(romeo, large), 'not-acceptable')
  assert.equal(await stored(romeo), 'a@rooms.localhost')
})

test('bookmarks that are too many for one item are kept one by one, and told in private storage', async () => {
  await using local = await nodesServer({ extensions, pep: { payloadBytes: 400 } })
  const romeo = await local.connect('romeo@localhost/orchard')
  const rooms = Array.from({ length: 9 }, (_, index) => `room${index}@rooms.localhost`)
  const all = rooms.map((jid) => `<conference jid='${jid}' name='A room'/>`).join('')
  assert.equal(await store(romeo, all), '')
  assert.equal(await stored(romeo), rooms.join(' '))
  assert.equal(await read(romeo, bookmarksNode, '', ''), rooms.join(' '))
})

test('payloads that are no bookmarks do not keep a client from its list', async () => {
  await using local = await nodesServer({ extensions })
  const romeo = await local.connect('romeo@localhost/orchard')
  await store(romeo, `<conference jid='a@rooms.localhost'/>`)
  await publish(romeo, bookmarksNode, '__proto__', '')
  await asked(romeo, `<publish node='${bookmarksNode}'><item id='no address@'/></publish>`, { to: '' })
  assert.equal(await stored(romeo), 'a@rooms.localhost __proto__ no address@')
  assert.equal(await store(romeo, ''), '')
  assert.equal(await read(romeo, bookmarksNode, '', ''), '')
})

test('any bookmark comes back from the old form as it was', () => {
  const text = fc
    .string({ minLength: 1, maxLength: 20 })
    .map((given) => given.replaceAll(/[^\p{L}\p{N} ]/gu, 'x'))
  const some = fc.record(
    {
      name: text,
      autojoin: fc.constantFrom('true', '1', 'false'),
      nick: text,
      password: text,
      extension: text,
    },
    { requiredKeys: [] },
  )
  const property = fc.property(fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), some), (given) => {
    const bookmarks = Object.entries(given).map(([local, { name, autojoin, nick, password, extension }]) => {
      const child = (child: string, text: string | undefined) =>
        text === undefined ? undefined : element(child, bookmarksNode, {}, text)
      const children = [child('nick', nick), child('password', password), child('extensions', extension)]
      const payload = element('conference', bookmarksNode, { name, autojoin }, ...children)
      return { id: `${local}@rooms.localhost`, payload }
    })
    const back = [...bookmarksOf(collate(bookmarks), bookmarks).values()]
    const inShort = (list: typeof bookmarks) => list.map(({ id, payload }) => `${id} ${serialize(payload)}`)
    assert.deepEqual(inShort(back as typeof bookmarks), inShort(bookmarks))
  })
  fc.assert(property, { seed: 402, numRuns: 200 })
})
