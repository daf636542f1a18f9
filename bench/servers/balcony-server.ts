// The program that is measured as Balcony: the usual extensions, everything kept in a file, limits off, no TLS.
// Arguments: database file, port, `archive` if messages are to be kept, `websocket` if clients come that way.
import { type Log, silentLog } from '../../src/base/log.ts'
import { disco } from '../../src/extensions/disco/disco.ts'
import { muc } from '../../src/extensions/muc/muc.ts'
import { ping } from '../../src/extensions/ping/ping.ts'
import { standard } from '../../src/extensions/standard/standard.ts'
import { createServer } from '../../src/server/server.ts'
import { sqlite } from '../../src/storage/sqlite.ts'
import { domain, roomDomain } from '../generator/login.ts'

const [file = '', port, archived, webSocket] = process.argv.slice(2)
const unlimited = { perSecond: 0, burst: Number.MAX_SAFE_INTEGER }

const unlimitedRooms = {
  occupants: 20_000,
  joinsPerSecond: 0,
  presencesPerSecond: 0,
  messagesPerSecond: 0,
  roomMessagesPerSecond: 0,
}

/** As a server in service logs: only what is amiss. */
const log: Log = {
  ...silentLog,
  warn: (event, data) => console.error('warn', event, data),
  error: (event, data) => console.error('error', event, data),
  child: () => log,
}

const server = createServer({
  storage: sqlite(file),
  log,
  hosts: {
    [domain]: { extensions: archived ? standard : standard.filter(({ name }) => name !== 'archive') },
    [roomDomain]: { extensions: [disco, ping, muc], options: { muc: unlimitedRooms } },
  },
  options: {
    muc: {
      joinsPerSecond: 0,
      presencesPerSecond: 0,
      messagesPerSecond: 0,
      roomMessagesPerSecond: 0,
      roomsPerHour: 0,
    },
  },
  streamLimits: {
    bytes: unlimited,
    stanzas: unlimited,
    connections: 0,
    connectionsPerAddress: 0,
    connectionsBeforeLogin: 0,
  },
  policy: { requiresTls: false, allowsPlainWithoutTls: true },
})
await server.start()
await server.listen({ kind: webSocket ? 'http' : 'starttls', host: '127.0.0.1', port: Number(port) })
// A CPU profile is only written by a process that exits by itself.
process.on('SIGTERM', () => process.exit(0))
