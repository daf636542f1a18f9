// The program that is measured as Balcony: the usual extensions, everything kept in a file, limits off, no TLS.
// Arguments: database file, port, number of accounts, rounds of their hashes.
import { standard } from '../../src/extensions/standard/standard.ts'
import { listen } from '../../src/server/listeners.ts'
import { createServer, type Server } from '../../src/server/server.ts'
import { sqlite } from '../../src/storage/sqlite.ts'
import { ConnectionCaps } from '../../src/stream/caps.ts'
import { streamSettings } from '../../src/stream/settings.ts'
import { domain } from '../generator/login.ts'
import { writeAccounts } from './balcony-accounts.ts'

const [file = ':memory:', port, accounts, iterations] = process.argv.slice(2)
const unlimited = { perSecond: 0, burst: Number.MAX_SAFE_INTEGER }
const limits = {
  bytes: unlimited,
  stanzas: unlimited,
  connections: 0,
  connectionsPerAddress: 0,
  connectionsBeforeLogin: 0,
}

async function start(): Promise<Server> {
  const storage = sqlite(file)
  await writeAccounts(storage, Number(accounts), Number(iterations))
  const server = createServer({
    storage,
    hosts: { [domain]: { extensions: standard } },
  })
  await server.start()
  const settings = streamSettings({
    domainOf: (to) => server.host(to),
    limits,
    policy: { requiresTls: false, allowsPlainWithoutTls: true },
  })
  await listen(
    { kind: 'starttls', host: '127.0.0.1', port: Number(port) },
    { settings, contexts: { contextOf: () => undefined }, caps: new ConnectionCaps(settings.limits) },
  )
  return server
}

await start()
// A CPU profile is only written by a process that exits by itself.
process.on('SIGTERM', () => process.exit(0))
