import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { inMemoryServer } from '../../../test/in-memory.ts'
import type { MemoryClient } from '../../server/memory-client.ts'
import { sqlite } from '../../storage/sqlite.ts'
import { avatarHash } from './avatar-hash.ts'

const namespace = 'vcard-temp:x:update'
const picture = Buffer.from('a picture')
const hash = createHash('sha1').update(picture).digest('hex')

const start = (storage = sqlite(':memory:')) => inMemoryServer({ extensions: [avatarHash], storage })

const setPicture = (client: MemoryClient, bytes: Buffer | undefined) =>
  client.send(
    `<iq type='set' id='v'><vCard xmlns='vcard-temp'>${bytes ? `<PHOTO><BINVAL>${bytes.toString('base64')}</BINVAL></PHOTO>` : ''}</vCard></iq>`,
  )

/** What presence says of the picture, as others see it. */
async function shown(client: MemoryClient, inside = ''): Promise<string[]> {
  client.takeAll()
  await client.send(`<presence>${inside}</presence>`)
  const updates = client.takeAll()[0]?.elements('x', namespace) ?? []
  return updates.map((update) => update.child('photo', namespace)?.text ?? 'nothing')
}

test('XEP-0153 §2.1: presence says the hash of the picture, and that there is none', async () => {
  await using local = await start()
  const romeo = await local.connect('romeo@localhost/orchard')
  assert.deepEqual(await shown(romeo), [''])
  await setPicture(romeo, picture)
  assert.deepEqual(await shown(romeo), [hash])
  await setPicture(romeo, undefined)
  assert.deepEqual(await shown(romeo), [''])
})

test('XEP-0398 §4: what a client says of its picture stays; an update that says nothing is filled in', async () => {
  await using local = await start()
  const romeo = await local.connect('romeo@localhost/orchard')
  await setPicture(romeo, picture)
  assert.deepEqual(await shown(romeo, `<x xmlns='${namespace}'><photo>other</photo></x>`), ['other'])
  assert.deepEqual(await shown(romeo, `<x xmlns='${namespace}'/>`), [hash])
})

test('the hash is known after a restart', async () => {
  const storage = sqlite(':memory:')
  {
    await using local = await start({ ...storage, close: async () => {} })
    await setPicture(await local.connect('romeo@localhost/orchard'), picture)
  }
  await using local = await start(storage)
  assert.deepEqual(await shown(await local.connect('romeo@localhost/orchard')), [hash])
})
