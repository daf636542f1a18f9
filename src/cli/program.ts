// The words of the command line and what each does. Bad words: one line, exit code 2.
import { resolve } from 'node:path'
import { Command, CommanderError, Option } from 'commander'
import { systemClock } from '../base/clock.ts'
import { silentLog } from '../base/log.ts'
import { product } from '../base/product.ts'
import type { Host } from '../host/host.ts'
import type { Jid } from '../jid/jid.ts'
import { type RawOptions, scansionOptions } from '../scansion/options.ts'
import { catalog } from '../server/catalog.ts'
import { StorageError } from '../storage/storage-error.ts'
import { type AccountParts, addAccount, changePassword, listAccounts, removeAccount } from './account.ts'
import { giveOrder, type Order } from './account-orders.ts'
import { findings } from './check.ts'
import { badUsage, CommandError, explainSystemError, failed } from './command-error.ts'
import { type ConfigRequest, loadConfig, parseSetting } from './config-source.ts'
import { devSettings } from './dev.ts'
import { isServed, openServer } from './open-server.ts'
import { makePassword, readPassword } from './passwords.ts'
import { scansion } from './scansion.ts'
import type { Setting } from './setting.ts'
import { start } from './start.ts'

/** Runs a command line; returns the exit code. */
export async function run(words: readonly string[], process: NodeJS.Process): Promise<number> {
  let exitCode = 0
  const program = makeProgram(process, (code) => {
    exitCode = code
  })
  try {
    await program.parseAsync(words, { from: 'user' })
    return exitCode
  } catch (error) {
    return report(error, process)
  }
}

function report(error: unknown, { stderr }: NodeJS.Process): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : badUsage
  const message = messageOf(error)
  if (message === undefined) throw error
  for (const line of message.split('\n')) stderr.write(`balcony: ${line}\n`)
  return error instanceof CommandError ? error.exitCode : failed
}

/** What is wrong, for people; `undefined` for a bug, which is better shown with its stack. */
function messageOf(error: unknown): string | undefined {
  if (error instanceof CommandError || error instanceof StorageError) return error.message
  return explainSystemError(error)
}

type Finish = (exitCode: number) => void

function makeProgram(process: NodeJS.Process, finish: Finish): Command {
  const program = new Command('balcony')
    .description('An XMPP server.')
    .version(product.version, '-V, --version')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => process.stdout.write(text),
      writeErr: (text) => process.stderr.write(text),
      outputError: (text, write) =>
        write(`balcony: ${text.replace(/^error: /, '').replace(/\n(?=.)/g, ' ')}`),
    })
  addStart(program, process, finish)
  addAccounts(program, process)
  addCheck(program, process, finish)
  addScansion(program, process, finish)
  program
    .command('version')
    .description('say the version')
    .action(() => void process.stdout.write(`${product.version}\n`))
  return program
}

/** Options of all commands that read the configuration, as commander gives them. */
interface ConfigFlags {
  readonly config?: string
  readonly set: readonly Setting[]
}

function withConfig(command: Command): Command {
  return command
    .option('-c, --config <file>', 'the configuration (balcony.config.ts or balcony.config.json here)')
    .addOption(settingFlag('--domain <domain>', 'the domain of the accounts', 'domain'))
    .addOption(
      settingFlag('--data <folder>', 'folder for everything that is kept', 'data', (text) => resolve(text)),
    )
    .addOption(
      new Option('--set <path=value>', 'any option of the configuration, such as limits.depth=64')
        .argParser((text, before: Setting[]) => [...before, parseSetting(text)])
        .default([], 'none'),
    )
}

/** A flag that stands for one option of the configuration. */
function settingFlag(
  flags: string,
  description: string,
  path: string,
  read = (text: string) => text,
): Option {
  return new Option(flags, description).argParser((text) => ({
    ...parseSetting(`${path}=${read(text)}`),
    origin: flags.split(' ')[0],
  }))
}

function requestOf(
  flags: ConfigFlags,
  process: NodeJS.Process,
  first: readonly Setting[] = [],
): ConfigRequest {
  const isSetting = (value: unknown): value is Setting => Array.isArray((value as Partial<Setting>)?.path)
  const named = Object.values(flags).filter(isSetting)
  return {
    file: flags.config,
    settings: [...first, ...named, ...flags.set],
    environment: process.env,
    folder: process.cwd(),
    catalog,
  }
}

function addStart(program: Command, process: NodeJS.Process, finish: Finish): void {
  const serving = (name: string) =>
    withConfig(program.command(name))
      .addOption(settingFlag('--address <address>', 'where to listen', 'listen.address'))
      .addOption(settingFlag('--port <port>', 'port for clients (STARTTLS)', 'listen.starttls'))
      .addOption(
        settingFlag('--tls-port <port>', 'port for clients (TLS from the start)', 'listen.directTls'),
      )
      .addOption(settingFlag('--https-port <port>', 'port for the web (TLS from the start)', 'listen.https'))
      .addOption(
        settingFlag('--http-port <port>', 'port for the web, for proxies and this machine', 'listen.http'),
      )
      .addOption(settingFlag('--log-level <level>', 'debug, info, warn, error or silent', 'log.level'))
      .addOption(settingFlag('--storage <kind>', 'sqlite or memory', 'storage'))
  const serve = async (request: ConfigRequest) => {
    finish(await start(await loadConfig(request), { process, reload: () => loadConfig(request) }))
  }
  serving('start')
    .description('run the server until it is told to stop')
    .action((flags: ConfigFlags) => serve(requestOf(flags, process)))
  serving('dev')
    .description('run a server that forgets everything, with two accounts, and show what goes in and out')
    .action((flags: ConfigFlags) => serve(requestOf(flags, process, devSettings)))
}

function addAccounts(program: Command, process: NodeJS.Process): void {
  const account = program
    .command('account')
    .description('add, list and remove accounts; a running server sees it')
  const withServer = async (
    flags: ConfigFlags & PasswordFlags,
    action: (parts: AccountParts) => Promise<void>,
  ) => {
    const say = (line: string) => void process.stdout.write(`${line}\n`)
    const loaded = await loadConfig(requestOf(flags, process))
    await using server = await openServer(loaded, { log: silentLog, isShared: true })
    const order = isServed(loaded)
      ? (...what: [Host, Jid, Order]) => giveOrder(...what, systemClock)
      : undefined
    await action({ server, say, password: passwordSource(flags, process, say), order })
  }
  const one = (name: string, description: string) =>
    withConfig(account.command(name)).description(description).argument('<address>', 'such as anna@localhost')
  for (const [name, description, action] of [
    ['add', 'make an account', addAccount],
    ['passwd', 'give an account another password', changePassword],
  ] as const) {
    one(name, description)
      .option('--generate', 'make up a password and print it')
      .addHelpText('after', '\nWithout --generate the password is asked for, or read from standard input.')
      .action((address: string, flags: ConfigFlags & PasswordFlags) =>
        withServer(flags, (parts) => action(address, parts)),
      )
  }
  one('remove', 'remove an account and all that is kept of it').action(
    (address: string, flags: ConfigFlags) => withServer(flags, (parts) => removeAccount(address, parts)),
  )
  withConfig(account.command('list'))
    .description('list the accounts')
    .action((flags: ConfigFlags) => withServer(flags, listAccounts))
}

interface PasswordFlags {
  readonly generate?: boolean
}

function passwordSource(flags: PasswordFlags, process: NodeJS.Process, say: (line: string) => void) {
  return async (address: string): Promise<string> => {
    if (!flags.generate) return readPassword(address, process.stdin, process.stderr)
    const password = makePassword()
    say(`password: ${password}`)
    return password
  }
}

const marks = { good: '✔', careful: '!', bad: '✖' } as const

function addCheck(program: Command, process: NodeJS.Process, finish: Finish): void {
  withConfig(program.command('check'))
    .description('look whether the server would start: configuration, certificates, storage, ports')
    .action(async (flags: ConfigFlags) => {
      const found = await findings(await loadConfig(requestOf(flags, process)), Date.now())
      for (const { verdict, text } of found) process.stdout.write(`${marks[verdict]} ${text}\n`)
      finish(found.some(({ verdict }) => verdict === 'bad') ? failed : 0)
    })
}

function addScansion(program: Command, process: NodeJS.Process, finish: Finish): void {
  const command = program
    .command('scansion')
    .description('play scripts (.scs) against a server, or with --serve against fresh ones made for them')
    .argument('<path...>', 'scripts, or folders with scripts')
  for (const { flags, description } of scansionOptions) command.option(flags, description)
  command.option('--config <file>', 'with --serve: what those servers are like')
  command.action(async (paths: string[], raw: RawOptions & { config?: string }) =>
    finish(await scansion(paths, raw, process)),
  )
}
