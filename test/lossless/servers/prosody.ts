// Prosody from the system's package, with its own way of keeping things, stream management and archive on.
import { configureProsody, prosodyVersion, writeProsodyAccounts } from '../../peers/prosody.ts'
import { InstalledServer } from './installed.ts'
import { resumeSeconds, type ServerParts, type TestedServer } from './server.ts'

/** Prosody, in a folder. */
export function prosody({ folder, accounts }: ServerParts): TestedServer {
  const conditions = [
    `Prosody ${prosodyVersion()}: mod_smacks, mod_mam and mod_offline on; "internal" storage, the default: it has no switch to be flushed to the disk`,
    `sessions may be resumed for ${resumeSeconds} s; everything is archived; no rate limits, no TLS`,
  ]
  const prepare = async (port: number) => {
    await writeProsodyAccounts(folder, accounts, { password: 'secret' })
    return configureProsody(folder, settings(port))
  }
  return new InstalledServer({ folder, conditions, prepare })
}

function settings(port: number): string {
  return `log = { warn = "*console" }
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
