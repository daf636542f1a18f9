// ejabberd from the system's package, with its own database, stream management and archive on.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Child, freePort, whenAccepting } from './child.ts'
import { resumeSeconds, type ServerParts, type TestedServer } from './server.ts'

const libraries = '/usr/lib/x86_64-linux-gnu'

/** ejabberd, in a folder; without Erlang's distribution, so that nothing else listens. */
export class Ejabberd implements TestedServer {
  readonly conditions: readonly string[]
  readonly knowsTroubles = false
  readonly #folder: string
  readonly #child = new Child()
  #ownPort: number | undefined

  constructor({ folder, accounts }: ServerParts) {
    this.#folder = folder
    const versions = readdirSync(libraries).map((name) => /^ejabberd-([\d.]+)$/.exec(name)?.[1])
    this.conditions = [
      `ejabberd ${versions.find((version) => version)}: mod_stream_mgmt, mod_mam and mod_offline on; all in Mnesia, the default: it has no switch to be flushed to the disk with each write`,
      `sessions may be resumed for ${resumeSeconds} s; everything is archived; offline messages without limit; no rate limits, no TLS`,
    ]
    writeAccounts(folder, accounts)
  }

  get port(): number | undefined {
    return this.#child.port
  }

  get output(): string {
    return this.#child.output
  }

  async start(): Promise<void> {
    const port = await this.#choosePort()
    await this.#child.start({
      command: [
        'erl',
        '+sbwt',
        'none',
        '+sbwtdcpu',
        'none',
        '-noinput',
        ...mnesiaIn(this.#folder),
        '-s',
        'ejabberd',
      ],
      folder: this.#folder,
      environment: environment(this.#folder),
      portOf: () => whenAccepting(port),
    })
  }

  end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    return this.#child.end(signal)
  }

  async #choosePort(): Promise<number> {
    if (this.#ownPort === undefined) {
      this.#ownPort = await freePort()
      writeFileSync(join(this.#folder, 'ejabberd.yml'), configuration(this.#ownPort))
    }
    return this.#ownPort
  }
}

function configuration(port: number): string {
  return `loglevel: warning
log_rotate_count: 0
hosts: [localhost]
acme: {auto: false}
auth_method: mnesia
auth_password_format: plain
shaper_rules:
  endless: infinity
access_rules:
  endless: {allow: all}
listen:
  - {port: ${port}, ip: "127.0.0.1", module: ejabberd_c2s, max_stanza_size: 10000000, shaper: none, access: all, backlog: 1000}
modules:
  mod_blocking: {}
  mod_carboncopy: {}
  mod_client_state: {}
  mod_disco: {}
  mod_mam: {default: always, request_activates_archiving: false}
  mod_offline: {access_max_user_messages: endless}
  mod_ping: {}
  mod_privacy: {}
  mod_roster: {}
  mod_stream_mgmt: {resume_timeout: ${resumeSeconds}, max_resume_timeout: ${resumeSeconds}, max_ack_queue: infinity, resend_on_timeout: true}
`
}

function environment(folder: string): Record<string, string> {
  return {
    HOME: folder,
    ERL_LIBS: libraries,
    ERL_CRASH_DUMP_SECONDS: '0',
    EJABBERD_CONFIG_PATH: join(folder, 'ejabberd.yml'),
    EJABBERD_LOG_PATH: join(folder, 'ejabberd.log'),
  }
}

function mnesiaIn(folder: string): string[] {
  return ['-mnesia', 'dir', JSON.stringify(join(folder, 'mnesia'))]
}

/** Makes the table of accounts before the first start. */
function writeAccounts(folder: string, accounts: readonly string[]): void {
  mkdirSync(join(folder, 'mnesia'), { recursive: true })
  const script = join(folder, 'accounts.escript')
  writeFileSync(
    script,
    `#!/usr/bin/env escript
main(_) ->
  application:load(mnesia),
  application:set_env(mnesia, dir, ${JSON.stringify(join(folder, 'mnesia'))}),
  ok = mnesia:create_schema([node()]),
  ok = mnesia:start(),
  {atomic, ok} = mnesia:create_table(passwd, [{disc_only_copies, [node()]}, {attributes, [us, password]}]),
  [ok = mnesia:dirty_write(passwd, {passwd, {Name, <<"localhost">>}, <<"secret">>})
    || Name <- [${accounts.map((name) => `<<"${name}">>`).join(', ')}]],
  stopped = mnesia:stop().
`,
  )
  execFileSync('escript', [script], { stdio: 'pipe', cwd: folder, env: { ...process.env, HOME: folder } })
}
