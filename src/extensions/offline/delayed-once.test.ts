// XEP-0203 §2: since when a message has been waiting is said once, whatever becomes of it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type InMemory, inMemoryServer } from '../../../test/in-memory.ts'
import { authenticatedPeer } from '../../../test/in-memory-peer.ts'
import { pause } from '../../../test/pause.ts'
import { bindRequest, type TestPeer } from '../../../test/stream-peer.ts'
import { formatDate } from '../../stanza/delay.ts'
import { offline } from './offline.ts'

/** Juliet's client, which counts what comes, and what came when it showed itself. */
async function available(local: InMemory): Promise<{ peer: TestPeer; came: string }> {
  const peer = await authenticatedPeer(local)
  await peer.exchange(`${bindRequest('balcony')}<enable xmlns='urn:xmpp:sm:3'/>`)
  peer.send('<presence/>')
  await pause()
  return { peer, came: await peer.settled() }
}

const stampsIn = (text: string) =>
  [...text.matchAll(/<delay xmlns='urn:xmpp:delay' from='localhost' stamp='([^']*)'\/>/g)].map(
    ([, stamp]) => stamp,
  )

test('XEP-0203 §2: a message that waits, is given to a client that dies, and waits again has one delay, the first', async () => {
  await using local = await inMemoryServer({ extensions: [offline] })
  await authenticatedPeer(local)
  const since = formatDate(local.clock.now())
  const romeo = await local.connect('romeo@localhost/orchard')
  const forged = `<delay xmlns='urn:xmpp:delay' from='localhost' stamp='2001-01-01T00:00:00Z'/>`
  await romeo.send(`<message to='juliet@localhost' type='chat'><body>hi</body>${forged}</message>`)
  for (let times = 0; times < 3; times++) {
    local.clock.advance(60_000)
    const { peer, came } = await available(local)
    assert.deepEqual(stampsIn(came), [since])
    peer.transport.destroy()
    await peer.settled()
    local.clock.advance(600_000)
    await pause()
  }
})
