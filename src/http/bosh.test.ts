import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { type TestContext, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { type BodyAttributes, BoshClient } from '../../test/bosh-client.ts'
import { ask, webServer } from '../../test/web.ts'
import { ManualClock } from '../base/clock.ts'
import { streamManagement } from '../extensions/stream-management/stream-management.ts'
import { jid } from '../jid/jid.ts'
import type { ServerConfig } from '../server/server.ts'

async function serverWithPeople(t: TestContext, config: Partial<ServerConfig> = {}) {
  const clock = new ManualClock()
  const running = await webServer(t, { clock, ...config })
  const accounts = running.server.host('localhost')?.accounts
  for (const name of ['romeo', 'juliet']) await accounts?.create(jid(`${name}@localhost`), 'secret')
  const sessions = () => running.server.host('localhost')?.loaded.get('romeo')?.sessionsByResource
  return { ...running, clock, isOnline: () => sessions()?.get('web')?.isConnected === true }
}

const message = (text: string) =>
  `<message xmlns='jabber:client' to='romeo@localhost/web' type='chat'><body>${text}</body></message>`
/** Lets requests that were sent arrive. */
const arrived = async () => {
  for (let turn = 0; turn < 30; turn += 1) await setImmediate()
  await new Promise((resolve) => setTimeout(resolve, 20))
}

test('a session is made, logs in, restarts its stream and binds (XEP-0124 §7, XEP-0206 §4, §5)', async (t) => {
  const { port } = await serverWithPeople(t)
  const client = new BoshClient(port)
  const { attributes, payload, headers } = await client.open({
    wait: 300,
    hold: 1,
    ver: '1.99',
    'xml:lang': 'de',
  })
  assert.equal(headers['content-type'], 'text/xml; charset=utf-8')
  const { sid, authid, ...others } = attributes
  assert.ok((sid?.length ?? 0) >= 16 && authid !== undefined && sid !== authid)
  assert.deepEqual(others, {
    wait: '60',
    requests: '2',
    hold: '1',
    inactivity: '60',
    polling: '2',
    maxpause: '100',
    ver: '1.11',
    from: 'localhost',
    '{urn:xmpp:xbosh}version': '1.0',
    '{urn:xmpp:xbosh}restartlogic': 'true',
  })
  assert.match(
    payload,
    /^<stream:features xmlns:stream='http:\/\/etherx\.jabber\.org\/streams'>.*<mechanism>PLAIN</,
  )
  const { payload: success } = await client.send(
    "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AHJvbWVvAHNlY3JldA==</auth>",
  )
  assert.equal(success, "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>")
  const restarted = await client.send(message('not looked at'), { 'xmpp:restart': 'true', to: 'localhost' })
  assert.match(restarted.payload, /^<stream:features .*<bind /)
  const bound = await client.send(
    "<iq xmlns='jabber:client' type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>web</resource></bind></iq>",
  )
  assert.match(bound.payload, /^<iq xmlns='jabber:client' type='result' id='b'>.*romeo@localhost\/web/)
})

test('what the client may ask for is bounded; what it does not ask for is usual', async (t) => {
  const { port } = await serverWithPeople(t)
  const asked = await new BoshClient(port).open({ wait: 10, hold: 9, ver: '1.5', ack: 1 })
  const { wait, hold, requests, ver, ack } = asked.attributes
  assert.deepEqual(
    { wait, hold, requests, ver, ack },
    { wait: '10', hold: '1', requests: '2', ver: '1.5', ack: '1000000' },
  )
  const silent = await new BoshClient(port).open({ wait: undefined, hold: undefined })
  assert.deepEqual(
    [silent.attributes.wait, silent.attributes.hold, silent.attributes.ack],
    ['60', '1', undefined],
  )
})

test('a request is held until there is something to say, or the time is over (XEP-0124 §8)', async (t) => {
  const { port, clock, server } = await serverWithPeople(t)
  const juliet = await server.connect('juliet@localhost/balcony')
  const romeo = new BoshClient(port)
  await romeo.online('romeo', { wait: 20 })
  const held = romeo.send('')
  await arrived()
  await juliet.send(message('hello'))
  assert.match((await held).payload, /<body>hello<\/body>/)
  let isAnswered = false
  const empty = romeo.send('').finally(() => {
    isAnswered = true
  })
  await arrived()
  clock.advance(19_000)
  await arrived()
  assert.equal(isAnswered, false)
  clock.advance(1_000)
  assert.equal((await empty).text, "<body xmlns='http://jabber.org/protocol/httpbind'/>")
})

test('a request that brings something releases the one that is held (XEP-0124 §4, §8)', async (t) => {
  const { port, server } = await serverWithPeople(t)
  const juliet = await server.connect('juliet@localhost/balcony')
  const romeo = new BoshClient(port)
  await romeo.online('romeo')
  const held = romeo.send('')
  await arrived()
  const next = romeo.send(
    "<message xmlns='jabber:client' to='juliet@localhost/balcony'><body>1</body></message>",
  )
  assert.equal((await held).payload, '')
  assert.equal((await juliet.receive())?.child('body', 'jabber:client')?.text, '1')
  await juliet.send(message('2'))
  assert.match((await next).payload, /<body>2<\/body>/)
})

test('requests are dealt with, and answered, in the order of their ids (XEP-0124 §14.2)', async (t) => {
  const { port, server } = await serverWithPeople(t)
  const juliet = await server.connect('juliet@localhost/balcony')
  const romeo = new BoshClient(port)
  await romeo.online('romeo')
  const to = (text: string) =>
    `<message xmlns='jabber:client' to='juliet@localhost/balcony'><body>${text}</body></message>`
  const first = romeo.rid
  const second = romeo.send(to('2'), { rid: first + 1 })
  await arrived()
  assert.deepEqual(juliet.takeAll(), [])
  assert.equal((await romeo.send(to('1'), { rid: first })).payload, '')
  await arrived()
  assert.deepEqual(
    juliet.takeAll().map((stanza) => stanza.child('body', 'jabber:client')?.text),
    ['1', '2'],
  )
  await juliet.send(message('a'))
  assert.match((await second).payload, /<body>a</)
})

test('a request that comes again gets the same answer, and has no further effect (XEP-0124 §14.3)', async (t) => {
  const { port, server } = await serverWithPeople(t)
  const juliet = await server.connect('juliet@localhost/balcony')
  const romeo = new BoshClient(port)
  await romeo.online('romeo')
  const rid = romeo.rid
  const text = romeo.write(
    "<iq xmlns='jabber:client' type='get' id='p' to='localhost'><x xmlns='urn:x'/></iq><message xmlns='jabber:client' to='juliet@localhost/balcony'><body>once</body></message>",
    { rid },
  )
  romeo.rid += 1
  const answer = await romeo.post(text)
  assert.match(answer.payload, /service-unavailable/)
  assert.equal((await romeo.post(text)).text, answer.text)
  assert.equal((await romeo.post(text)).text, answer.text)
  assert.equal(juliet.takeAll().length, 1)
  // Long gone.
  for (let more = 0; more < 4; more += 1)
    await romeo.send("<iq xmlns='jabber:client' type='get' id='p' to='localhost'><x xmlns='urn:x'/></iq>")
  const { attributes } = await romeo.post(text)
  assert.deepEqual([attributes.type, attributes.condition], ['terminate', 'item-not-found'])
})

test('the same answer is not given for ever (XEP-0124 §14.3)', async (t) => {
  const { port, isOnline } = await serverWithPeople(t)
  const romeo = new BoshClient(port)
  await romeo.online('romeo')
  const rid = romeo.rid - 1
  for (let again = 0; again < 10; again += 1) assert.match((await romeo.send('', { rid })).payload, /<iq /)
  assert.equal((await romeo.send('', { rid })).attributes.condition, 'policy-violation')
  await arrived()
  assert.equal(isOnline(), false)
})

test('of a request that comes twice while it is held the later one is answered, the other recovers (XEP-0124 §17.3)', async (t) => {
  const { port, server } = await serverWithPeople(t)
  const juliet = await server.connect('juliet@localhost/balcony')
  const romeo = new BoshClient(port)
  await romeo.online('romeo')
  const { rid } = romeo
  const before = romeo.send('', { rid })
  await arrived()
  const after = romeo.send('', { rid })
  assert.equal((await before).attributes.type, 'error')
  await juliet.send(message('hello'))
  assert.match((await after).payload, /<body>hello</)
})

test('what was said to a connection that had gone is said again to who asks (XEP-0124 §14.3)', async (t) => {
  const { port, server } = await serverWithPeople(t)
  const juliet = await server.connect('juliet@localhost/balcony')
  const romeo = new BoshClient(port)
  await romeo.online('romeo')
  const { rid } = romeo
  const gone = new AbortController()
  const lost = fetch(`http://127.0.0.1:${port}/http-bind`, {
    method: 'POST',
    body: romeo.write('', { rid }),
    signal: gone.signal,
  })
  await arrived()
  gone.abort()
  await assert.rejects(lost)
  await arrived()
  await juliet.send(message('still here'))
  assert.match((await romeo.send('', { rid })).payload, /<body>still here</)
})

test('an id beyond the window, or before it, ends the session (XEP-0124 §14.2)', async (t) => {
  const { port } = await serverWithPeople(t)
  for (const step of [5, 1_000_000, -50]) {
    const romeo = new BoshClient(port)
    await romeo.online('romeo')
    const { attributes } = await romeo.send('', { rid: romeo.rid + step })
    assert.deepEqual(attributes, { type: 'terminate', condition: 'item-not-found' })
    assert.equal((await romeo.send('')).attributes.condition, 'item-not-found')
  }
})

test('a session that does not exist is not found; old clients are told by HTTP (XEP-0124 §17.1)', async (t) => {
  const { port } = await serverWithPeople(t)
  const stranger = new BoshClient(port)
  stranger.sid = 'guessed'
  const { status, attributes } = await stranger.send('')
  assert.deepEqual([status, attributes], [200, { type: 'terminate', condition: 'item-not-found' }])
  const old = new BoshClient(port)
  assert.equal((await old.open({ ver: undefined })).attributes.ver, undefined)
  assert.equal((await old.send('', { rid: 5 })).status, 404)
})

test('a client pauses, and is let go when it does not come back in time (XEP-0124 §10)', async (t) => {
  const { port, server, clock, isOnline } = await serverWithPeople(t)
  const juliet = await server.connect('juliet@localhost/balcony')
  const romeo = new BoshClient(port)
  await romeo.online('romeo')
  const held = romeo.send('')
  await arrived()
  const paused = await romeo.send('', { pause: 90 })
  assert.deepEqual([(await held).payload, paused.payload], ['', ''])
  await juliet.send(message('meanwhile'))
  clock.advance(85_000)
  assert.equal(isOnline(), true)
  assert.match((await romeo.send('')).payload, /<body>meanwhile</)
  clock.advance(55_000)
  assert.equal(isOnline(), true)
  clock.advance(10_000)
  await arrived()
  assert.equal(isOnline(), false)
  assert.equal((await romeo.send('')).attributes.condition, 'item-not-found')
  const greedy = new BoshClient(port)
  await greedy.online('romeo')
  assert.equal((await greedy.send('', { pause: 3600 })).attributes.condition, 'policy-violation')
})

test('a client that asks too much at a time, or too often, is let go (XEP-0124 §11)', async (t) => {
  const { port } = await serverWithPeople(t)
  const busy = new BoshClient(port)
  await busy.online('romeo')
  const answers = await Promise.all([
    busy.send('', { rid: busy.rid + 1 }),
    busy.send('', { rid: busy.rid + 2 }),
    busy.send('', { rid: busy.rid }),
  ])
  assert.ok(
    answers.some(
      ({ attributes }) =>
        attributes.condition === 'policy-violation' || attributes.condition === 'item-not-found',
    ),
  )
  const hasty = new BoshClient(port)
  await hasty.online('romeo')
  const held = hasty.send('')
  await arrived()
  await hasty.send('')
  assert.equal((await held).attributes.condition, 'policy-violation')
})

test('a client that cannot hold requests polls, but not too often (XEP-0124 §12)', async (t) => {
  const { port, server, clock } = await serverWithPeople(t)
  const juliet = await server.connect('juliet@localhost/balcony')
  const romeo = new BoshClient(port)
  const { attributes } = await romeo.open({ wait: 0, hold: 1 })
  assert.deepEqual([attributes.wait, attributes.inactivity, attributes.polling], ['0', '120', '2'])
  const poll = async (payload = '', more = {}) => {
    await arrived()
    clock.advance(3_000)
    return romeo.send(payload, more)
  }
  let came = (
    await poll("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AHJvbWVvAHNlY3JldA==</auth>")
  ).payload
  while (!came.includes('<success')) came += (await poll()).payload
  came = (await poll('', { 'xmpp:restart': 'true' })).payload
  while (!came.includes('<bind')) came += (await poll()).payload
  came = (
    await poll(
      "<iq xmlns='jabber:client' type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>web</resource></bind></iq>",
    )
  ).payload
  while (!came.includes('romeo@localhost/web')) came += (await poll()).payload
  assert.equal((await poll()).payload, '')
  await juliet.send(message('hello'))
  assert.match((await poll()).payload, /<body>hello</)
  assert.equal((await romeo.send('')).payload, '')
  assert.equal((await romeo.send('')).attributes.condition, 'policy-violation')
})

test('a client ends its session, with something to say at last (XEP-0124 §13)', async (t) => {
  const { port, server, isOnline } = await serverWithPeople(t)
  const juliet = await server.connect('juliet@localhost/balcony')
  const romeo = new BoshClient(port)
  await romeo.online('romeo')
  const held = romeo.send('')
  await arrived()
  const last = romeo.send(
    "<message xmlns='jabber:client' to='juliet@localhost/balcony'><body>bye</body></message>",
    { type: 'terminate' },
  )
  assert.equal((await held).attributes.type, 'terminate')
  assert.equal((await last).text, "<body xmlns='http://jabber.org/protocol/httpbind'/>")
  assert.equal((await juliet.receive())?.child('body', 'jabber:client')?.text, 'bye')
  await arrived()
  assert.equal(isOnline(), false)
})

test('a stream error ends the session and is told with it (XEP-0206 §6, XEP-0124 §17.2)', async (t) => {
  const { port, server } = await serverWithPeople(t)
  const romeo = new BoshClient(port)
  await romeo.online('romeo')
  const { attributes, payload } = await romeo.send("<nonsense xmlns='urn:x'/>")
  assert.deepEqual(attributes, { type: 'terminate', condition: 'remote-stream-error' })
  assert.match(payload, /^<stream:error xmlns:stream='[^']+'><unsupported-stanza-type /)
  const lost = await new BoshClient(port).open({ to: 'elsewhere.example' })
  assert.deepEqual([lost.attributes.type, lost.attributes.condition], ['terminate', 'host-unknown'])
  for (const to of [undefined, ''])
    assert.equal((await new BoshClient(port).open({ to })).attributes.condition, 'improper-addressing')
  const juliet = new BoshClient(port)
  await juliet.online('juliet')
  const held = juliet.send('')
  await arrived()
  const closing = server.close()
  assert.match((await held).payload, /<system-shutdown /)
  await closing
})

test('what is no <body/> of XEP-0124 §5, or of its time, is refused', async (t) => {
  const { port } = await serverWithPeople(t)
  const client = new BoshClient(port)
  const binding = "xmlns='http://jabber.org/protocol/httpbind'"
  const wrong = [
    '',
    'x',
    '<body/>',
    `<body ${binding}/>`,
    `<body ${binding} rid='-1' to='localhost'/>`,
    `<body ${binding} rid='9007199254740992' to='localhost'/>`,
    `<body ${binding} rid='1' to='localhost'>text</body>`,
    `<body ${binding} rid='1' to='localhost'><!-- --></body>`,
    `<body ${binding} rid='1' to='localhost'><a></body>`,
    `<!DOCTYPE a><body ${binding} rid='1' to='localhost'/>`,
    `<body ${binding} rid='1e3' to='localhost'/>`,
    `<other ${binding} rid='1' to='localhost'/>`,
    `<body ${binding} rid='1' to='localhost' content='text/html\r\nx: y'/>`,
    `<body ${binding} rid='1' to='localhost' content='application/javascript'/>`,
  ]
  for (const text of wrong) assert.equal((await client.post(text)).attributes.condition, 'bad-request', text)
  const long = client.write(
    `<message xmlns='jabber:client'><body>${'x'.repeat(300 * 1024)}</body></message>`,
    { rid: 1, to: 'localhost' },
  )
  assert.equal((await client.post(long)).status, 413)
  const stranger = new BoshClient(port)
  await stranger.open()
  const { payload } = await stranger.send(
    `<message xmlns='jabber:client'><body>${'x'.repeat(20 * 1024)}</body></message>`,
  )
  assert.match(payload, /<policy-violation /)
})

test('keys show that requests are from who began the session (XEP-0124 §15)', async (t) => {
  const { port } = await serverWithPeople(t)
  const sha1 = (text: string) => createHash('sha1').update(text).digest('hex')
  const keys = ['seed']
  for (let count = 0; count < 4; count += 1) keys.unshift(sha1(keys[0] as string))
  const client = new BoshClient(port)
  await client.open({ newkey: keys[0]?.toUpperCase() })
  const ask = (attributes: BodyAttributes) =>
    client.send("<x xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>", attributes)
  const auth = "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AHJvbWVvAHdyb25n</auth>"
  assert.match((await client.send(auth, { key: keys[1] })).payload, /not-authorized/)
  const other = sha1('other')
  assert.match((await client.send(auth, { key: keys[2], newkey: sha1(other) })).payload, /not-authorized/)
  assert.match((await client.send(auth, { key: other })).payload, /not-authorized/)
  assert.equal((await ask({ key: keys[3] })).attributes.condition, 'item-not-found')
  const without = new BoshClient(port)
  await without.open({ newkey: keys[0] })
  assert.equal((await without.send(auth)).attributes.condition, 'item-not-found')
})

test('acknowledgements tell of answers that were lost (XEP-0124 §9)', async (t) => {
  const { port, clock } = await serverWithPeople(t)
  const romeo = new BoshClient(port)
  await romeo.online('romeo', { ack: 1 })
  const { rid } = romeo
  await romeo.send("<iq xmlns='jabber:client' type='get' id='p' to='localhost'><x xmlns='urn:x'/></iq>")
  clock.advance(700)
  const { attributes } = await romeo.send('', { ack: rid - 1 })
  assert.deepEqual(attributes, { report: String(rid), time: '700' })
  const held = romeo.send('')
  await arrived()
  const next = romeo.send("<message xmlns='jabber:client' to='juliet@localhost'/>")
  assert.equal((await held).attributes.ack, String(romeo.rid - 1))
  await romeo.send('', { type: 'terminate' })
  await next
})

test('old clients leave out the namespace of stanzas, and may ask for another content type', async (t) => {
  const { port, server } = await serverWithPeople(t)
  const juliet = await server.connect('juliet@localhost/balcony')
  const romeo = new BoshClient(port)
  await romeo.online('romeo', { content: 'text/plain; charset=utf-8', 'xmpp:version': undefined })
  const answer = await romeo.send(
    "<message to='juliet@localhost/balcony'><body>old</body></message><iq type='get' id='p' to='localhost'><x xmlns='urn:x'/></iq>",
  )
  assert.equal(answer.headers['content-type'], 'text/plain; charset=utf-8')
  assert.equal(answer.headers['x-content-type-options'], 'nosniff')
  assert.equal((await juliet.receive())?.child('body', 'jabber:client')?.text, 'old')
})

test('a lost session is resumed in another one (XEP-0198 §5)', async (t) => {
  const { port, server, clock } = await serverWithPeople(t, {
    hosts: { localhost: { extensions: [streamManagement] } },
  })
  const romeo = new BoshClient(port)
  await romeo.online('romeo')
  const enabled = await romeo.send("<enable xmlns='urn:xmpp:sm:3' resume='true'/>")
  const id = /id='([^']+)'/.exec(enabled.payload)?.[1]
  clock.advance(61_000)
  await arrived()
  const juliet = await server.connect('juliet@localhost/balcony')
  await juliet.send(message('missed'))
  const again = new BoshClient(port)
  await again.open()
  await again.authenticate('romeo')
  const { payload } = await again.send(`<resume xmlns='urn:xmpp:sm:3' previd='${id}' h='0'/>`)
  assert.match(payload, /^<resumed .*<body>missed<\/body>/)
})

test('pages of other hosts do not get in, those that are named do (CORS)', async (t) => {
  const { port } = await serverWithPeople(t, { web: { origins: ['https://chat.example'] } })
  const from = (origin: string, method = 'POST') =>
    ask(port, '/http-bind', { method, headers: { origin, 'access-control-request-method': 'POST' } })
  assert.equal((await from('https://evil.example')).status, 403)
  assert.equal((await from('null', 'OPTIONS')).status, 403)
  const { status, headers } = await from('https://chat.example', 'OPTIONS')
  assert.equal(status, 200)
  assert.equal(headers['access-control-allow-origin'], 'https://chat.example')
  assert.equal(headers['access-control-allow-headers'], 'Content-Type')
  assert.equal(
    (await from('https://chat.example')).headers['access-control-allow-origin'],
    'https://chat.example',
  )
  assert.equal((await from(`http://127.0.0.1:${port}`)).status, 200)
  assert.equal((await ask(port, '/http-bind')).status, 405)
})

test('a session begun over TLS is not spoken to in clear, and not ended by who tries (XEP-0124 §19.2)', async (t) => {
  const { port, isOnline } = await serverWithPeople(t)
  const romeo = new BoshClient(port, { 'x-forwarded-for': '203.0.113.7', 'x-forwarded-proto': 'https' })
  await romeo.online('romeo')
  const thief = new BoshClient(port, { 'x-forwarded-for': '203.0.113.9', 'x-forwarded-proto': 'http' })
  thief.sid = romeo.sid
  await assert.rejects(thief.send('', { rid: romeo.rid }))
  assert.equal(isOnline(), true)
  const stranger = new BoshClient(port, { 'x-forwarded-for': '203.0.113.9', 'x-forwarded-proto': 'http' })
  assert.doesNotMatch((await stranger.open()).payload, /mechanism/)
})

test('sessions count with all other connections', async (t) => {
  const { port } = await serverWithPeople(t, { streamLimits: { connectionsPerAddress: 2 } })
  for (let count = 0; count < 2; count += 1) await new BoshClient(port).open()
  assert.equal((await new BoshClient(port).open()).attributes.condition, 'policy-violation')
})
