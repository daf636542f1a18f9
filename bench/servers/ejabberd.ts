// ejabberd, from the system's package, without limits.
import {
  configureEjabberd,
  ejabberdCommand,
  ejabberdVersion,
  writeEjabberdAccounts,
} from '../../test/peers/ejabberd.ts'
import { accountNames, logInToXmpp } from '../generator/login.ts'
import { writeCertificate } from './certificate.ts'
import { sameModules, settings, uncomparedExtensions } from './ejabberd-settings.ts'
import { keysOfPassword } from './kept-password.ts'
import { startServer } from './process.ts'
import type { ServerKind } from './server.ts'

/** Room for all its processes and sockets in any scenario. */
const flags = ['+K', 'true', '+P', '1000000', '+Q', '100000', '+sbwtdio', 'none']

/** ejabberd with the features that Balcony has. It is not installed by the benchmark: `apt-get install ejabberd`. */
export const ejabberd: ServerKind = {
  name: 'ejabberd',
  isRelay: false,
  async prepare() {
    for (const name of uncomparedExtensions()) {
      process.stderr.write(`The extension ${name} has no counterpart in bench/servers/ejabberd-settings.ts\n`)
    }
    const version = ejabberdVersion()
    if (version === undefined) throw new Error('ejabberd is not there; install the package ejabberd')
    return `ejabberd ${version}`
  },
  start({ accounts, passwordIterations, isArchived, isTls }) {
    const prepare = async (folder: string, port: number) => {
      const modules = isArchived ? [...sameModules(), 'mod_mam'] : sameModules()
      if (isTls) await writeCertificate(folder)
      await configureEjabberd(folder, settings(port, modules, isTls ? folder : undefined))
      await writeEjabberdAccounts(folder, accountNames(accounts), await keptPassword(passwordIterations))
      return ejabberdCommand(folder, flags)
    }
    return startServer({ name: 'ejabberd', logIn: logInToXmpp, isTls, prepare })
  },
}

/** What it keeps of the password of each account, as an Erlang term. */
async function keptPassword(wanted: number): Promise<string> {
  // With one iteration, ejabberd 23 never comes to an end.
  const iterations = Math.max(2, wanted)
  const { salt, storedKey, serverKey } = await keysOfPassword('sha-256', iterations)
  const [stored, server, salted] = [storedKey, serverKey, salt].map(
    (bytes) => `<<"${Buffer.from(bytes).toString('base64')}">>`,
  )
  return `{scram, ${stored}, ${server}, ${salted}, sha256, ${iterations}}`
}
