// A test of a client library, here stanza, against a server in memory: nothing on disk, a free port, gone with the test.
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { type Agent, createClient } from 'stanza'
import { standard } from '../src/extensions/standard/standard.ts'
import { jid } from '../src/jid/jid.ts'
import { createServer } from '../src/server/server.ts'
import { memory } from '../src/storage/sqlite.ts'

/** A server with `names` as accounts; answers how to log in to it. */
async function balcony(t: TestContext, ...names: string[]) {
  const server = createServer({ storage: memory(), hosts: { localhost: { extensions: standard } } })
  t.after(() => server.close())
  await server.start()
  for (const name of names)
    await server.host('localhost')?.accounts.create(jid(`${name}@localhost`), 'secret')
  const { port } = await server.listen({ kind: 'http', host: '127.0.0.1', port: 0 })
  const transports = { websocket: `ws://127.0.0.1:${port}/xmpp-websocket`, bosh: false }
  const logIn = async (name: string): Promise<Agent> => {
    const agent = createClient({
      jid: `${name}@localhost`,
      password: 'secret',
      transports,
      autoReconnect: false,
    })
    t.after(() => agent.disconnect())
    const started = new Promise((resolve, reject) => {
      agent.on('session:started', resolve)
      agent.on('auth:failed', () => reject(new Error(`${name} could not log in`)))
    })
    agent.connect()
    await started
    agent.sendPresence()
    return agent
  }
  return { server, logIn }
}

test('two clients talk', async (t) => {
  const { logIn } = await balcony(t, 'romeo', 'juliet')
  const romeo = await logIn('romeo')
  const juliet = await logIn('juliet')
  const heard = new Promise((resolve) => juliet.on('message', ({ body }) => resolve(body)))
  romeo.sendMessage({ to: 'juliet@localhost', type: 'chat', body: 'It is my lady' })
  assert.equal(await heard, 'It is my lady')
})

test('a client notices that its account is gone', async (t) => {
  const { server, logIn } = await balcony(t, 'romeo')
  const romeo = await logIn('romeo')
  const noticed = new Promise((resolve) => romeo.on('disconnected', () => resolve('disconnected')))
  await server.host('localhost')?.accounts.remove(jid('romeo@localhost'))
  assert.equal(await noticed, 'disconnected')
})
