// Balcony on the HTTP server of an app: what is the app's stays the app's, before, during and after.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer as createHttpServer, type Server as HttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { WebSocket, WebSocketServer } from 'ws'
import { ask, exchange } from '../../test/web.ts'
import { WebSocketClient } from '../../test/web-socket-client.ts'
import { disco } from '../extensions/disco/disco.ts'
import { webChat } from '../extensions/web-chat/web-chat.ts'
import { jid } from '../jid/jid.ts'
import { memory } from '../storage/sqlite.ts'
import { createServer } from './server.ts'

const upgrade = (path: string) =>
  `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`

/** An app that answers everything itself, and has a WebSocket of its own at /live that says what it hears. */
function appServer(t: TestContext, { hasWebSocket = true } = {}): HttpServer {
  const app = createHttpServer((request, response) => response.end(`app ${request.method} ${request.url}`))
  if (hasWebSocket) {
    const live = new WebSocketServer({ noServer: true })
    app.on('upgrade', (request, socket, head) => {
      if (request.url !== '/live') return socket.end('HTTP/1.1 418 \r\n\r\n')
      live.handleUpgrade(request, socket, head, (own) => own.on('message', (bytes) => own.send(bytes)))
    })
  }
  t.after(() => {
    app.close()
    app.closeAllConnections()
  })
  return app
}

async function stage(t: TestContext, app = appServer(t)) {
  const server = createServer({
    storage: memory(),
    hosts: { localhost: { extensions: [disco, webChat], options: { webChat: { path: '/chat' } } } },
  })
  t.after(() => server.close())
  await server.start()
  await server.host('localhost')?.accounts.create(jid('romeo@localhost'), 'secret')
  const undo = await server.attach(app)
  app.listen(0, '127.0.0.1')
  await once(app, 'listening')
  const { port } = app.address() as AddressInfo
  return { server, app, undo, port }
}

async function saidLive(port: number): Promise<string> {
  const live = new WebSocket(`ws://127.0.0.1:${port}/live`)
  await once(live, 'open')
  live.send('hello')
  const [bytes] = await once(live, 'message')
  live.close()
  return String(bytes)
}

test("the app's routes and WebSocket stay, Balcony's are beside them", async (t) => {
  const { port } = await stage(t)
  assert.equal((await ask(port, '/')).text, 'app GET /')
  assert.equal((await ask(port, '/chatting', { method: 'POST', body: 'x' })).text, 'app POST /chatting')
  assert.equal((await ask(port, '/xmpp-websocket/more')).text, 'app GET /xmpp-websocket/more')
  assert.equal(await saidLive(port), 'hello')
  assert.match(await exchange(port, upgrade('/other')), /^HTTP\/1\.1 418 /)
  assert.match((await ask(port, '/chat/')).text, /data-domain="localhost"/)
  assert.equal((await ask(port, '/chat')).headers.location, '/chat/')
  assert.equal((await ask(port, '/http-bind', { method: 'OPTIONS' })).text, '')
  const romeo = await WebSocketClient.online(t, port, 'romeo')
  assert.equal(romeo.webSocket.readyState, WebSocket.OPEN)
})

test('where the app takes no upgrades, one that is not for Balcony is refused and not left open', async (t) => {
  const { port } = await stage(t, appServer(t, { hasWebSocket: false }))
  assert.match(await exchange(port, upgrade('/other')), /^HTTP\/1\.1 404 /)
})

test('undone, the app is as it was; who is connected stays so', async (t) => {
  const { port, undo, app } = await stage(t)
  const romeo = await WebSocketClient.online(t, port, 'romeo')
  undo()
  assert.equal((await ask(port, '/chat/')).text, 'app GET /chat/')
  assert.equal((await ask(port, '/http-bind')).text, 'app GET /http-bind')
  assert.match(await exchange(port, upgrade('/xmpp-websocket')), /^HTTP\/1\.1 418 /)
  assert.equal(await saidLive(port), 'hello')
  assert.deepEqual([app.listenerCount('request'), app.listenerCount('upgrade')], [1, 1])
  romeo.send("<iq xmlns='jabber:client' type='get' id='i' to='localhost'><x xmlns='urn:example'/></iq>")
  assert.match(await romeo.next(), /id='i'/)
})

test('Balcony closed first: those connected hear a goodbye, the app goes on', async (t) => {
  const { port, server } = await stage(t)
  const romeo = await WebSocketClient.online(t, port, 'romeo')
  await server.close()
  let came = ''
  for (let message = await romeo.next(); message !== ''; message = await romeo.next())
    came = `${came}${message}`
  assert.match(came, /<system-shutdown /)
  assert.equal((await ask(port, '/')).text, 'app GET /')
  assert.equal(await saidLive(port), 'hello')
  assert.equal((await ask(port, '/chat/')).text, 'app GET /chat/')
  await assert.rejects(WebSocketClient.online(t, port, 'romeo'))
})

test('the app closed first: nobody new comes, who is connected stays until Balcony closes', async (t) => {
  const { port, server, app } = await stage(t)
  const romeo = await WebSocketClient.online(t, port, 'romeo')
  const closed = once(app, 'close')
  app.close()
  await assert.rejects(WebSocketClient.connect(t, port))
  romeo.send("<iq xmlns='jabber:client' type='get' id='i' to='localhost'><x xmlns='urn:example'/></iq>")
  assert.match(await romeo.next(), /id='i'/)
  await server.close()
  await closed
})
