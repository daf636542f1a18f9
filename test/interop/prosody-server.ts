// A real Prosody for tests: a fresh one with an empty store on a free loopback port, as a child of the test.
import { spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Found, findProgram } from '../debian.ts'
import { freePort, whenListening } from '../peers/ports.ts'
import { configureProsody, prosodyFile, prosodyVersion } from '../peers/prosody.ts'
import { ServerProcess } from '../peers/server-process.ts'

/** A running Prosody. */
export interface Prosody {
  readonly host: string
  readonly port: number
  /** Where TLS comes first, if there is TLS. */
  readonly tlsPort: number
  close(): Promise<void>
}

/** Whether there is a Prosody, after trying to install it with apt-get where that is possible; else why not. */
export function findProsody(): Found {
  return findProgram('prosody', prosodyVersion)
}

/** How a Prosody lets people in. Without any of it any name may log in with any password, without TLS. */
export interface ProsodyLogin {
  /** STARTTLS on `port` and TLS from the first byte on `tlsPort`, with a certificate of its own making. */
  readonly tls?: boolean
  /** Passwords by name at localhost, kept as SCRAM keeps them. */
  readonly accounts?: Readonly<Record<string, string>>
  /** SASL mechanisms that are not offered. */
  readonly without?: readonly string[]
}

/** Starts a Prosody that nobody has used yet. */
export async function startProsody(login: ProsodyLogin = {}): Promise<Prosody> {
  const directory = await mkdtemp(join(tmpdir(), 'balcony-prosody-'))
  const [port, httpPort, tlsPort] = await Promise.all([freePort(), freePort(), freePort()])
  const command = await configureProsody(directory, settings(directory, { port, httpPort, tlsPort }, login))
  if (login.tls) makeCertificate(directory)
  for (const [name, password] of Object.entries(login.accounts ?? {})) {
    run('prosodyctl', ['--root', '--config', prosodyFile(directory), 'register', name, 'localhost', password])
  }
  const server = new ServerProcess({ command, folder: directory })
  const close = async () => {
    await server.stop()
    await rm(directory, { recursive: true, force: true })
  }
  try {
    await server.until(() => whenListening(port))
  } catch (error) {
    await close()
    throw error
  }
  return { host: '127.0.0.1', port, tlsPort, close }
}

function makeCertificate(directory: string): void {
  const [key, certificate] = [join(directory, 'key.pem'), join(directory, 'certificate.pem')]
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-subj', '/CN=localhost']
  run('openssl', ['req', '-x509', '-nodes', '-days', '2', ...kind, '-keyout', key, '-out', certificate])
}

function run(program: string, words: readonly string[]): void {
  const { status, error, stdout, stderr } = spawnSync(program, words, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${program} failed: ${error?.message ?? stdout + stderr}`)
}

interface Ports {
  readonly port: number
  readonly httpPort: number
  readonly tlsPort: number
}

/** The configuration that the public scripts need, as far as this Prosody can have it. */
function settings(directory: string, ports: Ports, login: ProsodyLogin): string {
  return `log = { info = "*console" }
c2s_ports = { ${ports.port} }
http_ports = { ${ports.httpPort} }
http_interfaces = { "127.0.0.1" }
https_ports = { }
${loginConfiguration(directory, ports, login)}
admins = { "admin@localhost" }
modules_enabled = {
  "roster"; "saslauth"; "disco"; "adhoc"; "vcard_legacy"; "private"; "pep"; "blocklist"; "bookmarks"; "ping"; "version";
  "time"; "uptime"; "lastactivity"; "mam"; "external_services"; "server_contact_info"; "register"; "tombstones";
  ${login.tls ? '"tls";' : ''}
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

function loginConfiguration(directory: string, { tlsPort }: Ports, login: ProsodyLogin): string {
  const key = lua(join(directory, 'key.pem'))
  const certificate = lua(join(directory, 'certificate.pem'))
  const tls = login.tls
    ? `c2s_direct_tls_ports = { ${tlsPort} }\nssl = { key = ${key}, certificate = ${certificate} }\nc2s_require_encryption = true`
    : 'c2s_direct_tls_ports = { }\nc2s_require_encryption = false\nallow_unencrypted_plain_auth = true'
  const accounts = login.accounts
    ? 'authentication = "internal_hashed"\nstorage = "internal"'
    : `authentication = "insecure"\ninsecure_open_authentication = "Yes please, I know what I'm doing!"\nstorage = "memory"`
  const without = (login.without ?? []).map(lua).join(', ')
  return `modules_disabled = { "s2s"${login.tls ? '' : ', "tls"'} }\n${tls}\n${accounts}\ndisable_sasl_mechanisms = { ${without} }`
}

function lua(text: string): string {
  return JSON.stringify(text)
}
