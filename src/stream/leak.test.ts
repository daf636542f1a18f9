import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { header, TestServer } from '../../test/stream-peer.ts'

const cycles = 10_000

test(`${cycles} streams that were opened and closed leave nothing behind`, async () => {
  const server = await TestServer.make()
  const streams: WeakRef<object>[] = []
  for (let index = 0; index < cycles; index++) {
    const peer = server.connect()
    peer.send(header())
    if (index % 3 === 0) peer.send('</stream:stream>')
    if (index % 3 === 1) peer.send('<a><b></a>')
    if (index % 20 === 0) {
      await peer.settled()
      streams.push(new WeakRef(peer.stream))
    }
    if (index % 3 === 2) peer.transport.destroy()
  }
  for (let turn = 0; turn < 10; turn++) await setImmediate()
  assert.equal(server.streams.size, 0)
  server.log.entries.length = 0
  assert.equal(await survivors(streams), 0)
})

/** How many of them are still held by somebody, once the collector has had its chances. */
async function survivors(refs: readonly WeakRef<object>[]): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt++) {
    // Filling the young generation and waiting makes the collector run without a flag of the process.
    const garbage = Array.from({ length: 200 }, () => Buffer.alloc(64 * 1024).toString('latin1'))
    await setImmediate()
    if (garbage.length > 0 && refs.every((ref) => ref.deref() === undefined)) return 0
    await setImmediate()
  }
  return refs.filter((ref) => ref.deref() !== undefined).length
}
