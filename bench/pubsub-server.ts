// The program that `pubsub-events.ts` measures: clients, and a service of nodes. Arguments: database file, port.
import { silentLog } from '../src/base/log.ts'
import { disco } from '../src/extensions/disco/disco.ts'
import { pubsub } from '../src/extensions/pubsub/pubsub.ts'
import { standard } from '../src/extensions/standard/standard.ts'
import { createServer } from '../src/server/server.ts'
import { sqlite } from '../src/storage/sqlite.ts'
import { domain } from './generator/login.ts'
import { unlimitedStreams } from './servers/unlimited.ts'

const [file = '', port] = process.argv.slice(2)

const server = createServer({
  storage: sqlite(file),
  log: silentLog,
  hosts: {
    [domain]: { extensions: standard.filter(({ name }) => name !== 'archive') },
    [`pubsub.${domain}`]: { extensions: [disco, pubsub] },
  },
  options: { pubsub: { create: 'anyone', subscriptionsPerNode: 100_000 } },
  ...unlimitedStreams,
})
await server.start()
await server.listen({ kind: 'starttls', host: '127.0.0.1', port: Number(port) })
process.on('SIGTERM', () => process.exit(0))
