// ejabberd, from the system's package, without limits.
import { existsSync, readdirSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { logInToXmpp } from '../generator/login.ts'
import { writeCertificate } from './certificate.ts'
import { command, configuration, sameModules, uncomparedExtensions, writeAccounts } from './ejabberd-files.ts'
import { startServer } from './process.ts'
import type { ServerKind } from './server.ts'

const libraries = '/usr/lib/x86_64-linux-gnu'

/** ejabberd with the features that Balcony has. It is not installed by the benchmark: `apt-get install ejabberd`. */
export const ejabberd: ServerKind = {
  name: 'ejabberd',
  isRelay: false,
  async prepare() {
    for (const name of uncomparedExtensions()) {
      process.stderr.write(`The extension ${name} has no counterpart in bench/servers/ejabberd-files.ts\n`)
    }
    const version = readVersion()
    if (version === undefined) throw new Error('ejabberd is not there; install the package ejabberd')
    return `ejabberd ${version}`
  },
  start({ accounts, passwordIterations, isArchived, isTls }) {
    const prepare = async (folder: string, port: number) => {
      const modules = isArchived ? [...sameModules(), 'mod_mam'] : sameModules()
      if (isTls) await writeCertificate(folder)
      await writeFile(join(folder, 'ejabberd.yml'), configuration(port, modules, isTls ? folder : undefined))
      await writeAccounts(folder, accounts, passwordIterations)
      return command(folder)
    }
    return startServer({ name: 'ejabberd', logIn: logInToXmpp, isTls, prepare })
  },
}

/** By the folder that the package unpacks: asking the program would need its node to run. */
function readVersion(): string | undefined {
  if (!existsSync(libraries)) return undefined
  const found = readdirSync(libraries).map((name) => /^ejabberd-([\d.]+)$/.exec(name)?.[1])
  return found.find((version) => version !== undefined)
}
