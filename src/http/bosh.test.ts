import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BoshClient } from '../../test/bosh-client.ts'
import { arrived, message, serverWithPeople } from '../../test/bosh-server.ts'
import { streamManagement } from '../extensions/stream-management/stream-management.ts'

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
  await arrived(port)
  await juliet.send(message('hello'))
  assert.match((await held).payload, /<body>hello<\/body>/)
  let isAnswered = false
  const empty = romeo.send('').finally(() => {
    isAnswered = true
  })
  await arrived(port)
  clock.advance(19_000)
  await arrived(port)
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
  await arrived(port)
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
  await arrived(port)
  assert.deepEqual(juliet.takeAll(), [])
  assert.equal((await romeo.send(to('1'), { rid: first })).payload, '')
  await arrived(port)
  assert.deepEqual(
    juliet.takeAll().map((stanza) => stanza.child('body', 'jabber:client')?.text),
    ['1', '2'],
  )
  await juliet.send(message('a'))
  assert.match((await second).payload, /<body>a</)
})

test('a client pauses, and is let go when it does not come back in time (XEP-0124 §10)', async (t) => {
  const { port, server, clock, isOnline } = await serverWithPeople(t)
  const juliet = await server.connect('juliet@localhost/balcony')
  const romeo = new BoshClient(port)
  await romeo.online('romeo')
  const held = romeo.send('')
  await arrived(port)
  const paused = await romeo.send('', { pause: 90 })
  assert.deepEqual([(await held).payload, paused.payload], ['', ''])
  await juliet.send(message('meanwhile'))
  clock.advance(85_000)
  assert.equal(isOnline(), true)
  assert.match((await romeo.send('')).payload, /<body>meanwhile</)
  clock.advance(55_000)
  assert.equal(isOnline(), true)
  clock.advance(10_000)
  await arrived(port)
  assert.equal(isOnline(), false)
  assert.equal((await romeo.send('')).attributes.condition, 'item-not-found')
  const greedy = new BoshClient(port)
  await greedy.online('romeo')
  assert.equal((await greedy.send('', { pause: 3600 })).attributes.condition, 'policy-violation')
})

test('a client that cannot hold requests polls, but not too often (XEP-0124 §12)', async (t) => {
  const { port, server, clock } = await serverWithPeople(t)
  const juliet = await server.connect('juliet@localhost/balcony')
  const romeo = new BoshClient(port)
  const { attributes } = await romeo.open({ wait: 0, hold: 1 })
  assert.deepEqual([attributes.wait, attributes.inactivity, attributes.polling], ['0', '120', '2'])
  const poll = async (payload = '', more = {}) => {
    await arrived(port)
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
  await arrived(port)
  const last = romeo.send(
    "<message xmlns='jabber:client' to='juliet@localhost/balcony'><body>bye</body></message>",
    { type: 'terminate' },
  )
  assert.equal((await held).attributes.type, 'terminate')
  assert.equal((await last).text, "<body xmlns='http://jabber.org/protocol/httpbind'/>")
  assert.equal((await juliet.receive())?.child('body', 'jabber:client')?.text, 'bye')
  await arrived(port)
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
  await arrived(port)
  const closing = server.close()
  assert.match((await held).payload, /<system-shutdown /)
  await closing
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
  await arrived(port)
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
  await arrived(port)
  const juliet = await server.connect('juliet@localhost/balcony')
  await juliet.send(message('missed'))
  const again = new BoshClient(port)
  await again.open()
  await again.authenticate('romeo')
  const { payload } = await again.send(`<resume xmlns='urn:xmpp:sm:3' previd='${id}' h='0'/>`)
  assert.match(payload, /^<resumed .*<body>missed<\/body>/)
})
