// `balcony scansion`: the runner, with files, the terminal and servers of this program.
import { watch } from 'node:fs'
import { glob, readFile, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { silentLog } from '../base/log.ts'
import { parseJid } from '../jid/jid.ts'
import { command, type Files } from '../scansion/command.ts'
import { type RawOptions, readOptions } from '../scansion/options.ts'
import type { Script } from '../scansion/script.ts'
import type { Stage, StageServer } from '../scansion/suite.ts'
import { catalog } from '../server/catalog.ts'
import { composeServer } from '../server/compose.ts'
import type { ConfigInput } from '../server/config.ts'
import { readConfig } from '../server/read-config.ts'
import { memory } from '../storage/sqlite.ts'
import { badUsage, CommandError } from './command-error.ts'
import { readConfigFile } from './config-source.ts'

/** Plays scripts; the exit code is 0, 1 or 2 (see docs/scansion.md). */
export async function scansion(
  paths: readonly string[],
  { config, ...raw }: RawOptions & { readonly config?: string },
  process: NodeJS.Process,
): Promise<number> {
  const options = readOptions(raw)
  if ('length' in options) throw new CommandError(options.join('; '), { exitCode: badUsage })
  if (config !== undefined && !options.serve) {
    throw new CommandError('--config is for the servers of --serve', { exitCode: badUsage })
  }
  const stage = stageWith(config === undefined ? usualStage : await readConfigFile(resolve(config)))
  const interrupted = new AbortController()
  if (options.watch) process.once('SIGINT', () => interrupted.abort())
  const { stdout: out, stderr: err } = process
  return command(paths, options, { out, err, files, stage, signal: interrupted.signal })
}

const files: Files = {
  async list(path) {
    if ((await stat(path)).isFile()) return [path]
    const found = await Array.fromAsync(glob('**/*.scs', { cwd: path }))
    return found.sort().map((file) => join(path, file))
  },
  read: (file) => readFile(file, 'utf8'),
  watch(paths, onChange, signal) {
    for (const path of paths) {
      watch(path, { recursive: true, signal }, (_event, file) => {
        if (file === null || file.endsWith('.scs')) onChange()
      })
    }
  },
}

/** What a server for scripts is like, unless a configuration says otherwise. */
const usualStage: ConfigInput = {
  admins: ['admin@localhost'],
  extensions: { register: { open: true, perHour: 0, minPasswordLength: 1 } },
}

/** A fresh server in memory as usual: see `stageWith`. */
export const stage: Stage = (script) => stageWith(usualStage)(script)

/** Makes fresh servers in memory, with the accounts of a script's characters and rooms on the domains that it names. */
export function stageWith(config: ConfigInput): Stage {
  return (script) => openStage(config, script)
}

async function openStage(config: ConfigInput, script: Script): Promise<StageServer> {
  const accountsByDomain = new Map<string, Record<string, string>>()
  for (const { bareJid, password } of script.characters) {
    const address = parseJid(bareJid)
    if (!address) throw new Error(`${bareJid} is no address`)
    const accounts = accountsByDomain.get(address.domain) ?? {}
    accounts[address.local] = password
    accountsByDomain.set(address.domain, accounts)
  }
  const domains = [...accountsByDomain.keys()]
  const rooms = roomsOf(script, domains)
  const plan = readConfig(stageConfig(rooms === undefined ? config : { rooms, ...config }, domains), catalog)
  const server = composeServer(plan, { storage: memory(), log: silentLog })
  await server.start()
  for (const [domain, accounts] of accountsByDomain) {
    const kept = server.host(domain)?.accounts
    for (const [name, password] of Object.entries(accounts)) {
      const account = kept?.address(name)
      if (account) await kept?.create(account, password)
    }
  }
  const host = '127.0.0.1'
  const { port } = await server.listen({ kind: 'starttls', host, port: 0 })
  return { host, port, close: () => server.close() }
}

/** The domain below the first one whose addresses with a localpart the script writes to: those are rooms. */
function roomsOf({ steps }: Script, domains: readonly string[]): string | undefined {
  for (const step of steps) {
    const to = step.kind === 'sends' ? parseJid(step.stanza.attribute('to') ?? '') : undefined
    if (!to || to.local === '' || domains.includes(to.domain)) continue
    if (to.domain.endsWith(`.${domains[0]}`)) return to.domain
  }
  return undefined
}

/** The configuration, made fit for scripts: in memory, without TLS and limits of speed, on the domains of the script. */
function stageConfig(config: ConfigInput, [first = 'localhost', ...others]: readonly string[]): ConfigInput {
  return {
    domain: first,
    ...config,
    hosts: { ...Object.fromEntries(others.map((domain) => [domain, {}])), ...config.hosts },
    storage: 'memory',
    firstAccount: false,
    login: { requireTls: false, plainWithoutTls: true },
    limits: { bytesPerSecond: 0, stanzasPerSecond: 0, loginFailuresPerMinute: 0, ...config.limits },
  }
}
