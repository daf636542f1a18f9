// XEP-0486: MUC Avatars
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { inside, open, room, roomServer, told } from '../../../test/rooms.ts'
import type { MemoryClient } from '../../server/memory-client.ts'
import { sqlite } from '../../storage/sqlite.ts'
import { roomAvatar } from './room-avatar.ts'

const start = (parts = {}) => roomServer({ more: [roomAvatar], ...parts })

const photo = (data: string) =>
  `<PHOTO><TYPE>image/png</TYPE><BINVAL>${Buffer.from(data).toString('base64')}</BINVAL></PHOTO>`
const sha1 = (data: string) => createHash('sha1').update(data).digest('hex')

function set(client: MemoryClient, inner: string): Promise<void> {
  return client.send(`<iq type='set' id='v' to='${room}'><vCard xmlns='vcard-temp'>${inner}</vCard></iq>`)
}

async function cardOf(client: MemoryClient): Promise<string | undefined> {
  client.takeAll()
  await client.send(`<iq type='get' id='g' to='${room}'><vCard xmlns='vcard-temp'/></iq>`)
  return client.takeAll()[0]?.child('vCard', 'vcard-temp')?.child('PHOTO')?.child('BINVAL')?.text
}

async function infoOf(client: MemoryClient, to = room) {
  const namespace = 'http://jabber.org/protocol/disco#info'
  client.takeAll()
  await client.send(`<iq type='get' id='d' to='${to}'><query xmlns='${namespace}'/></iq>`)
  const query = client.takeAll()[0]?.child('query', namespace)
  const fields = query?.child('x', 'jabber:x:data')?.elements('field')
  const field = fields?.find((one) => one.attribute('var') === 'muc#roominfo_avatarhash')
  return {
    hasFeature: query?.elements('feature').some((one) => one.attribute('var') === 'vcard-temp'),
    hashes: field?.elements('value').map((value) => value.text),
  }
}

test('§3.2: an owner sets a picture, occupants are told, and everybody finds it and its hash', async () => {
  await using local = await start()
  const romeo = await inside(local, 'romeo')
  await open(romeo)
  const juliet = await inside(local, 'juliet')
  romeo.takeAll()
  await set(romeo, photo('a rose'))
  assert.deepEqual(told(romeo), ['result', 'status 104'])
  assert.deepEqual(told(juliet), ['status 104'])
  const nurse = await local.connect('nurse@localhost/home')
  assert.deepEqual(await infoOf(nurse), { hasFeature: true, hashes: [sha1('a rose')] })
  assert.equal(Buffer.from((await cardOf(nurse)) ?? '', 'base64').toString(), 'a rose')
  assert.equal((await infoOf(nurse, 'rooms.localhost')).hasFeature, true)
})

test('§5.1: of several pictures there are several hashes', async () => {
  await using local = await start()
  const romeo = await inside(local, 'romeo')
  await open(romeo)
  await set(romeo, photo('one') + photo('two'))
  assert.deepEqual((await infoOf(romeo)).hashes, [sha1('one'), sha1('two')])
})

test('§3.2: an empty vCard removes it, and without one there is no hash', async () => {
  await using local = await start()
  const romeo = await inside(local, 'romeo')
  await open(romeo)
  assert.equal((await infoOf(romeo)).hashes, undefined)
  await set(romeo, photo('a rose'))
  await set(romeo, '')
  assert.equal((await infoOf(romeo)).hashes, undefined)
  assert.equal(await cardOf(romeo), undefined)
})

test('§3.2: others may not, and one that is too large is refused', async () => {
  await using local = await start({
    options: { 'room-avatar': { maxBytes: 100 } },
    admins: ['admin@localhost'],
  })
  const romeo = await inside(local, 'romeo')
  await open(romeo)
  const juliet = await inside(local, 'juliet')
  await set(juliet, photo('x'))
  assert.deepEqual(told(juliet), ['error forbidden'])
  romeo.takeAll()
  await set(romeo, photo('x'.repeat(100)))
  assert.deepEqual(told(romeo), ['error not-acceptable'])
  const admin = await local.connect('admin@localhost/desk')
  await set(admin, photo('x'))
  assert.deepEqual(told(admin), ['result'])
})

test('a room that lasts keeps it over a restart, and one that is gone leaves none to its successor', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'room-avatar-'))
  try {
    {
      await using local = await start({ storage: sqlite(join(folder, 'data.db')) })
      const romeo = await inside(local, 'romeo')
      await open(romeo, { persistentroom: '1' })
      await set(romeo, photo('a rose'))
    }
    await using local = await start({ storage: sqlite(join(folder, 'data.db')) })
    const romeo = await local.connect('romeo@localhost/home')
    assert.deepEqual((await infoOf(romeo)).hashes, [sha1('a rose')])
    assert.ok(await cardOf(romeo))
    const owner = 'http://jabber.org/protocol/muc#owner'
    await romeo.send(`<iq type='set' id='e' to='${room}'><query xmlns='${owner}'><destroy/></query></iq>`)
    const kept = local.server.host('rooms.localhost')?.store.keyValue<string>('room-vcard')
    assert.equal(await kept?.get('room'), undefined)
    await kept?.set('room', `<vCard xmlns='vcard-temp'>${photo('left by a crash')}</vCard>`)
    await open(romeo)
    assert.equal((await infoOf(romeo)).hashes, undefined)
    assert.equal(await cardOf(romeo), undefined)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
