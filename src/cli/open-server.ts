// From a configuration to a server with its storage: what `start` and the account commands share.
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Log } from '../base/log.ts'
import { composeServer } from '../server/compose.ts'
import type { Server } from '../server/server.ts'
import { type Files, filesIn, filesInMemory } from '../storage/files.ts'
import { ServerLock } from '../storage/server-lock.ts'
import { memory, sqlite } from '../storage/sqlite.ts'
import type { Driver } from '../storage/storage.ts'
import type { Tap } from '../stream/tapped-transport.ts'
import type { LoadedConfig } from './config-source.ts'

/** How a server is opened. */
export interface OpenOptions {
  readonly log: Log
  /** Is shown all traffic where the configuration asks for that. */
  readonly tap?: Tap
  /** Beside a server that may be running, as the account commands are: without services if it is, and not alone on the file. */
  readonly isShared?: boolean
}

/** The folder for everything that is kept. */
export function dataFolder(loaded: LoadedConfig): string {
  return resolve(loaded.folder, loaded.config.data)
}

/** The file in which everything is kept. */
export function dataFile(loaded: LoadedConfig): string {
  return join(dataFolder(loaded), 'balcony.sqlite')
}

/** Whether a server runs on the data of a configuration. */
export function isServed(loaded: LoadedConfig): boolean {
  return loaded.config.storage !== 'memory' && ServerLock.isHeld(dataFile(loaded))
}

/** Makes the server of a configuration, with its storage open and its extensions loaded; it does not listen yet. */
export async function openServer(
  loaded: LoadedConfig,
  { log, tap, isShared = false }: OpenOptions,
): Promise<Server> {
  const storage = openStorage(loaded, isShared)
  // A service that runs twice would not know what it does; one that does not run hears of accounts that go.
  const isTwice = isShared && isServed(loaded)
  const domains = isTwice ? loaded.domains.map((domain) => ({ ...domain, services: [] })) : loaded.domains
  const server = composeServer(
    { ...loaded, domains },
    { storage, files: openFiles(loaded), log, ...(tap && loaded.config.log.stanzas ? { tap } : {}) },
  )
  try {
    await server.start()
  } catch (error) {
    await server.close()
    throw error
  }
  return server
}

function openStorage(loaded: LoadedConfig, isShared: boolean): Driver {
  if (loaded.config.storage === 'memory') return memory()
  // What is kept is for nobody but the one who runs the server.
  mkdirSync(dataFolder(loaded), { recursive: true, mode: 0o700 })
  return sqlite(dataFile(loaded), { isShared })
}

function openFiles(loaded: LoadedConfig): Files {
  return loaded.config.storage === 'memory' ? filesInMemory() : filesIn(join(dataFolder(loaded), 'files'))
}
