// What the command can be asked for: options as data, and their words read into what the runner takes.
import { type Order, orders } from './inbox.ts'
import type { Security } from './login.ts'
import { type ReporterName, reporters } from './report/report.ts'
import { usualPlay } from './runner.ts'

/** One option of the command line, in the notation of `--help`. */
export interface OptionLine {
  readonly flags: string
  readonly description: string
}

/** The options of `balcony scansion`, in the order in which help shows them. */
export const scansionOptions: readonly OptionLine[] = [
  { flags: '--host <host>', description: `the server's address (${usualPlay.host})` },
  { flags: '--port <port>', description: `the server's port (${usualPlay.port})` },
  { flags: '--starttls', description: 'insist on STARTTLS' },
  { flags: '--direct-tls', description: 'TLS from the first byte' },
  { flags: '--insecure', description: 'take any certificate, from servers elsewhere too' },
  { flags: '--serve', description: 'play each script against a fresh server in this process' },
  { flags: '--reporter <name>', description: `${Object.keys(reporters).join(', ')} (pretty)` },
  { flags: '--only-tags <tags>', description: 'only scripts with one of these tags, separated by commas' },
  { flags: '--skip-tags <tags>', description: 'no scripts with one of these tags' },
  { flags: '--watch', description: 'play again whenever a script changes' },
  { flags: '--order <rule>', description: `${orders.join(', ')}: how strictly the order of arrival counts` },
  {
    flags: '--settle <seconds>',
    description: `go on reading so long after each action (${usualPlay.settleMs / 1000})`,
  },
  { flags: '--sync <how>', description: 'ping, none: whether a ping of our own follows what is sent' },
  { flags: '--send-layout', description: 'send white space between tags as the script has it' },
  { flags: '--timeout <seconds>', description: `wait so long for a stanza (${usualPlay.timeoutMs / 1000})` },
  { flags: '--jobs <number>', description: 'scripts played at once (4 with --serve, else 1)' },
]

/** Options as a command line gives them: the flag's name in camel case, text or true. */
export interface RawOptions {
  readonly host?: string
  readonly port?: string
  readonly starttls?: boolean
  readonly directTls?: boolean
  readonly insecure?: boolean
  readonly serve?: boolean
  readonly reporter?: string
  readonly onlyTags?: string
  readonly skipTags?: string
  readonly watch?: boolean
  readonly order?: string
  readonly settle?: string
  readonly sync?: string
  readonly sendLayout?: boolean
  readonly timeout?: string
  readonly jobs?: string
}

/** What the command is to do. */
export interface CommandOptions {
  readonly host: string
  readonly port: number
  readonly security: Security
  readonly checksCertificate: boolean
  readonly serve: boolean
  readonly reporter: ReporterName
  readonly onlyTags: readonly string[]
  readonly skipTags: readonly string[]
  readonly watch: boolean
  readonly order: Order
  readonly settleMs: number
  readonly sync: 'ping' | 'none'
  readonly sendsLayout: boolean
  readonly timeoutMs: number
  readonly jobs: number
}

/** Reads options; a list of sentences if some of them make no sense. */
export function readOptions(raw: RawOptions): CommandOptions | string[] {
  const faults: string[] = []
  const word = <Words extends string>(
    flag: string,
    value: string | undefined,
    words: readonly Words[],
  ): Words => {
    const found = words.find((candidate) => candidate === (value ?? words[0]))
    if (found === undefined) faults.push(`${flag} takes ${words.join(', ')}, not “${value}”`)
    return found ?? (words[0] as Words)
  }
  const amount = (flag: string, value: string | undefined, usual: number, [min, max]: [number, number]) => {
    if (value === undefined) return usual
    const number = Number(value)
    if (value.trim() !== '' && number >= min && number <= max) return number
    faults.push(`${flag} takes a number from ${min} to ${max}, not “${value}”`)
    return usual
  }
  if (raw.serve && (raw.host !== undefined || raw.port !== undefined)) {
    faults.push('--serve makes its own server; --host and --port name another')
  }
  if (raw.starttls && raw.directTls) faults.push('--starttls and --direct-tls exclude each other')
  const host = raw.host ?? usualPlay.host
  const names = Object.keys(reporters) as ReporterName[]
  const options: CommandOptions = {
    host,
    port: Math.trunc(amount('--port', raw.port, usualPlay.port, [1, 65_535])),
    security: raw.starttls ? 'starttls' : raw.directTls ? 'direct' : 'auto',
    // Nobody stands between this machine and itself, and test servers have certificates of their own making.
    checksCertificate: !raw.insecure && !isLoopback(host) && !raw.serve,
    serve: raw.serve ?? false,
    reporter: word('--reporter', raw.reporter, names),
    onlyTags: splitTags(raw.onlyTags),
    skipTags: splitTags(raw.skipTags),
    watch: raw.watch ?? false,
    order: word('--order', raw.order, orders),
    settleMs: amount('--settle', raw.settle, usualPlay.settleMs / 1000, [0, 60]) * 1000,
    sync: word('--sync', raw.sync, ['ping', 'none'] as const),
    sendsLayout: raw.sendLayout ?? false,
    timeoutMs: amount('--timeout', raw.timeout, usualPlay.timeoutMs / 1000, [0.01, 3600]) * 1000,
    jobs: Math.trunc(amount('--jobs', raw.jobs, raw.serve ? 4 : 1, [1, 64])),
  }
  return faults.length > 0 ? faults : options
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\./.test(host)
}

function splitTags(text: string | undefined): string[] {
  return (text ?? '').split(',').flatMap((tag) => tag.trim() || [])
}
