// A storage of which a test decides how long it takes, and what fails.
import type { Driver, Value } from '../src/storage/storage.ts'
import { withAppend } from './with-append.ts'

/** One call of a store. */
export interface StoreCall {
  /** `domain/store`. */
  readonly store: string
  readonly method: string
  readonly owner: string
}

/**
 * The storage, asking `onCall` about each call of a store: what that throws is what the call rejects with, and nothing
 * is done; what it answers is waited for once the call is done, before its caller is told.
 */
export function withFaults(driver: Driver, onCall: (call: StoreCall) => Promise<void> | undefined): Driver {
  let hasRefused = false
  const ask = (call: StoreCall): Promise<void> | undefined => {
    try {
      return onCall(call)
    } catch (error) {
      hasRefused = true
      // By then who had asked has heard of it.
      setImmediate(() => {
        hasRefused = false
      })
      throw error
    }
  }
  const watch = <Target extends object>(store: string, target: Target): Target =>
    methodsOf(target, (method, call) => async (...args: unknown[]) => {
      const wait = ask({ store, method, owner: String(args[0]) })
      if (method === 'setLast' && hasRefused) return false
      const answer = await call(...args)
      await wait
      return answer
    })
  return {
    keyValue: (name) => watch(name, driver.keyValue(name)),
    collection: (name) => watch(name, driver.collection(name)),
    archive<V extends Value>(name: string) {
      const archive = watch(name, driver.archive<V>(name))
      return withAppend(archive, archive.append)
    },
    eraseOwner: (domain, owner) => driver.eraseOwner(domain, owner),
    stores: () => driver.stores(),
    open: () => driver.open(),
    close: () => driver.close(),
  }
}

type Call = (...args: unknown[]) => unknown

function methodsOf<Target extends object>(target: Target, wrap: (name: string, call: Call) => Call): Target {
  return new Proxy(target, {
    get(object, key) {
      const value: unknown = Reflect.get(object, key)
      return typeof value === 'function' ? wrap(String(key), value.bind(object) as Call) : value
    },
  })
}
