// Prosody from the system's package, with its own way of keeping things, stream management and archive on.
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Child, freePort, whenAccepting } from './child.ts'
import { resumeSeconds, type ServerParts, type TestedServer } from './server.ts'

/** Prosody, in a folder. */
export class Prosody implements TestedServer {
  readonly conditions: readonly string[]
  readonly knowsTroubles = false
  readonly #folder: string
  readonly #child = new Child()
  #ownPort: number | undefined

  constructor({ folder, accounts }: ServerParts) {
    this.#folder = folder
    const version = /Prosody (\S+)/.exec(execFileSync('prosodyctl', ['about'], { encoding: 'utf8' }))?.[1]
    this.conditions = [
      `Prosody ${version}: mod_smacks, mod_mam and mod_offline on; "internal" storage, the default: it has no switch to be flushed to the disk`,
      `sessions may be resumed for ${resumeSeconds} s; everything is archived; no rate limits, no TLS`,
    ]
    const data = join(folder, 'data', 'localhost', 'accounts')
    mkdirSync(data, { recursive: true })
    for (const name of accounts)
      writeFileSync(join(data, `${name}.dat`), `return { ["password"] = "secret"; };\n`)
  }

  get port(): number | undefined {
    return this.#child.port
  }

  get output(): string {
    return this.#child.output
  }

  async start(): Promise<void> {
    const port = await this.#choosePort()
    const file = join(this.#folder, 'prosody.cfg.lua')
    const command = ['prosody', '--config', file, '-F']
    await this.#child.start({ command, folder: this.#folder, portOf: () => whenAccepting(port) })
  }

  end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    return this.#child.end(signal)
  }

  async #choosePort(): Promise<number> {
    if (this.#ownPort === undefined) {
      this.#ownPort = await freePort()
      writeFileSync(join(this.#folder, 'prosody.cfg.lua'), configuration(this.#folder, this.#ownPort))
    }
    return this.#ownPort
  }
}

function configuration(folder: string, port: number): string {
  return `
pidfile = "${folder}/prosody.pid"
data_path = "${folder}/data"
certificates = "${folder}"
run_as_root = true
network_backend = "epoll"
log = { warn = "*console" }
interfaces = { "127.0.0.1" }
c2s_ports = { ${port} }
authentication = "internal_plain"
storage = "internal"
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
smacks_hibernation_time = ${resumeSeconds}
default_archive_policy = true
archive_expires_after = "never"
modules_enabled = { "saslauth", "roster", "disco", "ping", "smacks", "mam", "offline", "carbons", "blocklist", "csi_simple", "pep" }
modules_disabled = { "s2s", "tls" }
VirtualHost "localhost"
`
}
