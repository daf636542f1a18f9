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
/** Prosody with all that it usually runs with. */
export const usualProsody = prosodyWith('prosody-usual', usualModules)

function prosodyWith(name: string, modules: () => string[]): ServerKind {
  return {
    name,
    isRelay: false,
    async prepare() {
      for (const name of uncomparedExtensions()) {
        process.stderr.write(`The extension ${name} has no counterpart in bench/servers/prosody-files.ts\n`)
      }
      return `Prosody ${readVersion() ?? install()}`
    },
    start({ accounts, passwordIterations, isArchived, isWebSocket, isTls }) {
      const prepare = async (folder: string, port: number) => {
        const file = join(folder, 'prosody.cfg.lua')
        const all = [...modules(), ...(isArchived ? ['mam'] : []), ...(isWebSocket ? ['websocket'] : [])]
        if (isTls) await writeCertificate(folder)
        await writeFile(file, configuration(folder, port, all, { isWebSocket, isTls }))
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
  const asRoot = process.getuid?.() === 0 ? [] : ['sudo', '-n']
  const [program, ...args] = [...asRoot, 'apt-get', 'install', '-y', '--no-install-recommends', 'prosody']
  try {
    execFileSync(program as string, args, {
      stdio: 'ignore',
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    })
  } catch (error) {
    throw new Error('apt-get install prosody failed; install Prosody, or use --servers balcony,relay', {
      cause: error,
    })
  }
  return readVersion() ?? 'of an unknown version'
}
