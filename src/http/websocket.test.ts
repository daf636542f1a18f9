import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { ask, webServer } from '../../test/web.ts'
import { close, open, WebSocketClient } from '../../test/web-socket-client.ts'
import { ManualClock } from '../base/clock.ts'
import { streamManagement } from '../extensions/stream-management/stream-management.ts'
import { jid } from '../jid/jid.ts'
import type { ServerConfig } from '../server/server.ts'
import { StreamError } from '../stream/stream-error.ts'

const framing = "xmlns='urn:ietf:params:xml:ns:xmpp-framing'"

async function serverWithPeople(t: TestContext, config: Partial<ServerConfig> = {}) {
  const running = await webServer(t, config)
  const accounts = running.server.host('localhost')?.accounts
  for (const name of ['romeo', 'juliet']) await accounts?.create(jid(`${name}@localhost`), 'secret')
  return running
}

test('a stream opens, logs in, restarts and binds; every message is one element that stands alone (RFC 7395 §3)', async (t) => {
  const { port } = await serverWithPeople(t)
  const client = await WebSocketClient.connect(t, port)
  assert.equal(client.webSocket.protocol, 'xmpp')
  client.send(open())
  assert.match(
    await client.next(),
    /^<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' id='[^']+' from='localhost' version='1\.0' xml:lang='en'\/>$/,
  )
  assert.match(
    await client.next(),
    /^<stream:features xmlns:stream='http:\/\/etherx\.jabber\.org\/streams'>.*<mechanism>PLAIN<\/mechanism>/,
  )
  client.send("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AHJvbWVvAHNlY3JldA==</auth>")
  assert.match(await client.next(), /^<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'\/>$/)
  client.send(open())
  assert.match(await client.next(), /^<open /)
  assert.match(await client.next(), /^<stream:features .*<bind /)
  client.send(
    "<iq xmlns='jabber:client' type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>web</resource></bind></iq>",
  )
  assert.match(await client.next(), /^<iq xmlns='jabber:client' type='result' id='b'>.*romeo@localhost\/web/)
})

test('stanzas go both ways, to and from clients elsewhere', async (t) => {
  const { server, port } = await serverWithPeople(t)
  const romeo = await WebSocketClient.online(t, port, 'romeo')
  const juliet = await server.connect('juliet@localhost/balcony')
  romeo.send(
    "<message xmlns='jabber:client' to='juliet@localhost/balcony' type='chat'><body>é 🌹</body></message>",
  )
  assert.equal((await juliet.receive())?.child('body', 'jabber:client')?.text, 'é 🌹')
  await juliet.send(
    `<message to='romeo@localhost/web' type='chat'><body>${'x'.repeat(70_000)}</body></message>`,
  )
  assert.equal(
    await romeo.next(),
    `<message xmlns='jabber:client' to='romeo@localhost/web' from='juliet@localhost/balcony' type='chat'><body>${'x'.repeat(70_000)}</body></message>`,
  )
  for (const length of [1, 50, 60, 126, 200]) {
    await juliet.send(
      `<message to='romeo@localhost/web' type='chat'><body>${'y'.repeat(length)}</body></message>`,
    )
    assert.match(await romeo.next(), new RegExp(`<body>y{${length}}</body></message>$`))
  }
})

test('either side closes: the stream first, then the connection (RFC 7395 §3.6)', async (t) => {
  const { server, port } = await serverWithPeople(t)
  const romeo = await WebSocketClient.online(t, port, 'romeo')
  romeo.send(close)
  assert.equal(await romeo.next(), `<close ${framing}/>`)
  assert.equal(await romeo.closed, 1000)

  const juliet = await WebSocketClient.online(t, port, 'juliet', { answersClose: false })
  const closing = server.close()
  assert.match(await juliet.next(), /^<stream:error xmlns:stream='[^']*'><system-shutdown /)
  assert.equal(await juliet.next(), `<close ${framing}/>`)
  assert.equal(juliet.webSocket.readyState, juliet.webSocket.OPEN)
  juliet.send(close)
  assert.equal(await juliet.closed, 1000)
  await closing
})

test('who comes back while the server ends is not let in, and does not keep it from ending', async (t) => {
  const { server, port } = await serverWithPeople(t)
  const juliet = await WebSocketClient.online(t, port, 'juliet', { answersClose: false })
  const closing = server.close()
  await juliet.next()
  await assert.rejects(WebSocketClient.connect(t, port), /503/)
  juliet.send(close)
  await closing
})

test('a client is sent to another place (RFC 7395 §3.6.1)', async (t) => {
  const { server, port } = await serverWithPeople(t)
  const romeo = await WebSocketClient.online(t, port, 'romeo')
  const session = server.host('localhost')?.loaded.get('romeo')?.sessionsByResource.get('web')
  session?.close(new StreamError('see-other-host', '', { address: 'wss://other.example/?a&b' }))
  assert.equal(await romeo.next(), `<close ${framing} see-other-uri='wss://other.example/?a&amp;b'/>`)
  romeo.send(close)
  assert.equal(await romeo.closed, 1000)
})

test('what is no message of one element ends the stream with an error (RFC 7395 §3.3)', async (t) => {
  const { port } = await serverWithPeople(t)
  const faults: Readonly<Record<string, string>> = {
    " <presence xmlns='jabber:client'/>": 'bad-format',
    "<?xml version='1.0'?><presence xmlns='jabber:client'/><x/>": 'not-well-formed',
    "<presence xmlns='jabber:client'/><presence xmlns='jabber:client'/>": 'not-well-formed',
    "<presence xmlns='jabber:client'/><": 'not-well-formed',
    "<presence xmlns='jabber:client'>": 'not-well-formed',
    '</stream:stream>': 'not-well-formed',
    '<!-- -->': 'restricted-xml',
    '<!DOCTYPE a>': 'restricted-xml',
    '<presence/>': 'unsupported-stanza-type',
    "<stream:presence xmlns='jabber:client'/>": 'not-well-formed',
    [`<other ${framing}/>`]: 'unsupported-stanza-type',
    [open()]: 'bad-format',
    "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='localhost' version='1.0'/>":
      'unsupported-stanza-type',
    '': 'bad-format',
  }
  for (const [message, condition] of Object.entries(faults)) {
    const client = await WebSocketClient.online(t, port, 'romeo')
    client.send(message)
    if (message === '') client.send('x')
    const before = await client.next()
    // The first of two elements may have had its effect.
    const error = before.startsWith('<stream:error') ? before : await client.next()
    assert.match(error, new RegExp(`<${condition} `), message)
    assert.equal(await client.next(), `<close ${framing}/>`)
  }
})

test('a stream begins with <open/>, for a domain that is served, and in text (RFC 7395 §3.2, §3.4)', async (t) => {
  const { port } = await serverWithPeople(t)
  const stranger = await WebSocketClient.connect(t, port)
  stranger.send("<presence xmlns='jabber:client'/>")
  assert.match(await stranger.next(), /^<open /)
  assert.match(await stranger.next(), /<bad-format /)
  const lost = await WebSocketClient.connect(t, port)
  lost.send(open('elsewhere.example'))
  assert.match(await lost.next(), /^<open /)
  assert.match(await lost.next(), /<host-unknown /)
  const binary = await WebSocketClient.connect(t, port)
  binary.send(Buffer.from(open()))
  assert.equal(await binary.closed, 1003)
})

test('who does not speak XMPP, or comes from a foreign page, is not let in (RFC 7395 §3.1, RFC 6455 §10.2)', async (t) => {
  const { port } = await serverWithPeople(t, {
    web: { origins: ['https://chat.example', 'https://UPPER.example/'] },
  })
  const connect = (options: object) => WebSocketClient.connect(t, port, options)
  const from = (origin: string) => connect({ headers: { origin } })
  await assert.rejects(connect({ protocols: [] }), /400/)
  await assert.rejects(connect({ protocols: ['mqtt'] }), /400/)
  assert.equal((await connect({ protocols: ['mqtt', 'xmpp'] })).webSocket.protocol, 'xmpp')
  await assert.rejects(connect({ path: '/xmpp-websocket/' }), /404/)
  for (const origin of [
    'https://evil.example',
    'http://localhost',
    'null',
    '',
    `http://localhost:${port}.evil.example`,
  ])
    await assert.rejects(from(origin), /403/, origin)
  await connect({ headers: { origin: 'https://a.example', host: 'a.example:443' } })
  for (const origin of [`http://localhost:${port}`, 'https://chat.example', 'https://upper.example'])
    await from(origin)
  const { status, headers } = await ask(port, '/xmpp-websocket')
  assert.deepEqual([status, headers.upgrade], [426, 'websocket'])
  const open = await serverWithPeople(t, { web: { origins: ['*'] } })
  await WebSocketClient.connect(t, open.port, { headers: { origin: 'null' } })
})

test('a message too large is refused, before log-in sooner, in however many fragments it comes', async (t) => {
  const { port } = await serverWithPeople(t)
  const romeo = await WebSocketClient.online(t, port, 'romeo')
  romeo.send(
    `<message xmlns='jabber:client' to='juliet@localhost'><body>${'x'.repeat(257 * 1024)}</body></message>`,
  )
  assert.match(await romeo.next(), /<policy-violation /)
  const greedy = await WebSocketClient.online(t, port, 'romeo')
  greedy.send(Buffer.alloc(300 * 1024, 'x').toString())
  assert.equal(await greedy.closed, 1009)
  const splitting = await WebSocketClient.online(t, port, 'romeo')
  for (let index = 0; index <= 1024; index += 1) splitting.webSocket.send('x', { fin: false })
  assert.equal(await splitting.closed, 1008)
  const stranger = await WebSocketClient.connect(t, port)
  stranger.send(`<open xmlns='urn:x' a='${'x'.repeat(11 * 1024)}'/>`)
  await stranger.next()
  assert.match(await stranger.next(), /<policy-violation /)
  const slow = await WebSocketClient.connect(t, port)
  const interval = setInterval(() => slow.webSocket.send('x'.repeat(8 * 1024), { fin: false }), 1)
  t.after(() => clearInterval(interval))
  assert.equal(await slow.closed, 1009)
})

test('nothing is compressed (RFC 7692)', async (t) => {
  const { port } = await serverWithPeople(t)
  const client = await WebSocketClient.connect(t, port, {
    headers: { 'Sec-WebSocket-Extensions': 'permessage-deflate; client_max_window_bits' },
  })
  assert.equal(client.webSocket.extensions, '')
})

test('a ping is answered, a flood of them ends the connection; a quiet client is asked whether it is there (RFC 6455 §5.5.2)', async (t) => {
  const clock = new ManualClock()
  const { port } = await serverWithPeople(t, { clock })
  const romeo = await WebSocketClient.online(t, port, 'romeo')
  romeo.webSocket.ping('here?')
  assert.equal(String((await once(romeo.webSocket, 'pong'))[0]), 'here?')
  const asked = once(romeo.webSocket, 'ping')
  for (let second = 0; second < 60; second += 1) clock.advance(1000)
  await asked
  for (let count = 0; count < 50; count += 1) romeo.webSocket.ping()
  assert.equal(await romeo.closed, 1008)
})

test('a lost session is resumed over another connection (XEP-0198 §5)', async (t) => {
  const hosts = { localhost: { extensions: [streamManagement] } }
  const { server, port } = await serverWithPeople(t, { hosts })
  const romeo = await WebSocketClient.online(t, port, 'romeo')
  romeo.send("<enable xmlns='urn:xmpp:sm:3' resume='true'/>")
  const id = /id='([^']+)'/.exec(await romeo.next())?.[1]
  romeo.webSocket.terminate()
  await romeo.closed
  const juliet = await server.connect('juliet@localhost/balcony')
  await juliet.send("<message to='romeo@localhost/web' type='chat'><body>missed</body></message>")
  const again = await WebSocketClient.connect(t, port)
  await again.authenticate('romeo')
  again.send(`<resume xmlns='urn:xmpp:sm:3' previd='${id}' h='0'/>`)
  assert.match(await again.next(), /^<resumed /)
  assert.match(await again.next(), /<body>missed<\/body>/)
})

test('who comes through a proxy in clear is not let log in; over TLS, here or there, he is (RFC 7590)', async (t) => {
  const { port, server } = await serverWithPeople(t)
  const features = async (client: WebSocketClient) => {
    client.send(open())
    await client.next()
    return client.next()
  }
  const through = (proto: string) =>
    WebSocketClient.connect(t, port, {
      headers: { 'X-Forwarded-For': '203.0.113.7', 'X-Forwarded-Proto': proto },
    })
  assert.doesNotMatch(await features(await through('http')), /mechanism/)
  assert.match(await features(await through('https')), /PLAIN/)
  const fixture = (name: string) => readFileSync(new URL(`../../test/fixtures/tls/${name}`, import.meta.url))
  const certificate = fixture('localhost.crt')
  server.setTls('localhost', { key: fixture('localhost.key'), cert: certificate })
  const secure = await server.listen({ kind: 'https', host: '127.0.0.1', port: 0 })
  const client = await WebSocketClient.connect(t, secure.port, { scheme: 'wss', ca: certificate })
  assert.match(await features(client), /PLAIN/)
})

test('connections count with all others, by the address behind a trusted proxy', async (t) => {
  const { port } = await serverWithPeople(t, { streamLimits: { connectionsPerAddress: 2 } })
  const from = (address: string) =>
    WebSocketClient.connect(t, port, {
      headers: { 'X-Forwarded-For': address, 'X-Forwarded-Proto': 'https' },
    })
  await from('203.0.113.1')
  const second = await from('203.0.113.1')
  await assert.rejects(from('203.0.113.1'), /503/)
  await from('203.0.113.2')
  second.webSocket.terminate()
  await second.closed
  await from('203.0.113.1')
})

test('on the server of an app WebSocket is served beside what the app serves', async (t) => {
  const { server } = await serverWithPeople(t)
  const app = createHttpServer((_request, response) => response.end('app'))
  t.after(() => app.close())
  await server.attach(app)
  app.listen(0, '127.0.0.1')
  await once(app, 'listening')
  const { port } = app.address() as AddressInfo
  await WebSocketClient.online(t, port, 'romeo')
  assert.equal((await ask(port, '/')).text, 'app')
})
