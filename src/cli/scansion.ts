// `balcony scansion`: the runner, with files, the terminal and servers of this program.
import { watch } from 'node:fs'
import { glob, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { silentLog } from '../base/log.ts'
import { parseJid } from '../jid/jid.ts'
import { command, type Files } from '../scansion/command.ts'
import { type RawOptions, readOptions } from '../scansion/options.ts'
import type { Script } from '../scansion/script.ts'
import type { StageServer } from '../scansion/suite.ts'
import { catalog } from '../server/catalog.ts'
import { composeServer } from '../server/compose.ts'
import type { ConfigInput } from '../server/config.ts'
import { readConfig } from '../server/read-config.ts'
import { memory } from '../storage/sqlite.ts'
import { badUsage, CommandError } from './command-error.ts'

/** Plays scripts; the exit code is 0, 1 or 2 (see docs/scansion.md). */
export async function scansion(
  paths: readonly string[],
  raw: RawOptions,
  process: NodeJS.Process,
): Promise<number> {
  const options = readOptions(raw)
  if ('length' in options) throw new CommandError(options.join('; '), { exitCode: badUsage })
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

/** A fresh server in memory, with the accounts of a script's characters on the domains that they name. */
export async function stage(script: Script): Promise<StageServer> {
  const accountsByDomain = new Map<string, Record<string, string>>()
  for (const { bareJid, password } of script.characters) {
    const address = parseJid(bareJid)
    if (!address) throw new Error(`${bareJid} is no address`)
    const accounts = accountsByDomain.get(address.domain) ?? {}
    accounts[address.local] = password
    accountsByDomain.set(address.domain, accounts)
  }
  const plan = readConfig(stageConfig(accountsByDomain), catalog)
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

function stageConfig(accountsByDomain: ReadonlyMap<string, object>): ConfigInput {
  const [first = 'localhost', ...others] = accountsByDomain.keys()
  return {
    domain: first,
    hosts: Object.fromEntries(others.map((domain) => [domain, {}])),
    storage: 'memory',
    firstAccount: false,
    login: { requireTls: false, plainWithoutTls: true },
    limits: { bytesPerSecond: 0, stanzasPerSecond: 0, loginFailuresPerMinute: 0 },
    extensions: { register: { open: true, perHour: 0, minPasswordLength: 1 } },
  }
}
