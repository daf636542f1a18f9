// A real Prosody for tests: a fresh one with an empty store on a free loopback port, as a child of the test.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** A running Prosody. */
export interface Prosody {
  readonly host: string
  readonly port: number
  close(): Promise<void>
}

/** How long Prosody may take to listen, in milliseconds. */
const startMs = 20_000

/** Whether there is a Prosody, after trying to install it with apt-get where that is possible; else why not. */
export function findProsody(): { version: string } | { reason: string } {
  const found = prosodyVersion()
  if (found) return { version: found }
  if (process.getuid?.() !== 0) return { reason: 'prosody is not installed, and only root could install it' }
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' }
  const install = (...words: string[]) => spawnSync('apt-get', words, { env: environment, encoding: 'utf8' })
  let last = install('install', '-y', '-q', '--no-install-recommends', 'prosody')
  if (last.status !== 0) {
    install('update', '-q')
    last = install('install', '-y', '-q', '--no-install-recommends', 'prosody')
  }
  const version = prosodyVersion()
  if (version) return { version }
  return { reason: `apt-get could not install prosody: ${last.error?.message ?? last.stderr}` }
}

function prosodyVersion(): string | undefined {
  const { status, stdout } = spawnSync('prosodyctl', ['about'], { encoding: 'utf8' })
  return status === 0 ? /^Prosody (\S+)/m.exec(stdout)?.[1] : undefined
}

/** Starts a Prosody that nobody has used yet; any name may log in with any password. */
export async function startProsody(): Promise<Prosody> {
  const directory = await mkdtemp(join(tmpdir(), 'balcony-prosody-'))
  const [port, httpPort] = await Promise.all([freePort(), freePort()])
  const file = join(directory, 'prosody.cfg.lua')
  await writeFile(file, configuration(directory, port, httpPort))
  const child = spawn('prosody', ['-F', '--config', file], { stdio: 'ignore' })
  const close = async () => {
    await stop(child)
    await rm(directory, { recursive: true, force: true })
  }
  try {
    await untilListening(child, port, join(directory, 'prosody.log'))
  } catch (error) {
    await close()
    throw error
  }
  return { host: '127.0.0.1', port, close }
}

async function untilListening(child: ChildProcess, port: number, log: string): Promise<void> {
  const end = Date.now() + startMs
  let failure: Error | undefined
  child.once('error', (error) => {
    failure = error
  })
  while (!(await isListening(port))) {
    if (failure || child.exitCode !== null || Date.now() > end) {
      const told = await readFile(log, 'utf8').catch(() => '')
      throw new Error(`Prosody does not listen on port ${port}:\n${told.slice(-2000)}`, { cause: failure })
    }
    await sleep(20)
  }
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), 3000)
  await ended
  clearTimeout(timer)
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

/** The configuration that the public scripts need, as far as this Prosody can have it. */
function configuration(directory: string, port: number, httpPort: number): string {
  return `
run_as_root = true
pidfile = ${lua(join(directory, 'prosody.pid'))}
data_path = ${lua(join(directory, 'data'))}
log = { { levels = { min = "info" }, to = "file", filename = ${lua(join(directory, 'prosody.log'))} } }
interfaces = { "127.0.0.1" }
c2s_ports = { ${port} }
http_ports = { ${httpPort} }
http_interfaces = { "127.0.0.1" }
https_ports = { }
c2s_direct_tls_ports = { }
modules_disabled = { "s2s", "tls" }
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
authentication = "insecure"
insecure_open_authentication = "Yes please, I know what I'm doing!"
storage = "memory"
admins = { "admin@localhost" }
modules_enabled = {
  "roster"; "saslauth"; "disco"; "adhoc"; "vcard_legacy"; "private"; "pep"; "blocklist"; "bookmarks"; "ping"; "version";
  "time"; "uptime"; "lastactivity"; "mam"; "external_services"; "server_contact_info"; "register"; "tombstones";
}
hide_os_type = true
external_service_host = "default.example"
external_service_port = 9876
external_service_secret = "a secret"
external_services = {
  { type = "stun", transport = "udp" };
  { type = "turn", transport = "udp", secret = true };
  { type = "turn", transport = "udp", secret = true };
  { type = "ftp", transport = "tcp", port = 2121, username = "john", password = "password" };
  { type = "ftp", transport = "tcp", host = "ftp.example.com", port = 21, username = "john", password = "password" };
}
contact_info = {
  abuse = { "mailto:abuse@localhost", "xmpp:abuse@localhost" };
  admin = { "mailto:admin@localhost", "xmpp:admin@localhost" };
}
VirtualHost "localhost"
Component "conference.localhost" "muc"
  modules_enabled = { "muc_mam" }
Component "pubsub.localhost" "pubsub"
  expose_publisher = true
Component "upload.localhost" "http_file_share"
  http_file_share_size_limit = 10000000
  http_file_share_allowed_file_types = { "text/plain", "image/*" }
  http_external_url = "https://upload.localhost/"
`
}

function lua(text: string): string {
  return JSON.stringify(text)
}
