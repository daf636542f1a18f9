// A driver over SQLite: one file, or memory.
import { InThreadExecutor } from './in-thread.ts'
import { InThreadsExecutor } from './in-threads.ts'
import type { QueueLimits } from './operation-queue.ts'
import type { Driver } from './storage.ts'
import { driverOver } from './stores.ts'

/** Stores in memory, for tests and for servers that are to forget; gone when the driver is closed. */
export function memory(): Driver {
  return driverOver(new InThreadExecutor())
}

/** How a file is used; sizes are bounds, and reaching one is a `StorageError`. */
export interface SqliteOptions {
  /**
   * Opens a file that a server may have open, as tools do that write an account: SQLite's own locks put the writes
   * of both in order. Without it the file is marked as in use by a server, and there can be only one.
   */
  readonly isShared?: boolean
  /**
   * Bytes to which the file may grow; what would take it further is refused as `full`, but removing, and putting in
   * order what is kept, may take 2 MiB more. As the disk allows.
   */
  readonly maxFileBytes?: number
  /** How much may be under way; see there for the defaults. */
  readonly limits?: Partial<QueueLimits>
}

/** What may be under way unless said otherwise. */
export const defaultLimits: QueueLimits = {
  maxBatch: 256,
  maxBatchLength: 4 * 1024 * 1024,
  maxWaiting: 100_000,
  maxWaitingLength: 64 * 1024 * 1024,
}

/**
 * Stores in the file at `path`, which is made if it is missing (its folder is not); `:memory:` is {@link memory}.
 * Opened at first use or by `open`. The disk is to be a local one: SQLite's log does not work over a network.
 */
export function sqlite(path: string, options: SqliteOptions = {}): Driver {
  if (path === ':memory:') return memory()
  const { isShared = false, maxFileBytes, limits } = options
  const all = { ...defaultLimits, ...limits }
  return driverOver(new InThreadsExecutor({ path, isShared, maxFileBytes, limits: all }))
}
