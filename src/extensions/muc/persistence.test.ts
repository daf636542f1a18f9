import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { answerTo } from '../../../test/answer.ts'
import {
  administer,
  configure,
  enter,
  inside,
  open,
  romeoInside,
  room,
  roomServer,
  say,
  told,
} from '../../../test/rooms.ts'
import { defineExtension } from '../../host/extension.ts'
import type { MemoryClient } from '../../server/memory-client.ts'
import { sqlite } from '../../storage/sqlite.ts'
import type { Driver, Value } from '../../storage/storage.ts'
import { muc } from './muc.ts'

/** A place for a database that outlives a server. */
function place(): { open: () => ReturnType<typeof sqlite>; [Symbol.dispose](): void } {
  const folder = mkdtempSync(join(tmpdir(), 'rooms-'))
  return {
    open: () => sqlite(join(folder, 'data.db')),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  }
}

async function listed(client: MemoryClient): Promise<string[]> {
  const namespace = 'http://jabber.org/protocol/disco#items'
  const result = await answerTo(client, 'get', `<query xmlns='${namespace}'/>`, 'rooms.localhost')
  return (result?.child('query', namespace)?.elements('item') ?? []).map(
    (item) => `${item.attribute('jid')} ${item.attribute('name')}`,
  )
}

test('a persistent room is there after a restart: settings, password, lists with nicks and reasons, subject', async () => {
  using kept = place()
  {
    await using local = await roomServer({ storage: kept.open() })
    const romeo = await romeoInside(local, {
      persistentroom: '1',
      roomname: 'Balcony',
      roomsecret: 'cauldronburn',
      allowpm: 'none',
    })
    await romeo.send(`<message to='${room}' type='groupchat'><subject>Dawn</subject></message>`)
    await administer(
      romeo,
      `<item affiliation='member' jid='juliet@localhost' nick='jule'/>` +
        `<item affiliation='outcast' jid='tybalt@localhost'><reason>a sword</reason></item>` +
        `<item affiliation='admin' jid='nurse@localhost'/>`,
    )
    await administer(romeo, `<item affiliation='none' jid='nurse@localhost'/>`)
    assert.equal(told(romeo).at(-1), 'result')
  }
  await using local = await roomServer({ storage: kept.open() })
  const juliet = await local.connect('juliet@localhost/balcony')
  assert.deepEqual(await listed(juliet), [`${room} Balcony`])
  await enter(juliet, 'jule')
  assert.deepEqual(told(juliet), ['error not-authorized'])
  await enter(juliet, 'jule', '<password>cauldronburn</password>')
  const came = juliet.takeAll()
  const item = came[0]?.elements().at(-1)?.child('item')
  assert.deepEqual([item?.attribute('affiliation'), came[1]?.child('subject')?.text], ['member', 'Dawn'])
  const romeo = await inside(local, 'romeo')
  await administer(romeo, `<item affiliation='outcast'/>`, 'get')
  const outcast = romeo.takeAll().at(-1)?.elements()[0]?.elements()[0]
  assert.deepEqual([outcast?.attribute('jid'), outcast?.elements()[0]?.text], ['tybalt@localhost', 'a sword'])
  await administer(romeo, `<item affiliation='admin'/>`, 'get')
  assert.deepEqual(romeo.takeAll().at(-1)?.elements()[0]?.elements(), [], 'what was taken away stays away')
  await juliet.send(`<message to='${room}/romeo' type='chat'><body>psst</body></message>`)
  assert.equal(told(juliet).at(-1), 'error forbidden')
})

test('what is not to last does not: temporary rooms, destroyed ones, and those that stop being persistent', async () => {
  using kept = place()
  {
    await using local = await roomServer({ storage: kept.open() })
    const romeo = await local.connect('romeo@localhost/orchard')
    for (const [name, form] of [
      ['a', {}],
      ['b', { persistentroom: '1' }],
      ['c', { persistentroom: '1' }],
    ] as const) {
      await enter(romeo, 'romeo', '', `${name}@rooms.localhost`)
      await configure(romeo, form, `${name}@rooms.localhost`)
    }
    await romeo.send(
      `<iq to='b@rooms.localhost' type='set' id='d'><query xmlns='http://jabber.org/protocol/muc#owner'><destroy/></query></iq>`,
    )
    await configure(romeo, { persistentroom: '0' }, 'c@rooms.localhost')
    assert.deepEqual(await listed(romeo), ['a@rooms.localhost a', 'c@rooms.localhost c'])
  }
  await using local = await roomServer({ storage: kept.open() })
  const romeo = await local.connect('romeo@localhost/orchard')
  assert.deepEqual(await listed(romeo), [])
  for (const name of ['a', 'b', 'c']) {
    await enter(romeo, 'romeo', '', `${name}@rooms.localhost`)
    assert.deepEqual(told(romeo), ['romeo moderator 201,110', 'subject'], name)
  }
})

test('where history is not stored, a room that is empty keeps its history in memory, while there is space for it', async () => {
  await using local = await roomServer({ muc: { roomsInMemory: 1, keepHistory: false } })
  const romeo = await romeoInside(local, { persistentroom: '1' })
  await say(romeo, 'Adieu')
  await romeo.send(`<presence to='${room}' type='unavailable'/>`)
  told(romeo)
  await enter(romeo, 'romeo')
  assert.deepEqual(told(romeo), ['romeo moderator 110', 'romeo: Adieu', 'subject'])
  await romeo.send(`<presence to='${room}' type='unavailable'/>`)
  await enter(romeo, 'romeo', '', 'other@rooms.localhost')
  await configure(romeo, { persistentroom: '1' }, 'other@rooms.localhost')
  await romeo.send(`<presence to='other@rooms.localhost' type='unavailable'/>`)
  told(romeo)
  await enter(romeo, 'romeo')
  assert.deepEqual(told(romeo), ['romeo moderator 110', 'subject'], 'the room that was left first had to go')
})

test('a room that somebody is about to enter stays in memory, however little space there is', async () => {
  const gate = Promise.withResolvers<void>()
  const slow = defineExtension({
    name: 'slow',
    needs: { muc },
    setup(_host, { muc }) {
      muc.enter.check(({ nick }) => (nick.resource === 'juliet' ? gate.promise : undefined))
    },
  })
  await using local = await roomServer({ muc: { roomsInMemory: 1 }, more: [slow] })
  const romeo = await local.connect('romeo@localhost/orchard')
  const juliet = await local.connect('juliet@localhost/balcony')
  await open(romeo, { persistentroom: '1' })
  const leave = (address: string) => romeo.send(`<presence to='${address}' type='unavailable'/>`)
  await leave(room)
  const entering = enter(juliet, 'juliet')
  const other = 'other@rooms.localhost'
  await enter(romeo, 'romeo', '', other)
  await configure(romeo, { persistentroom: '1' }, other)
  await leave(other)
  gate.resolve()
  await entering
  told(romeo)
  await enter(romeo, 'romeo')
  assert.deepEqual(told(romeo), ['juliet participant', 'romeo moderator 110', 'subject'])
})

test('a room that many ask for at once is read once, and is one room', async () => {
  using kept = place()
  {
    await using local = await roomServer({ storage: kept.open() })
    await romeoInside(local, { persistentroom: '1' })
  }
  await using local = await roomServer({ storage: kept.open() })
  const clients = await Promise.all(
    Array.from({ length: 10 }, (_, index) => local.connect(`guest${index}@localhost/x`)),
  )
  await Promise.all(clients.map((client, index) => enter(client, `guest${index}`)))
  assert.equal(clients[0]?.takeAll().filter(({ name }) => name === 'presence').length, 10)
  assert.equal(told(clients[9] as MemoryClient).at(-1), 'subject')
})

test('of many who make a room at once, one does', async () => {
  await using local = await roomServer()
  const clients = await Promise.all(
    Array.from({ length: 5 }, (_, index) => local.connect(`guest${index}@localhost/x`)),
  )
  await Promise.all(clients.map((client, index) => enter(client, `guest${index}`)))
  const answers = clients.map((client) => told(client)[0])
  assert.equal(answers.filter((answer) => answer?.includes('201')).length, 1)
  assert.equal(answers.filter((answer) => answer === 'error item-not-found').length, 4)
})

test('an account makes so many rooms, those in the store counted', async () => {
  using kept = place()
  const parts = { muc: { roomsPerAccount: 3 }, admins: ['prince@localhost'] }
  {
    await using local = await roomServer({ ...parts, storage: kept.open() })
    const romeo = await romeoInside(local, { persistentroom: '1' })
    await enter(romeo, 'romeo', '', 'temporary@rooms.localhost')
  }
  await using local = await roomServer({ ...parts, storage: kept.open() })
  const romeo = await local.connect('romeo@localhost/garden')
  const prince = await local.connect('prince@localhost/throne')
  for (const [client, name, answer] of [
    [romeo, 'a', 'romeo moderator 201,110'],
    [romeo, 'b', 'romeo moderator 201,110'],
    [romeo, 'c', 'error resource-constraint'],
    [prince, 'd', 'prince moderator 201,110'],
    [prince, 'e', 'prince moderator 201,110'],
    [prince, 'f', 'prince moderator 201,110'],
    [prince, 'g', 'prince moderator 201,110'],
  ] as const) {
    await enter(client, client.jid.local, '', `${name}@rooms.localhost`)
    assert.equal(told(client)[0], answer, name)
  }
  await romeo.send(`<presence to='b@rooms.localhost' type='unavailable'/>`)
  told(romeo)
  await enter(romeo, 'romeo', '', 'c@rooms.localhost')
  assert.equal(told(romeo)[0], 'romeo moderator 201,110', 'one that is gone makes space')
})

test('what the store could not take is answered with an error, and kept by the next change', async () => {
  using kept = place()
  {
    const { driver, fail } = failing(kept.open())
    await using local = await roomServer({ storage: driver })
    const romeo = await romeoInside(local, { persistentroom: '1' })
    fail(true)
    await administer(romeo, `<item affiliation='outcast' jid='tybalt@localhost'/>`)
    assert.deepEqual(told(romeo), ['tybalt@localhost outcast', 'error internal-server-error'])
    fail(false)
    await configure(romeo, { roomname: 'Balcony' })
    assert.deepEqual(told(romeo), ['result', 'status 104'])
  }
  await using local = await roomServer({ storage: kept.open() })
  const tybalt = await local.connect('tybalt@localhost/street')
  await enter(tybalt, 'tybalt')
  assert.deepEqual(told(tybalt), ['error forbidden'])
})

/** A database whose rooms cannot be written to while it is told to fail, as on a full disk. */
function failing(driver: Driver): { driver: Driver; fail: (isFailing: boolean) => void } {
  let isFailing = false
  return {
    fail: (now) => {
      isFailing = now
    },
    driver: {
      ...driver,
      collection: <V extends Value>(name: string) => {
        const collection = driver.collection<V>(name)
        return {
          ...collection,
          change: (owner: string, changes: ReadonlyMap<string, V | undefined>) =>
            isFailing ? Promise.reject(new Error('no space left')) : collection.change(owner, changes),
        }
      },
    },
  }
}
