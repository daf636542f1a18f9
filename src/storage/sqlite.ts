// A driver over SQLite: one file, or memory.
import { InThreadExecutor } from './in-thread.ts'
import type { Driver } from './storage.ts'
import { driverOver } from './stores.ts'

/** Stores in memory, for tests and for servers that are to forget; gone when the driver is closed. */
export function memory(): Driver {
  return driverOver(new InThreadExecutor())
}

/** Stores in the file at `path`, which is made if it is missing (its folder is not); `:memory:` is {@link memory}. */
export function sqlite(path: string): Driver {
  if (path === ':memory:') return memory()
  throw new Error('not yet')
}
