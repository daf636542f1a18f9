// What `balcony dev` sets before everything else: a server to play with, that forgets everything.
import type { Setting } from './setting.ts'

const values: Readonly<Record<string, unknown>> = {
  domain: 'localhost',
  hosts: {},
  rooms: undefined,
  pubsub: undefined,
  upload: undefined,
  tls: undefined,
  'listen.address': '127.0.0.1',
  storage: 'memory',
  firstAccount: false,
  accounts: { anna: 'anna', bert: 'bert' },
  'log.level': 'debug',
  'log.format': 'text',
  'log.stanzas': true,
}

/** Settings, that the command line goes over. */
export const devSettings: readonly Setting[] = Object.entries(values).map(([path, value]) => ({
  path: path.split('.'),
  value,
  origin: 'dev',
}))
