// Balcony from this checkout, run as its users run it.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Restartable } from './restartable.ts'
import { resumeSeconds, type ServerParts, type TestedServer, type Trouble } from './server.ts'

const main = join(import.meta.dirname, '..', '..', '..', 'src', 'cli', 'main.ts')
const troubled = join(import.meta.dirname, 'troubled-balcony.ts')
const options = {
  'stream-management': { resumeSeconds },
  offline: { maxMessages: 100_000 },
}

/** Balcony, in a folder. */
export class Balcony implements TestedServer {
  readonly conditions = [
    'Balcony of this checkout: usual extensions, one SQLite file, synchronous=full; no rate limits, no TLS',
    `sessions may be resumed for ${resumeSeconds} s; up to 100,000 offline messages`,
  ]
  readonly knowsTroubles = true
  readonly #folder: string
  readonly #server = new Restartable()

  constructor({ folder, accounts }: ServerParts) {
    this.#folder = folder
    const config = {
      domain: 'localhost',
      firstAccount: false,
      accounts: Object.fromEntries(accounts.map((name) => [name, 'secret'])),
      listen: { starttls: 0, directTls: false, https: false, http: false },
      login: { requireTls: false, plainWithoutTls: true },
      limits: { stanzasPerSecond: 0, bytesPerSecond: 0 },
      log: { format: 'json', level: 'info' },
      extensions: options,
    }
    writeFileSync(join(folder, 'balcony.config.json'), JSON.stringify(config))
  }

  get port(): number | undefined {
    return this.#server.port
  }

  get output(): string {
    return this.#server.output
  }

  start(trouble?: Trouble): Promise<void> {
    const words = trouble === undefined ? [main, 'start'] : [troubled, trouble]
    return this.#server.start({ command: [process.execPath, ...words], folder: this.#folder, portOf })
  }

  end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    return this.#server.end(signal)
  }
}

function portOf(output: string): number | undefined {
  if (!/"event":"started"/.test(output)) return undefined
  const port = /"listening":\["127\.0\.0\.1:(\d+)"/.exec(output)?.[1]
  return port === undefined ? undefined : Number(port)
}
