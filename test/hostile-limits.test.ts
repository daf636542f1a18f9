// Too much, too slow and without end, against a live port: bounded memory, the right stream error, others are served.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Bystander, HostileTarget, inBatches, streamErrorOf } from './hostile-target.ts'
import { header, plain, type RawClient } from './raw-client.ts'

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
})
