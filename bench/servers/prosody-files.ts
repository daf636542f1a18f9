// Prosody's configuration and accounts, as files.
import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { accountName, domain, password, roomDomain } from '../generator/login.ts'

/** The modules that answer what Balcony answers. */
export const sameModules = [
  'roster',
  'saslauth',
  'disco',
  'ping',
  'version',
  'time',
  'uptime',
  'lastactivity',
  'vcard',
  'user_account_management',
] as const

/** What Debian's configuration switches on besides, but TLS and limits. */
export const usualModules = [
  ...sameModules,
  'blocklist',
  'bookmarks',
  'carbons',
  'csi_simple',
  'dialback',
  'pep',
  'private',
  'smacks',
  'vcard4',
] as const

/** No `limits` module, so no limits; logs at warn. */
export function configuration(folder: string, port: number, modules: readonly string[]): string {
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
modules_enabled = { ${modules.map((name) => `"${name}"`).join(', ')} }
modules_disabled = { "s2s", "offline", "tls" }
VirtualHost "${domain}"
Component "${roomDomain}" "muc"
  max_history_messages = 20
`
}

/** Makes Prosody's own files for accounts. All have the same salt, so that the keys need to be computed once. */
export async function writeAccounts(dataFolder: string, accounts: number, iterations: number): Promise<void> {
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
