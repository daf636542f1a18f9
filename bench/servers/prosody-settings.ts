// What Prosody is to have when it is compared with Balcony.
import { standard } from '../../src/extensions/standard/standard.ts'
import { domain, roomDomain } from '../generator/login.ts'
import { certificateFile, keyFile } from './certificate.ts'

/** Prosody's module for each of Balcony's usual extensions, or why it needs none. */
const moduleByExtension: Readonly<Record<string, string | undefined>> = {
  archive: undefined, // `mam`, in scenarios with an archive only.
  'avatar-hash': undefined, // Only with PEP, and then it does more.
  'avatar-conversion': undefined, // Within `vcard_legacy`, which takes the place of `vcard`.
  bind2: undefined, // Not with Debian's.
  blocking: 'blocklist',
  'bookmark-conversion': 'bookmarks',
  carbons: 'carbons',
  'client-access': undefined, // Not with Debian's.
  'client-state': 'csi_simple',
  'contact-addresses': 'server_contact_info',
  disco: 'disco',
  'entity-caps': undefined, // Within disco.
  'external-services': 'external_services',
  fast: undefined, // Not with Debian's.
  last: 'uptime',
  offline: 'offline',
  pep: 'pep',
  ping: 'ping',
  'private-storage': 'private',
  push: undefined, // Not with Debian's.
  register: 'user_account_management',
  reports: undefined, // Not with Debian's.
  roster: 'roster',
  'stream-limits': undefined, // Within c2s.
  'stream-management': 'smacks',
  time: 'time',
  vcard: 'vcard',
  vcard4: 'vcard4',
  version: 'version',
}

/** The usual extensions for which the table says nothing; while there are any, the comparison is not fair. */
export function uncomparedExtensions(): string[] {
  return standard.map(({ name }) => name).filter((name) => !(name in moduleByExtension))
}

/** The modules that do what Balcony's usual extensions do. */
export function sameModules(): string[] {
  const modules = standard.map(({ name }) => moduleByExtension[name])
  return ['saslauth', ...modules.filter((name) => name !== undefined)]
}

/** What Debian's configuration switches on besides, but TLS and limits. */
export function usualModules(): string[] {
  const others = ['bookmarks', 'csi_simple', 'dialback', 'pep', 'private', 'smacks', 'vcard4']
  return [...new Set([...sameModules(), 'blocklist', 'carbons', ...others])]
}

/** Modules that Prosody loads unasked. */
const unasked = ['s2s', 'offline', 'tls']
const luaList = (names: readonly string[]) => names.map((name) => `"${name}"`).join(', ')

interface ProsodyOptions {
  readonly isWebSocket: boolean
  readonly isTls: boolean
  /** Whether what is archived would survive a loss of power: in SQLite, where the files of its own would not. */
  readonly isDurable: boolean
}

/** Settings for `configureProsody`: no `limits` module, so no limits; logs at warn. */
export function settings(
  folder: string,
  port: number,
  modules: readonly string[],
  { isWebSocket, isTls, isDurable }: ProsodyOptions,
): string {
  const unwanted = unasked.filter((name) => !modules.includes(name))
  return `log = { warn = "${folder}/prosody.log" }
c2s_ports = { ${isWebSocket || isTls ? '' : port} }
c2s_direct_tls_ports = { ${isTls ? port : ''} }
${isTls ? `ssl = { certificate = "${folder}/${certificateFile}", key = "${folder}/${keyFile}" }\nc2s_direct_tls_ssl = ssl` : ''}
http_ports = { ${isWebSocket ? port : ''} }
https_ports = { }
http_interfaces = { "127.0.0.1" }
consider_websocket_secure = true
authentication = "internal_hashed"
password_hash = "SHA-256"
storage = { archive = "${isDurable ? 'sql' : 'internal'}" }
default_storage = "internal"
sql = { driver = "SQLite3", database = "archive.sqlite" }
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
modules_enabled = { ${luaList(modules)} }
modules_disabled = { ${luaList(unwanted)} }
VirtualHost "${domain}"
Component "${roomDomain}" "muc"
  max_history_messages = 20
`
}
