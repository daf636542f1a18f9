import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type InMemory, inMemoryServer } from '../../../test/in-memory.ts'
import { connectedPeer } from '../../../test/in-memory-peer.ts'
import { bindRequest, header, plain, type TestPeer } from '../../../test/stream-peer.ts'
import { jid } from '../../jid/jid.ts'
import { streamLimits } from './stream-limits.ts'

async function connect(local: InMemory): Promise<TestPeer> {
  await local.server.host('localhost')?.accounts.create(jid('juliet@localhost'), 'password')
  return connectedPeer(local)
}

/** What is told of limits in a text. */
function told(text: string): [maxBytes: number, idleSeconds: number | undefined] {
  const limits = /<limits xmlns='urn:xmpp:stream-limits:0'>(.*)<\/limits>/.exec(text)?.[1] ?? ''
  const idle = /<idle-seconds>(\d+)<\/idle-seconds>/.exec(limits)?.[1]
  return [Number(/<max-bytes>(\d+)<\/max-bytes>/.exec(limits)?.[1]), idle ? Number(idle) : undefined]
}

const presenceOf = (bytes: number) => `<presence>${'x'.repeat(bytes - 21)}</presence>`

test('XEP-0478 §3.1: what is told after login is what holds: that many bytes go, one more ends the stream', async () => {
  await using local = await inMemoryServer({ extensions: [streamLimits] })
  for (const more of [0, 1]) {
    const peer = await connect(local)
    await peer.exchange(header())
    await peer.exchange(plain('juliet', 'password'))
    const [maxBytes] = told(await peer.exchange(header()))
    await peer.exchange(bindRequest())
    const answer = await peer.exchange(presenceOf(maxBytes + more))
    assert.equal(/<policy-violation /.test(answer), more > 0, answer.slice(-200))
  }
})

test('XEP-0478 §4: before login others are told, as they hold then, and are followed when they change', async () => {
  await using local = await inMemoryServer({ extensions: [streamLimits] })
  const before = await connect(local)
  assert.deepEqual(told(await before.exchange(header())), [10 * 1024, 60])
  await before.exchange(plain('juliet', 'password'))
  assert.deepEqual(told(await before.exchange(header())), [256 * 1024, 6 * 3600])
  local.server.setLimits({ streams: { negotiationSilenceMs: 0 } })
  const after = await connect(local)
  assert.deepEqual(told(await after.exchange(header())), [10 * 1024, undefined])
})
