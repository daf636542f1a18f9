// Too much, too slow and without end, against a live port: bounded memory, the right stream error, others are served.
import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { Bystander, HostileTarget, inBatches, streamErrorOf } from './hostile-target.ts'
import { hostileElements, hostileHeaders } from './hostile-xml.ts'
import { header, plain, RawClient } from './raw-client.ts'

const mebibyte = 1024 * 1024
const nested = (depth: number) => `${'<a>'.repeat(depth)}${'</a>'.repeat(depth)}`
const many = (count: number, item: (number: number) => string) =>
  Array.from({ length: count }, (_, index) => item(index)).join('')

/** One more than is allowed, for limits of src/xml/limits.ts. */
const tooMuch = (limits: {
  bytes: number
  depth: number
  elements: number
  attributes: number
  name: number
  value: number
}): Readonly<Record<string, string>> => ({
  'an element with too many bytes': `<message>${'x'.repeat(limits.bytes)}</message>`,
  'elements too deep in each other': `<message>${nested(limits.depth)}</message>`,
  'too many elements': `<message>${'<a/>'.repeat(limits.elements)}</message>`,
  'too many attributes': `<message${many(limits.attributes + 1, (number) => ` a${number}=''`)}/>`,
  'too many namespaces': `<message${many(limits.attributes + 1, (number) => ` xmlns:a${number}='u'`)}/>`,
  'too long a name': `<${'x'.repeat(limits.name + 1)}/>`,
  'too long a name of an attribute': `<message ${'x'.repeat(limits.name + 1)}=''/>`,
  'too long a value': `<message id='${'x'.repeat(limits.value + 1)}'/>`,
  'a long namespace by a short prefix, often': `<message xmlns:a='${'u'.repeat(limits.value / 2)}'>${'<a:b/>'.repeat(limits.elements / 2)}</message>`,
  'a start tag without end': `<message ${' '.repeat(limits.bytes)}`,
  'a section without end': `<message><![CDATA[${'x'.repeat(limits.bytes)}`,
  'a name without end': `<${'x'.repeat(limits.bytes)}`,
})

describe('hostile amounts', { concurrency: 3 }, () => {
  test('before log-in little is taken (RFC 6120 §13.12): policy-violation', async (t) => {
    const target = await HostileTarget.start(t)
    const bystander = await Bystander.login(target)
    const limits = { bytes: 10 * 1024, depth: 16, elements: 64, attributes: 32, name: 256, value: 4096 }
    await inBatches(Object.entries(tooMuch(limits)), 8, async ([what, text]) => {
      const client = await target.connect()
      await client.open()
      client.write(text)
      assert.equal(await streamErrorOf(client), 'policy-violation', what)
    })
    for (const text of [
      header({ more: ` a='${'x'.repeat(4097)}'` }),
      header({ more: ' '.repeat(10 * 1024) }),
    ]) {
      const client = await target.connect()
      client.write(text)
      assert.equal(await streamErrorOf(client), 'policy-violation')
    }
    await bystander.wasServed()
    target.assertNoBugs()
  })

  test('after log-in 10000 bytes and more are taken, but not any number: policy-violation', async (t) => {
    const target = await HostileTarget.start(t)
    const bystander = await Bystander.login(target)
    const romeo = await target.login('romeo')
    romeo.write('<presence/>')
    const limits = { bytes: 262_144, depth: 128, elements: 8192, attributes: 256, name: 1024, value: 65_536 }
    const cases = Object.entries(tooMuch(limits))
    const long = 'ß'.repeat(50_000)
    let attackers = 0
    await inBatches(cases, 4, async ([what, text]) => {
      attackers += 1
      const client = await target.login('juliet', `attacker ${attackers}`)
      client.write(`<message to='romeo@localhost'><body>${long}</body></message>`)
      client.write(text)
      assert.equal(await streamErrorOf(client), 'policy-violation', what)
    })
    for (const _ of cases) await romeo.until(`<body>${long}</body>`)
    await bystander.wasServed()
    target.assertNoBugs()
  })

  test('a header, a stanza and white space without end, byte by byte or in floods', async (t) => {
    const target = await HostileTarget.start(t)
    const bystander = await Bystander.login(target)
    const flood = async (client: RawClient, chunk: string, chunks: number) => {
      for (let count = 0; count < chunks && !client.isClosed; count++) {
        client.write(chunk)
        await client.drained()
      }
    }
    const before = await target.memory()
    const inHeader = await target.connect()
    inHeader.write(header().slice(0, -1))
    await flood(inHeader, ' '.repeat(65_536), 500)
    assert.equal(await streamErrorOf(inHeader), 'policy-violation')

    const inStanza = await target.login('juliet')
    inStanza.write('<message><body>')
    await flood(inStanza, 'x'.repeat(65_536), 500)
    assert.equal(await streamErrorOf(inStanza), 'policy-violation')

    // Spaces between stanzas are how clients say that they are there: they cost nothing, and go on.
    const between = await target.login('juliet')
    await flood(between, ' '.repeat(65_536), 200)
    assert.match(
      await between.request('get', "<ping xmlns='urn:xmpp:ping'/>", { to: 'localhost' }),
      /type='result'/,
    )

    const drop = await target.connect()
    for (const byte of Buffer.from(`${header()}${plain('juliet', 'balcony')}`)) drop.write(Buffer.of(byte))
    await drop.until(/<success[^>]*>/)

    assert.ok((await target.memory()).peak - before.peak < 100 * mebibyte)
    await bystander.wasServed()
    target.assertNoBugs()
  })

  test('who does not log in in time is let go with connection-timeout (RFC 6120 §4.9.3.4)', async (t) => {
    const target = await HostileTarget.start(t, { 'limits.loginSeconds': 2 })
    const bystander = await Bystander.login(target)
    const drip = async (client: RawClient, text: string) => {
      for (let index = 0; !client.isClosed; index++) {
        client.write(text[index % text.length] as string)
        await setTimeout(50)
      }
      return streamErrorOf(client)
    }
    const opened = async () => {
      const client = await target.connect()
      await client.open()
      return client
    }
    const halfTls = async () => {
      const client = await RawClient.connect(t, target.tlsPort)
      client.write(Buffer.of(0x16, 3, 1))
      assert.equal(await client.untilClosed(), '')
      return 'connection-timeout'
    }
    const conditions = await Promise.all([
      streamErrorOf(await target.connect()),
      streamErrorOf(await opened()),
      drip(await target.connect(), `${header().slice(0, -1)}${' '.repeat(10_000)}`),
      drip(await opened(), ' '),
      drip(await opened(), `<auth a='${'x'.repeat(4000)}`),
      halfTls(),
    ])
    assert.deepEqual(conditions, Array(6).fill('connection-timeout'))
    await bystander.wasServed()
    target.assertNoBugs()
  })

  test('who never reads is not waited for: others’ messages to it cost bounded memory', async (t) => {
    const target = await HostileTarget.start(t, { 'limits.outputBytes': mebibyte })
    const bystander = await Bystander.login(target)
    const juliet = await target.login('juliet', 'deaf')
    juliet.write('<presence><priority>1</priority></presence>')
    await juliet.until(/<presence[^>]*>/)
    juliet.pause()
    const before = await target.memory()
    const romeo = await target.login('romeo')
    const message = `<message to='juliet@localhost/deaf' type='headline'><body>${'x'.repeat(100_000)}</body></message>`
    const ended = target.logged('stream-closed')
    let isEnded = false
    ended.then(() => {
      isEnded = true
    })
    for (let count = 0; count < 500 && !isEnded; count++) {
      romeo.write(message)
      await romeo.request('get', "<ping xmlns='urn:xmpp:ping'/>", { to: 'localhost' })
    }
    assert.equal((await ended).condition, 'resource-constraint')
    assert.ok((await target.memory()).peak - before.peak < 64 * mebibyte)
    await bystander.wasServed()
    target.assertNoBugs()
  })

  test('who never reads the answers to its own questions is not read either, and then let go', async (t) => {
    const target = await HostileTarget.start(t, { 'limits.stallSeconds': 2 })
    const bystander = await Bystander.login(target)
    const juliet = await target.login('juliet', 'deaf')
    juliet.pause()
    const before = await target.memory()
    const ask =
      "<iq type='get' id='disco' to='localhost'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>"
    const ended = target.logged('stream-closed')
    let isEnded = false
    ended.then(() => {
      isEnded = true
    })
    const asking = async () => {
      while (!isEnded) {
        juliet.write(ask.repeat(1000))
        await Promise.race([juliet.drained(), ended])
      }
    }
    await asking()
    assert.equal((await ended).condition, 'connection-timeout')
    assert.ok((await target.memory()).peak - before.peak < 64 * mebibyte)
    await bystander.wasServed()
    target.assertNoBugs()
  })

  test('connections past a cap are refused with resource-constraint, and room is made again', async (t) => {
    for (const [cap, count] of [
      ['limits.connectionsPerAddress', 21],
      ['limits.connections', 21],
      ['limits.connectionsBeforeLogin', 20],
    ] as const)
      await floodPast(t, cap, count)
  })

  test('thousands of hostile connections leave nothing behind', async (t) => {
    const target = await HostileTarget.start(t)
    const bystander = await Bystander.login(target)
    const cases = [
      ...hostileHeaders,
      ...hostileElements.map(({ bytes }) => ({
        bytes: Buffer.concat([Buffer.from(header()), Buffer.from(bytes)]),
      })),
      { bytes: `${header()}<message>${'x'.repeat(11_000)}` },
    ]
    const flood = (count: number) =>
      inBatches(
        Array.from({ length: count }, (_, index) => index),
        100,
        async (index) => {
          const client = await target.connect()
          client.write((cases[index % cases.length] as { bytes: string }).bytes)
          // Some wait for the end, some are gone in the middle of it.
          if (index % 3 === 0) await client.until('<stream:stream')
          else await client.untilClosed()
          client.destroy()
        },
      )
    await flood(1000)
    const before = await target.memory()
    await flood(3000)
    const after = await target.memory()
    t.diagnostic(`${before.used} bytes in use before, ${after.used} after`)
    assert.ok(after.used - before.used < 2 * mebibyte, `${after.used - before.used} bytes more in use`)

    // And while they are open, half a header each costs little more than its bytes.
    const open = await Promise.all(Array.from({ length: 500 }, () => target.connect()))
    for (const client of open) client.write(`${header()}<message>${'x'.repeat(9000)}`)
    await Promise.all(open.map((client) => client.until('</stream:features>')))
    const held = await target.memory()
    t.diagnostic(
      `${Math.round((held.used - after.used) / open.length)} bytes for a connection with 9000 bytes unread`,
    )
    assert.ok(held.used - after.used < open.length * 40_000)
    for (const client of open) client.destroy()
    await bystander.wasServed()
    target.assertNoBugs()
  })
})

async function floodPast(t: TestContext, cap: string, count: number): Promise<void> {
  const target = await HostileTarget.start(t, { [cap]: count })
  const bystander = await Bystander.login(target)
  const admitted = await Promise.all(Array.from({ length: 20 }, () => target.connect()))
  for (const client of admitted) await client.open()
  await inBatches(Array.from({ length: 100 }), 20, async () => {
    const refused = await target.connect()
    assert.equal(await streamErrorOf(refused), 'resource-constraint', cap)
  })
  for (const client of admitted) client.destroy()
  // The server hears of their end when it hears of it.
  let isAdmitted = false
  while (!isAdmitted) {
    const client = await target.connect()
    client.write(header())
    isAdmitted = await client.until(/<\/stream:(features|error)>/).then((text) => text.endsWith('features>'))
    client.destroy()
  }
  await bystander.wasServed()
  target.assertNoBugs()
}
