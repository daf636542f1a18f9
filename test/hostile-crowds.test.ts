// Attackers in numbers, or with time, against a live port: time-outs, caps, rates, and memory that comes back.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createConnection } from 'node:net'
import { describe, type TestContext, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { Bystander, HostileTarget, inBatches, streamErrorOf } from './hostile-target.ts'
import { hostileElements, hostileHeaders } from './hostile-xml.ts'
import { header, RawClient } from './raw-client.ts'

const mebibyte = 1024 * 1024

describe('hostile crowds', { concurrency: 3 }, () => {
  test('who does not log in in time is let go with connection-timeout (RFC 6120 §4.9.3.4)', async (t) => {
    const target = await HostileTarget.start(t, { 'limits.loginSeconds': 4 })
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

  test('who does not go when the stream has ended is put out (RFC 6120 §4.4)', async (t) => {
    const target = await HostileTarget.start(t)
    const bystander = await Bystander.login(target)
    const socket = createConnection({ host: '127.0.0.1', port: target.port, allowHalfOpen: true })
    t.after(() => socket.destroy())
    socket.on('error', () => {})
    const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()))
    const ended = once(socket.resume(), 'end')
    socket.write(`${header()}<!-- -->`)
    await ended
    const before = await target.memory()
    const talking = (async () => {
      for (let isOpen = true; isOpen; ) {
        if (socket.writableLength < mebibyte) socket.write('x'.repeat(65_536))
        isOpen = await Promise.race([setTimeout(10, true), closed.then(() => false)])
      }
    })()
    await closed
    await talking
    assert.ok((await target.memory()).peak - before.peak < 64 * mebibyte)
    await bystander.wasServed()
    target.assertNoBugs()
  })

  test('who asks too fast is read more slowly, and slows nobody else', async (t) => {
    const target = await HostileTarget.start(t, {
      'limits.stanzasPerSecond': 100,
      'limits.stanzasAtOnce': 400,
      'limits.bytesPerSecond': 65_536,
    })
    const romeo = await target.login('romeo')
    const before = await target.memory()
    const ping = "<iq type='get' id='fast' to='localhost'><ping xmlns='urn:xmpp:ping'/></iq>"
    // More than ten minutes' worth.
    for (let count = 0; count < 60; count++) romeo.write(ping.repeat(1000))
    const bystander = await Bystander.login(target)
    await bystander.wasServed()
    romeo.pause()
    await romeo.until('<iq')
    const answers = (romeo.taken + romeo.rest()).match(/<iq /g)?.length ?? 0
    assert.ok(answers >= 100 && answers < 30_000, `${answers} answers`)
    assert.ok((await target.memory()).peak - before.peak < 64 * mebibyte)
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
    const behindHeader = hostileElements.map(({ bytes }) =>
      Buffer.concat([Buffer.from(header()), Buffer.from(bytes)]),
    )
    const strangers = [
      ...hostileHeaders.map(({ bytes }) => bytes),
      ...behindHeader,
      `${header()}<message>${'x'.repeat(11_000)}`,
    ]
    const insiders = [...hostileElements.map(({ bytes }) => bytes), `<message>${'x'.repeat(300_000)}`]
    const attack = async (index: number) => {
      const isInsider = index % 20 === 0
      const client = isInsider ? await target.login('juliet', `${index}`) : await target.connect()
      const inputs = isInsider ? insiders : strangers
      client.write(inputs[index % inputs.length] as Uint8Array | string)
      // Some wait for the end, some are gone in the middle of it.
      if (index % 3 === 0 || isInsider) await client.untilClosed()
      else await client.until('<stream:stream')
      client.destroy()
    }
    const flood = (count: number) =>
      inBatches(
        Array.from({ length: count }, (_, index) => index),
        100,
        attack,
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
