// The web chat in a real browser, and the pictures of it in the documents: BALCONY_PICTURES=docs/images makes them anew.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { silentLog } from '../../src/base/log.ts'
import { jid } from '../../src/jid/jid.ts'
import { catalog } from '../../src/server/catalog.ts'
import { composeServer } from '../../src/server/compose.ts'
import { readConfig } from '../../src/server/read-config.ts'
import { memory } from '../../src/storage/sqlite.ts'
import { findChromium, startChromium } from '../chromium.ts'
import { WebChatter } from './web-chatter.ts'

const found = findChromium()
const skip = 'reason' in found ? found.reason : false
const picture = join(import.meta.dirname, '..', '..', 'docs', 'images', 'room.png')

/** A server as it is run, with two accounts whose passwords are their names; answers where its web chat is. */
async function served(t: TestContext, config: object = {}): Promise<string> {
  const server = composeServer(readConfig(config, catalog), { storage: memory(), log: silentLog })
  t.after(() => server.close())
  await server.start()
  for (const name of ['anna', 'bert'])
    await server.host('localhost')?.accounts.create(jid(`${name}@localhost`), name)
  const { port } = await server.listen({ kind: 'http', host: '127.0.0.1', port: 0 })
  return `http://localhost:${port}/`
}

async function show(chatter: WebChatter, name: string): Promise<void> {
  const folder = process.env.BALCONY_PICTURES
  if (folder) await chatter.picture(`${folder}/${name}.png`)
}

for (const [transport, query] of [
  ['WebSocket', ''],
  ['BOSH', '?bosh'],
] as const) {
  test(`Two people with browsers chat over ${transport}, meet in a room with a password, and see a picture`, {
    skip,
    timeout: 240_000,
  }, async (t) => {
    const url = `${await served(t)}${query}`
    const browser = await startChromium(t)
    const anna = await WebChatter.open(browser, url)
    const bert = await WebChatter.open(browser, url)
    if (query === '') await show(anna, 'web-log-in')
    await anna.logIn('anna', 'anna')
    await bert.logIn('bert', 'bert')

    await anna.chatWith('bert@localhost')
    await anna.say('chat', 'Is the lamp still burning?')
    await bert.chatWith('anna@localhost')
    await bert.sees('Is the lamp still burning?')
    await bert.say('chat', 'It is, come up!')
    await anna.sees('It is, come up!')

    await anna.enter('balcony')
    await anna.protectRoom('verona')
    await bert.comeToDoorOf('balcony')
    await bert.tryPassword('mantua')
    await bert.sees('the password is wrong')
    if (query === '') await show(bert, 'web-password')
    await bert.tryPassword('verona')
    await bert.say('room', 'There was a door.')
    await anna.sees('There was a door.')

    await anna.sendFile(picture)

    assert.match(await bert.seesPicture(), /^http:\/\/localhost:\d+\/upload\/[\w-]+\/room\.png$/)
    if (query === '') await show(bert, 'web-room')

    for (const { elsewhere, faults } of [anna, bert]) {
      assert.deepEqual(elsewhere, [], 'nothing is loaded from elsewhere')
      assert.deepEqual(faults, [])
    }
  })
}

test('A room link leads a guest straight to the door, and with the password inside', {
  skip,
  timeout: 240_000,
}, async (t) => {
  const url = await served(t, { extensions: { guests: true } })
  const browser = await startChromium(t)
  const anna = await WebChatter.open(browser, url)
  await anna.logIn('anna', 'anna')
  await anna.enter('balcony')
  await anna.protectRoom('verona')
  const guest = await WebChatter.open(browser, `${url}#balcony`)
  await guest.isAtDoor()
  await guest.tryPassword('verona')
  await guest.say('room', 'I am nobody.')
  await anna.sees('I am nobody.')
})
