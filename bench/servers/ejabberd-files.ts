// ejabberd's configuration, its accounts, and the command that starts it without Erlang's distribution.
import { execFileSync } from 'node:child_process'
import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { standard } from '../../src/extensions/standard/standard.ts'
import { accountName, domain, password, roomDomain } from '../generator/login.ts'
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

/** The lines of `ejabberd.yml`, as one text: no limits, TLS only with a folder of certificates, logs at warn. */
export function configuration(
  port: number,
  modules: readonly string[],
  certificates: string | undefined,
): string {
  const files = certificates === undefined ? '' : `certfiles: ["${join(certificates, bothFile)}"]\n`
  const tls = certificates === undefined ? '' : 'tls: true, '
  return `${files}loglevel: warning
log_rotate_count: 0
hosts: [${domain}]
acme: {auto: false}
auth_method: mnesia
auth_password_format: scram
auth_scram_hash: sha256
listen:
  - {port: ${port}, ip: "127.0.0.1", module: ejabberd_c2s, ${tls}max_stanza_size: 10000000, shaper: none, access: all, backlog: 1000}
modules:
${modules.map((name) => `  ${name}: ${optionsByModule[name] ?? '{}'}`).join('\n')}
  mod_muc:
    host: ${roomDomain}
    history_size: 20
    max_users: ${unlimited}
    max_users_presence: ${unlimited}
    max_user_conferences: ${unlimited}
    default_room_options: {max_users: ${unlimited}}
`
}

/**
 * The command, and the variables of its environment, that run ejabberd in the foreground with all its files in `folder`.
 * It has no node name, so that nothing else listens; schedulers do not spin while they wait, which would count as work.
 */
export function command(folder: string): readonly string[] {
  return [
    'env',
    ...environment(folder),
    'erl',
    ...[
      '+K',
      'true',
      '+P',
      '1000000',
      '+Q',
      '100000',
      '+sbwt',
      'none',
      '+sbwtdcpu',
      'none',
      '+sbwtdio',
      'none',
    ],
    ...['-noinput', ...mnesiaIn(folder), '-s', 'ejabberd'],
  ]
}

function environment(folder: string): string[] {
  return [
    `HOME=${folder}`,
    'ERL_LIBS=/usr/lib/x86_64-linux-gnu',
    'ERL_CRASH_DUMP_SECONDS=0',
    `EJABBERD_CONFIG_PATH=${join(folder, 'ejabberd.yml')}`,
    `EJABBERD_LOG_PATH=${join(folder, 'ejabberd.log')}`,
  ]
}

function mnesiaIn(folder: string): string[] {
  return ['-mnesia', 'dir', JSON.stringify(join(folder, 'mnesia'))]
}

/** Makes ejabberd's table of accounts before it starts. All have the same salt, so that the keys are computed once. */
export async function writeAccounts(folder: string, accounts: number, iterations: number): Promise<void> {
  await mkdir(join(folder, 'mnesia'), { recursive: true })
  const script = join(folder, 'accounts.escript')
  await writeFile(script, accountsScript(folder, accounts, iterations))
  execFileSync('escript', [script], { stdio: 'pipe', cwd: folder, env: { ...process.env, HOME: folder } })
}

function accountsScript(folder: string, accounts: number, iterations: number): string {
  const name = accountName(0).slice(0, -1)
  return `#!/usr/bin/env escript
main(_) ->
  application:load(mnesia),
  application:set_env(mnesia, dir, ${JSON.stringify(join(folder, 'mnesia'))}),
  ok = mnesia:create_schema([node()]),
  ok = mnesia:start(),
  {atomic, ok} = mnesia:create_table(passwd, [{disc_only_copies, [node()]}, {attributes, [us, password]}]),
  Keys = ${scramRecord(iterations)},
  [ok = mnesia:dirty_write(passwd, {passwd, {<<"${name}", (integer_to_binary(Index))/binary>>, <<"${domain}">>}, Keys})
    || Index <- lists:seq(0, ${accounts - 1})],
  stopped = mnesia:stop().
`
}

/** RFC 5802 §3: the keys that are kept instead of the password. */
function scramRecord(wanted: number): string {
  // With one iteration, ejabberd 23 never comes to an end.
  const iterations = Math.max(2, wanted)
  const salt = 'balcony-bench'
  const salted = pbkdf2Sync(password, salt, iterations, 32, 'sha256')
  const clientKey = createHmac('sha256', salted).update('Client Key').digest()
  const storedKey = createHash('sha256').update(clientKey).digest('base64')
  const serverKey = createHmac('sha256', salted).update('Server Key').digest('base64')
  const saltText = Buffer.from(salt).toString('base64')
  return `{scram, <<"${storedKey}">>, <<"${serverKey}">>, <<"${saltText}">>, sha256, ${iterations}}`
}
