// Prosody, from the system's package, with the features that Balcony has and without limits.
import { execFileSync } from 'node:child_process'
import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { accountName, domain, logInToXmpp, password, roomDomain } from '../generator/login.ts'
import { freePort, ServerProcess } from './process.ts'
import type { ServerKind } from './server.ts'

/** Prosody, installed with apt-get if it is missing. */
export const prosody: ServerKind = {
  name: 'prosody',
  isRelay: false,
  async prepare() {
    if (!readVersion()) install()
    const version = readVersion()
    if (!version)
      throw new Error('Prosody is missing and could not be installed; try --servers balcony,relay')
    return `Prosody ${version}`
  },
  async start({ accounts, passwordIterations }) {
    const folder = await mkdtemp(join(tmpdir(), 'bench-prosody-'))
    const port = await freePort()
    const file = join(folder, 'prosody.cfg.lua')
    await writeFile(file, configuration(folder, port))
    await writeAccounts(join(folder, 'data'), accounts, passwordIterations)
    const server = new ServerProcess('prosody', ['--config', file, '-F'], folder)
    const stop = async () => {
      await server.stop()
      await rm(folder, { recursive: true, force: true })
    }
    try {
      await server.waitForPort(port)
    } catch (error) {
      await stop()
      throw error
    }
    return { pid: server.pid, port, logIn: logInToXmpp, stop }
  },
}

function readVersion(): string | undefined {
  try {
    return /Prosody (\S+)/.exec(execFileSync('prosodyctl', ['about'], { encoding: 'utf8' }))?.[1]
  } catch {
    return undefined
  }
}

function install(): void {
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
}

/** No `limits` module, so no limits; logs at warn; the modules that answer what Balcony answers. */
function configuration(folder: string, port: number): string {
  return `
pidfile = "${folder}/prosody.pid"
data_path = "${folder}/data"
certificates = "${folder}"
run_as_root = true
network_backend = "epoll"
log = { warn = "${folder}/prosody.log" }
interfaces = { "127.0.0.1" }
c2s_ports = { ${port} }
authentication = "internal_hashed"
storage = "internal"
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
modules_enabled = {
  "roster", "saslauth", "disco", "ping", "version", "time", "uptime", "lastactivity",
}
modules_disabled = { "s2s", "offline", "tls" }
VirtualHost "${domain}"
Component "${roomDomain}" "muc"
  max_history_messages = 20
`
}

/** Prosody's own files for accounts. All have the same salt, so that the keys need to be computed once. */
async function writeAccounts(dataFolder: string, accounts: number, iterations: number): Promise<void> {
  const folder = join(dataFolder, domain, 'accounts')
  await mkdir(folder, { recursive: true })
  const text = accountFile(iterations)
  for (let index = 0; index < accounts; index += 1)
    await writeFile(join(folder, `${accountName(index)}.dat`), text)
}

/** RFC 5802 §3: the keys that are kept instead of the password. */
function accountFile(iterations: number): string {
  const salt = 'balcony-bench'
  const salted = pbkdf2Sync(password, salt, iterations, 20, 'sha1')
  const clientKey = createHmac('sha1', salted).update('Client Key').digest()
  const storedKey = createHash('sha1').update(clientKey).digest('hex')
  const serverKey = createHmac('sha1', salted).update('Server Key').digest('hex')
  return `return {
  ["iteration_count"] = ${iterations};
  ["salt"] = "${salt}";
  ["stored_key"] = "${storedKey}";
  ["server_key"] = "${serverKey}";
};
`
}
