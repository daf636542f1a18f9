import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
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
  // The last one may still stand in a register.
  assert.ok((await survivors(streams)) <= 1)
})

/** How many of them are still held by somebody. */
async function survivors(refs: readonly WeakRef<object>[]): Promise<number> {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  // What was looked at in a turn is held until its end.
  for (let turn = 0; turn < 3; turn++) {
    await setImmediate()
    collect()
  }
  return refs.filter((ref) => ref.deref() !== undefined).length
}
