// ejabberd from the system's package, in a folder of its own and without Erlang's distribution: what is the same
// whoever starts it.
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const libraries = '/usr/lib/x86_64-linux-gnu'

/** The version that is there, if any is, by the folder that the package unpacks: asking the program would need its node to run. */
export function ejabberdVersion(): string | undefined {
  if (!existsSync(libraries)) return undefined
  const found = readdirSync(libraries).map((name) => /^ejabberd-([\d.]+)$/.exec(name)?.[1])
  return found.find((version) => version !== undefined)
}

/** What the configurations differ in. */
export interface EjabberdSettings {
  readonly port: number
  /** A file with certificate and key: the port speaks TLS from its first byte on. */
  readonly certificate?: string | undefined
  /** Further lines, such as how passwords are kept. */
  readonly general: readonly string[]
  /** The modules that are loaded, each with its options. */
  readonly modules: Readonly<Record<string, string>>
}

/** Writes the configuration: accounts of `localhost` in Mnesia, only 127.0.0.1, no limits, logs at warn. */
export async function configureEjabberd(
  folder: string,
  { port, certificate, general, modules }: EjabberdSettings,
): Promise<void> {
  const tls = certificate === undefined ? '' : 'tls: true, '
  const lines = [
    ...(certificate === undefined ? [] : [`certfiles: ["${certificate}"]`]),
    'loglevel: warning',
    'log_rotate_count: 0',
    'hosts: [localhost]',
    'acme: {auto: false}',
    'auth_method: mnesia',
    ...general,
    'listen:',
    `  - {port: ${port}, ip: "127.0.0.1", module: ejabberd_c2s, ${tls}max_stanza_size: 10000000, shaper: none, access: all, backlog: 1000}`,
    'modules:',
    ...Object.entries(modules).map(([name, options]) => `  ${name}: ${options}`),
  ]
  await writeFile(configurationIn(folder), `${lines.join('\n')}\n`)
}

/**
 * The command, and the variables of its environment, that run ejabberd in the foreground with all its files in `folder`.
 * It has no node name, so that nothing else listens; schedulers do not spin while they wait, which would count as work.
 * `flags` are further ones of Erlang's.
 */
export function ejabberdCommand(folder: string, flags: readonly string[] = []): readonly string[] {
  const erlang = ['erl', ...flags, '+sbwt', 'none', '+sbwtdcpu', 'none']
  const mnesia = ['-mnesia', 'dir', JSON.stringify(databaseIn(folder))]
  return ['env', ...environment(folder), ...erlang, '-noinput', ...mnesia, '-s', 'ejabberd']
}

function environment(folder: string): readonly string[] {
  return [
    `HOME=${folder}`,
    `ERL_LIBS=${libraries}`,
    'ERL_CRASH_DUMP_SECONDS=0',
    `EJABBERD_CONFIG_PATH=${configurationIn(folder)}`,
    `EJABBERD_LOG_PATH=${join(folder, 'ejabberd.log')}`,
  ]
}

function configurationIn(folder: string): string {
  return join(folder, 'ejabberd.yml')
}

function databaseIn(folder: string): string {
  return join(folder, 'mnesia')
}

/**
 * Makes the table of accounts of `localhost` before the first start.
 * @param kept what is kept of each one's password, as an Erlang term
 */
export async function writeEjabberdAccounts(
  folder: string,
  names: readonly string[],
  kept: string,
): Promise<void> {
  await mkdir(databaseIn(folder), { recursive: true })
  const script = join(folder, 'accounts.escript')
  await writeFile(script, accountsScript(folder, names, kept))
  execFileSync('escript', [script], { stdio: 'pipe', cwd: folder, env: { ...process.env, HOME: folder } })
}

function accountsScript(folder: string, names: readonly string[], kept: string): string {
  return `#!/usr/bin/env escript
main(_) ->
  application:load(mnesia),
  application:set_env(mnesia, dir, ${JSON.stringify(databaseIn(folder))}),
  ok = mnesia:create_schema([node()]),
  ok = mnesia:start(),
  {atomic, ok} = mnesia:create_table(passwd, [{disc_only_copies, [node()]}, {attributes, [us, password]}]),
  Kept = ${kept},
  [ok = mnesia:dirty_write(passwd, {passwd, {Name, <<"localhost">>}, Kept})
    || Name <- string:lexemes(<<"${names.join(' ')}">>, " ")],
  stopped = mnesia:stop().
`
}
