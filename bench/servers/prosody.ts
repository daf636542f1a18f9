// Prosody, from the system's package, without limits.
import { spawnSync } from 'node:child_process'
import { findProgram } from '../../test/debian.ts'
import { configureProsody, prosodyVersion, writeProsodyAccounts } from '../../test/peers/prosody.ts'
import { accountNames, logInToWebSocket, logInToXmpp } from '../generator/login.ts'
import { writeCertificate } from './certificate.ts'
import { keysOfPassword } from './kept-password.ts'
import { startServer } from './process.ts'
import { sameModules, settings, uncomparedExtensions, usualModules } from './prosody-settings.ts'
import type { ServerKind } from './server.ts'

const sqlitePackage = 'lua-dbi-sqlite3'

/** Prosody with the features that Balcony has, installed with apt-get if it is missing. */
export const prosody = prosodyWith('prosody', sameModules)
/** The same, with its archive in SQLite, as it is kept durably; its own files are not. */
export const durableProsody = prosodyWith('prosody-sqlite', sameModules, { isDurable: true })
/** Prosody with all that it usually runs with. */
export const usualProsody = prosodyWith('prosody-usual', usualModules)

function prosodyWith(
  name: string,
  modules: () => string[],
  { isDurable } = { isDurable: false },
): ServerKind {
  return {
    name,
    isRelay: false,
    isForArchives: isDurable,
    async prepare() {
      for (const name of uncomparedExtensions()) {
        process.stderr.write(
          `The extension ${name} has no counterpart in bench/servers/prosody-settings.ts\n`,
        )
      }
      const version = find('prosody', prosodyVersion)
      if (isDurable) find(sqlitePackage, versionOfSqlite)
      return `Prosody ${version}`
    },
    start({ accounts, passwordIterations, isArchived, isWebSocket, isTls }) {
      const prepare = async (folder: string, port: number) => {
        const all = [...modules(), ...(isArchived ? ['mam'] : []), ...(isWebSocket ? ['websocket'] : [])]
        if (isTls) await writeCertificate(folder)
        await writeProsodyAccounts(folder, accountNames(accounts), await keptPassword(passwordIterations))
        return configureProsody(folder, settings(folder, port, all, { isWebSocket, isTls, isDurable }))
      }
      return startServer({ name, logIn: isWebSocket ? logInToWebSocket : logInToXmpp, isTls, prepare })
    },
  }
}

/** Its version, once it is there. */
function find(name: string, version: () => string | undefined): string {
  if (version() === undefined) {
    process.stderr.write(`${name} is not there; installing the package with apt-get\n`)
  }
  const found = findProgram(name, version, { maySudo: true })
  if ('version' in found) return found.version
  throw new Error(`${found.reason}; install it, or use --servers balcony,relay`)
}

/** What Prosody needs for SQLite is a package of its own. */
function versionOfSqlite(): string | undefined {
  const { status, stdout } = spawnSync('dpkg', ['--status', sqlitePackage], { encoding: 'utf8' })
  return status === 0 ? /^Version: (.+)/m.exec(stdout)?.[1] : undefined
}

/** What it keeps of the password of each account. */
async function keptPassword(iterations: number): Promise<Record<string, string | number>> {
  const { salt, storedKey, serverKey } = await keysOfPassword('sha-256', iterations)
  return {
    iteration_count: iterations,
    salt: Buffer.from(salt).toString(),
    stored_key: Buffer.from(storedKey).toString('hex'),
    server_key: Buffer.from(serverKey).toString('hex'),
  }
}
