// A server for tests: no sockets, nothing on disk, time stands still, ids count.
import { ManualClock } from '../src/base/clock.ts'
import { CountingIds } from '../src/base/ids.ts'
import type { Log } from '../src/base/log.ts'
import type { Extension } from '../src/host/extension.ts'
import type { HostLimits } from '../src/host/host-parts.ts'
import type { ExtensionOptions } from '../src/host/loader.ts'
import { jid } from '../src/jid/jid.ts'
import type { MemoryClient } from '../src/server/memory-client.ts'
import { createServer, type Server } from '../src/server/server.ts'
import { sqlite } from '../src/storage/sqlite.ts'
import type { Driver } from '../src/storage/storage.ts'

/** What a test wants to be different. */
export interface InMemoryParts {
  /** Extensions of `localhost`. */
  readonly extensions?: readonly Extension[]
  /** Extensions of `rooms.localhost`; without any there is no such domain. */
  readonly rooms?: readonly Extension[]
  /** Extensions of `pubsub.localhost`; without any there is no such domain. */
  readonly pubsub?: readonly Extension[]
  readonly options?: ExtensionOptions
  readonly limits?: Partial<HostLimits>
  readonly admins?: readonly string[]
  readonly storage?: Driver
  readonly log?: Log
}

/** A running server and what a test moves it with. */
export interface InMemory extends AsyncDisposable {
  readonly server: Server
  readonly clock: ManualClock
  /** Logs in, making the account if there is none: `connect('romeo@localhost/balcony')`. */
  connect(address: string): Promise<MemoryClient>
}

/** Starts a server that lives in memory. */
export async function inMemoryServer(parts: InMemoryParts = {}): Promise<InMemory> {
  const clock = new ManualClock()
  const server = createServer({
    storage: parts.storage ?? sqlite(':memory:'),
    clock,
    ids: new CountingIds(),
    options: parts.options ?? {},
    limits: parts.limits ?? {},
    ...(parts.log ? { log: parts.log } : {}),
    hosts: {
      localhost: { extensions: parts.extensions ?? [], admins: parts.admins ?? [] },
      ...(parts.pubsub
        ? { 'pubsub.localhost': { extensions: parts.pubsub, admins: parts.admins ?? [] } }
        : {}),
      ...(parts.rooms ? { 'rooms.localhost': { extensions: parts.rooms, admins: parts.admins ?? [] } } : {}),
    },
  })
  await server.start()
  return {
    server,
    clock,
    async connect(address) {
      const accounts = server.host(jid(address).domain)?.accounts
      await accounts?.create(jid(address).bare, 'password')
      return server.connect(address)
    },
    [Symbol.asyncDispose]: () => server.close(),
  }
}
