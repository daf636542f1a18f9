// Prosody, from the system's package, without limits.
import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { logInToWebSocket, logInToXmpp } from '../generator/login.ts'
import { writeCertificate } from './certificate.ts'
import { startServer } from './process.ts'
import {
  configuration,
  sameModules,
  uncomparedExtensions,
  usualModules,
  writeAccounts,
} from './prosody-files.ts'
import type { ServerKind } from './server.ts'

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
    async prepare() {
      for (const name of uncomparedExtensions()) {
        process.stderr.write(`The extension ${name} has no counterpart in bench/servers/prosody-files.ts\n`)
      }
      const version = readVersion() ?? install()
      if (isDurable) installSqlite()
      return `Prosody ${version}`
    },
    start({ accounts, passwordIterations, isArchived, isWebSocket, isTls }) {
      const prepare = async (folder: string, port: number) => {
        const file = join(folder, 'prosody.cfg.lua')
        const all = [...modules(), ...(isArchived ? ['mam'] : []), ...(isWebSocket ? ['websocket'] : [])]
        if (isTls) await writeCertificate(folder)
        await writeFile(file, configuration(folder, port, all, { isWebSocket, isTls, isDurable }))
        await writeAccounts(join(folder, 'data'), accounts, passwordIterations)
        return ['prosody', '--config', file, '-F']
      }
      return startServer({ name, logIn: isWebSocket ? logInToWebSocket : logInToXmpp, isTls, prepare })
    },
  }
}

function readVersion(): string | undefined {
  try {
    return /Prosody (\S+)/.exec(execFileSync('prosodyctl', ['about'], { encoding: 'utf8' }))?.[1]
  } catch {
    return undefined
  }
}

/** Returns the version that is there then. */
function install(): string {
  process.stderr.write('Prosody is not there; installing the package prosody with apt-get\n')
  installPackage('prosody')
  return readVersion() ?? 'of an unknown version'
}

/** What Prosody needs for SQLite is a package of its own. */
function installSqlite(): void {
  const name = 'lua-dbi-sqlite3'
  try {
    execFileSync('dpkg', ['--status', name], { stdio: 'ignore' })
  } catch {
    process.stderr.write(`installing the package ${name} with apt-get\n`)
    installPackage(name)
  }
}

function installPackage(name: string): void {
  const asRoot = process.getuid?.() === 0 ? [] : ['sudo', '-n']
  const [program, ...args] = [...asRoot, 'apt-get', 'install', '-y', '--no-install-recommends', name]
  try {
    execFileSync(program as string, args, {
      stdio: 'ignore',
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    })
  } catch (error) {
    throw new Error(`apt-get install ${name} failed; install it, or use --servers balcony,relay`, {
      cause: error,
    })
  }
}
