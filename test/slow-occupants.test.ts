// Who does not read what a room says to it is let go, and the room goes on.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { muc } from '../src/extensions/muc/muc.ts'
import { standard } from '../src/extensions/standard/standard.ts'
import { jid } from '../src/jid/jid.ts'
import { createServer } from '../src/server/server.ts'
import { sqlite } from '../src/storage/sqlite.ts'
import { RawClient } from './raw-client.ts'

const room = 'room@rooms.localhost'
const unlimited = { perSecond: 0, burst: Number.MAX_SAFE_INTEGER }
const names = ['romeo', 'juliet', 'nurse']

async function startServer() {
  const server = createServer({
    storage: sqlite(':memory:'),
    hosts: { localhost: { extensions: standard }, 'rooms.localhost': { extensions: [muc] } },
    streamLimits: { bytes: unlimited, stanzas: unlimited, outputLimitBytes: 1024 * 1024 },
    policy: { requiresTls: false, allowsPlainWithoutTls: true },
  })
  await server.start()
  const accounts = server.host('localhost')?.accounts
  for (const name of names) await accounts?.create(jid(`${name}@localhost`), 'password')
  return server
}

function enter(client: RawClient, nick: string): Promise<string> {
  client.write(`<presence to='${room}/${nick}'><x xmlns='http://jabber.org/protocol/muc'/></presence>`)
  return client.until('<subject/></message>')
}

test('XEP-0045 §11.1: a client that does not read is removed with 333, and all others miss nothing', async (t) => {
  await using server = await startServer()
  const { port } = await server.listen({ kind: 'starttls', host: '127.0.0.1', port: 0 })
  const logIn = (user: string) => RawClient.login(t, port, { user, password: 'password' })
  const [romeo, juliet, nurse] = (await Promise.all(names.map(logIn))) as [RawClient, RawClient, RawClient]
  await enter(romeo, 'romeo')
  romeo.write(
    `<iq to='${room}' type='set' id='c'><query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'/></query></iq>`,
  )
  await romeo.until("id='c'")
  await enter(juliet, 'juliet')
  await enter(nurse, 'nurse')
  juliet.pause()
  const body = 'x'.repeat(50_000)
  let said = 0
  let isGone = false
  while (!isGone && said < 2000) {
    said += 1
    romeo.write(`<message to='${room}' type='groupchat' id='m${said}'><body>${body}</body></message>`)
    const heard = await romeo.until(new RegExp(`id='m${said}'[\\s\\S]*?</message>`))
    isGone = /\/juliet' type='unavailable'[\s\S]*code='333'/.test(heard + romeo.rest())
  }
  assert.ok(isGone, 'she was let go')
  romeo.write(`<message to='${room}' type='groupchat' id='last'><body>still here</body></message>`)
  const all = await nurse.until('still here')
  assert.match(
    all,
    /<presence to='nurse@localhost\/raw' from='room@rooms.localhost\/juliet' type='unavailable'/,
  )
  const heard = [...all.matchAll(/id='m(\d+)'/g)].map(([, number]) => Number(number))
  assert.deepEqual(
    heard,
    Array.from({ length: said }, (_, index) => index + 1),
  )
})
