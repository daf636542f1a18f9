// What ejabberd is to have when it is compared with Balcony.
import { join } from 'node:path'
import { standard } from '../../src/extensions/standard/standard.ts'
import type { EjabberdSettings } from '../../test/peers/ejabberd.ts'
import { roomDomain } from '../generator/login.ts'
import { bothFile } from './certificate.ts'

/** ejabberd's modules for each of Balcony's usual extensions; none where its core does it or it has no such thing. */
const modulesByExtension: Readonly<Record<string, readonly string[]>> = {
  archive: [], // `mod_mam`, in scenarios with an archive only.
  'avatar-hash': ['mod_vcard_xupdate'],
  'avatar-conversion': [], // `mod_avatar` needs a graphics library, and does nothing in any scenario.
  bind2: [], // Not with Debian's.
  blocking: ['mod_privacy', 'mod_blocking'],
  'bookmark-conversion': [], // Within mod_private.
  carbons: ['mod_carboncopy'],
  'client-access': [], // Not with Debian's.
  'client-state': ['mod_client_state'],
  'contact-addresses': [], // Within mod_disco.
  disco: ['mod_disco'],
  'entity-caps': ['mod_caps'],
  'external-services': ['mod_stun_disco'],
  fast: [], // Not with Debian's.
  last: ['mod_last'],
  offline: ['mod_offline'],
  pep: ['mod_pubsub'],
  ping: ['mod_ping'],
  'private-storage': ['mod_private'],
  push: ['mod_push'],
  register: ['mod_register'],
  reports: [], // Not with Debian's.
  roster: ['mod_roster'],
  'stream-limits': [], // Within ejabberd_c2s.
  'stream-management': ['mod_stream_mgmt'],
  time: ['mod_time'],
  vcard: ['mod_vcard'],
  vcard4: [], // It has no such thing.
  version: ['mod_version'],
}

/** Far more than any scenario needs: the limits are not what is compared. */
const unlimited = 1_000_000

const optionsByModule: Readonly<Record<string, string>> = {
  mod_pubsub: '{plugins: [flat, pep]}',
  mod_mam: '{default: always}',
  mod_vcard: '{search: false}',
}

/** The usual extensions for which the table says nothing. */
export function uncomparedExtensions(): string[] {
  return standard.map(({ name }) => name).filter((name) => !(name in modulesByExtension))
}

/** The modules that do what Balcony's usual extensions do. */
export function sameModules(): string[] {
  return standard.flatMap(({ name }) => modulesByExtension[name] ?? [])
}

/** Settings for `configureEjabberd`: no limits, TLS only with a folder of certificates. */
export function settings(
  port: number,
  modules: readonly string[],
  certificates: string | undefined,
): EjabberdSettings {
  return {
    port,
    certificate: certificates === undefined ? undefined : join(certificates, bothFile),
    general: ['auth_password_format: scram', 'auth_scram_hash: sha256'],
    modules: {
      ...Object.fromEntries(modules.map((name) => [name, optionsByModule[name] ?? '{}'])),
      mod_muc: `{host: ${roomDomain}, history_size: 20, max_users: ${unlimited}, max_users_presence: ${unlimited}, max_user_conferences: ${unlimited}, default_room_options: {max_users: ${unlimited}}}`,
    },
  }
}
