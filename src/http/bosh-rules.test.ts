// What clients over BOSH may not do, and what becomes of those whose connections break.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { type BodyAttributes, BoshClient } from '../../test/bosh-client.ts'
import { arrived, message, serverWithPeople } from '../../test/bosh-server.ts'
import { ask } from '../../test/web.ts'

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
  await arrived(port)
  assert.equal(isOnline(), false)
})

test('of a request that comes twice while it is held the later one is answered, the other recovers (XEP-0124 §17.3)', async (t) => {
  const { port, server } = await serverWithPeople(t)
  const juliet = await server.connect('juliet@localhost/balcony')
  const romeo = new BoshClient(port)
  await romeo.online('romeo')
  const { rid } = romeo
  const before = romeo.send('', { rid })
  await arrived(port)
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
  await arrived(port)
  gone.abort()
  await assert.rejects(lost)
  await arrived(port)
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
  await arrived(port)
  await hasty.send('')
  assert.equal((await held).attributes.condition, 'policy-violation')
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

test('asking again without the key gives nobody what another one asked for (XEP-0124 §15)', async (t) => {
  const { port, server } = await serverWithPeople(t)
  const juliet = await server.connect('juliet@localhost/balcony')
  const sha1 = (text: string) => createHash('sha1').update(text).digest('hex')
  const keys = ['seed']
  for (let count = 0; count < 6; count += 1) keys.unshift(sha1(keys[0] as string))
  const romeo = new BoshClient(port)
  let next = 1
  const send = romeo.send.bind(romeo)
  romeo.send = (payload, attributes = {}) =>
    send(payload, 'newkey' in attributes ? attributes : { key: keys[next++], ...attributes })
  await romeo.online('romeo', { newkey: keys[0] })
  const { rid } = romeo
  const held = romeo.send('')
  await arrived(port)
  const thief = new BoshClient(port)
  thief.sid = romeo.sid
  for (const stolen of [rid, rid - 1])
    assert.equal((await thief.send('', { rid: stolen, key: 'x' })).attributes.condition, 'item-not-found')
  await juliet.send(message('for romeo alone'))
  assert.match((await held).payload, /for romeo alone/)
})

test('who is not logged in sends little, and who is not too much at once', async (t) => {
  const { port } = await serverWithPeople(t)
  const large = `<x xmlns='urn:x'>${'y'.repeat(40_000)}</x>`
  const status = (client: BoshClient) => client.send(large).then((answer) => answer.status)
  const stranger = new BoshClient(port)
  assert.equal(await status(stranger), 413)
  await stranger.open()
  assert.equal(await status(stranger), 413)
  const romeo = new BoshClient(port)
  await romeo.online('romeo')
  const message = `<message xmlns='jabber:client' to='romeo@localhost/web'><body>${'y'.repeat(200_000)}</body></message>`
  assert.match((await romeo.send(message)).payload, /y{200000}/)
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
