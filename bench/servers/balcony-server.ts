// The program that is measured as Balcony: the usual extensions, everything kept in a file, limits off.
// Arguments: database file, port, kind of listener, `archive` if messages are to be kept. Told SIGUSR2, it cleans up and
// writes the bytes of its heap into the file `heap` beside the database.
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { type Log, silentLog } from '../../src/base/log.ts'
import { disco } from '../../src/extensions/disco/disco.ts'
import { muc } from '../../src/extensions/muc/muc.ts'
import { ping } from '../../src/extensions/ping/ping.ts'
import { standard } from '../../src/extensions/standard/standard.ts'
import type { ListenerKind } from '../../src/server/listeners.ts'
import { createServer } from '../../src/server/server.ts'
import { sqlite } from '../../src/storage/sqlite.ts'
import { domain, roomDomain } from '../generator/login.ts'
import { certificateFile, keyFile } from './certificate.ts'
import { unhurriedRooms, unlimitedStreams } from './unlimited.ts'

const [file = '', port, kind, archived] = process.argv.slice(2)
const folder = dirname(file)

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
    [roomDomain]: { extensions: [disco, ping, muc], options: { muc: { occupants: 20_000 } } },
  },
  options: { muc: { ...unhurriedRooms, roomsPerHour: 0 } },
  ...unlimitedStreams,
})
await server.start()
if (kind === 'direct-tls') {
  const read = (name: string) => readFileSync(join(folder, name), 'utf8')
  server.setTls(domain, { cert: read(certificateFile), key: read(keyFile) })
}
await server.listen({ kind: kind as ListenerKind, host: '127.0.0.1', port: Number(port) })
process.on('SIGUSR2', () => {
  setFlagsFromString('--expose-gc')
  const collect: () => void = runInNewContext('gc')
  collect()
  const { heapUsed, external } = process.memoryUsage()
  writeFileSync(join(folder, 'heap.new'), String(heapUsed + external))
  renameSync(join(folder, 'heap.new'), join(folder, 'heap'))
})
// A CPU profile is only written by a process that exits by itself.
process.on('SIGTERM', () => process.exit(0))
