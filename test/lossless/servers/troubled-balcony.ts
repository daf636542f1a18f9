// Balcony in a process of its own, on a disk that is full or slow. Started by `Balcony`, beside its configuration.
import { readFileSync, statSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import type { Log, LogData } from '../../../src/base/log.ts'
import { standard } from '../../../src/extensions/standard/standard.ts'
import { createServer } from '../../../src/server/server.ts'
import { sqlite } from '../../../src/storage/sqlite.ts'
import type { Archive, Collection, Driver, KeyValue, Value } from '../../../src/storage/storage.ts'
import { withAppend } from '../../with-append.ts'

const file = 'data/balcony.sqlite'
const slowMs = 40
const roomLeft = 16_384

/** Says on the standard output what the command `start` would. */
function printingLog(): Log {
  const at = (level: string) => (event: string, data?: LogData) => {
    const error = data?.error instanceof Error ? { error: data.error.message } : {}
    console.log(JSON.stringify({ level, ...data, ...error, event }))
  }
  const log: Log = { debug() {}, info() {}, warn: at('warn'), error: at('error'), child: () => log }
  return log
}

/** Whatever is written is as lasting as before, but that takes its time. */
function slow(driver: Driver): Driver {
  const later = async <Result>(result: Promise<Result>): Promise<Result> => {
    const value = await result
    await pause(slowMs)
    return value
  }
  const keyValue = <Store extends KeyValue>(store: Store): Store =>
    withMethods(store, { set: (...args: Parameters<Store['set']>) => later(store.set(args[0], args[1])) })
  const collection = <Store extends Collection>(store: Store): Store =>
    withMethods(store, {
      set: (...args: Parameters<Store['set']>) => later(store.set(args[0], args[1], args[2])),
      change: (...args: Parameters<Store['change']>) => later(store.change(args[0], args[1])),
    })
  const archive = <V extends Value>(store: Archive<V>): Archive<V> =>
    withAppend(store, (...entry) => later(store.append(...entry)))
  return withMethods(driver, {
    keyValue: (name: string) => keyValue(driver.keyValue(name)),
    collection: (name: string) => collection(driver.collection(name)),
    archive: (name: string) => archive(driver.archive(name)),
  })
}

/** The object, but for some methods. */
function withMethods<Target extends object>(target: Target, methods: object): Target {
  return new Proxy(target, {
    get(object, key) {
      const value: unknown = Reflect.get(key in methods ? methods : object, key)
      return typeof value === 'function' && !(key in methods) ? value.bind(object) : value
    },
  })
}

const trouble = process.argv[2]
const { extensions } = JSON.parse(readFileSync('balcony.config.json', 'utf8'))
const maxFileBytes = trouble === 'full' ? statSync(file).size + roomLeft : undefined
const storage = sqlite(file, maxFileBytes === undefined ? {} : { maxFileBytes })
const server = createServer({
  storage: trouble === 'slow' ? slow(storage) : storage,
  hosts: { localhost: { extensions: standard, options: extensions } },
  streamLimits: { bytes: { perSecond: 0, burst: 1 }, stanzas: { perSecond: 0, burst: 1 } },
  policy: { requiresTls: false, allowsPlainWithoutTls: true },
  log: printingLog(),
})
await server.start()
const { port } = await server.listen({ kind: 'starttls', host: '127.0.0.1', port: 0 })
process.once('SIGTERM', () => server.close())
console.log(JSON.stringify({ listening: [`127.0.0.1:${port}`], event: 'started' }))
