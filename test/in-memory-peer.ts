// Clients of a server without sockets that speak the stream themselves, and storage that outlives such a server.
import type { TestContext } from 'node:test'
import { jid } from '../src/jid/jid.ts'
import { sqlite } from '../src/storage/sqlite.ts'
import type { Driver } from '../src/storage/storage.ts'
import type { AcceptedStream } from '../src/stream/accepted-stream.ts'
import { type MemoryPairOptions, memoryPair } from '../src/stream/memory.ts'
import type { InMemory } from './in-memory.ts'
import { header, plain, TestPeer } from './stream-peer.ts'

/** A client that has connected, over TLS unless `options` say otherwise, and said nothing. */
export function connectedPeer(
  { server }: Pick<InMemory, 'server'>,
  options: MemoryPairOptions = {},
): TestPeer {
  const [near, far] = memoryPair(options)
  return new TestPeer(server.accept(near) as AcceptedStream, far)
}

/**
 * A client that has logged in and not bound a resource, with the stream features that it is offered; the account is
 * made if there is none.
 */
export async function authenticatedPeer(
  local: InMemory,
  name = 'juliet',
): Promise<TestPeer & { features: string }> {
  await local.server.host('localhost')?.accounts.create(jid(`${name}@localhost`), 'password')
  const peer = connectedPeer(local)
  await peer.exchange(header())
  await peer.exchange(plain(name, 'password'))
  return Object.assign(peer, { features: await peer.exchange(header()) })
}

/** A storage that outlives its servers, also those that are left without being closed, as if they had been killed. */
export function lastingStorage(test: TestContext): Driver {
  const storage = sqlite(':memory:')
  test.after(() => storage.close())
  return { ...storage, close: async () => {} }
}
