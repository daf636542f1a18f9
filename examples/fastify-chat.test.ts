// The chat in a Fastify app: the app's pages and users, Balcony's paths, and both end together.
import assert from 'node:assert/strict'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { createClient } from 'stanza'
import { ask } from '../test/web.ts'
import { WebSocketClient } from '../test/web-socket-client.ts'
import { chatApp } from './fastify-chat.ts'

async function started(t: TestContext) {
  const app = await chatApp(new Map([['anna', 'secret']]))
  t.after(() => app.close())
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  const client = (password: string) => {
    const transports = { websocket: `ws://127.0.0.1:${port}/xmpp-websocket`, bosh: false }
    const agent = createClient({ jid: 'anna@localhost', password, transports, autoReconnect: false })
    t.after(() => agent.disconnect())
    return agent
  }
  return { app, port, client }
}

test("the app's pages are where they were, the chat is beside them", async (t) => {
  const { port } = await started(t)
  assert.match((await ask(port, '/')).text, /^A shop/)
  assert.match((await ask(port, '/chat/')).text, /data-domain="localhost" data-rooms="rooms\.localhost"/)
  assert.equal((await ask(port, '/chat/chat/chat.js')).status, 200)
  assert.deepEqual(JSON.parse((await ask(port, '/none')).text).statusCode, 404)
})

test("the app's users log in with its passwords, and hear of what happens in the app", async (t) => {
  const { port, client } = await started(t)
  const stranger = client('a guess')
  const refused = new Promise((resolve) => stranger.on('auth:failed', () => resolve('refused')))
  stranger.connect()
  assert.equal(await refused, 'refused')
  const anna = client('secret')
  const isIn = new Promise((resolve) => anna.on('session:started', resolve))
  const heard = new Promise((resolve) => anna.on('message', ({ body }) => resolve(body)))
  anna.connect()
  await isIn
  anna.sendPresence()
  assert.equal((await ask(port, '/parcels/anna', { method: 'POST' })).status, 204)
  assert.equal(await heard, 'Your parcel is on its way')
})

test('who closes the app closes the chat, with a goodbye', { timeout: 60_000 }, async (t) => {
  const { app, port } = await started(t)
  const anna = await WebSocketClient.online(t, port, 'anna')
  await app.close()
  let came = ''
  for (let message = await anna.next(); message !== ''; message = await anna.next())
    came = `${came}${message}`
  assert.match(came, /<system-shutdown /)
  assert.match(came, /<close /)
  await assert.rejects(ask(port, '/'))
})
