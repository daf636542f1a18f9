// Somebody who uses Debian's python3-slixmpp, in a process of its own that is told what to do.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type Found, findProgram } from '../debian.ts'

const python = '/usr/bin/python3'
const patienceMs = 40_000

/** Whether slixmpp is there, after trying to install it with apt-get where that is possible; else why not. */
export function findSlixmpp(): Found {
  return findProgram('python3-slixmpp', version)
}

function version(): string | undefined {
  const { status, stdout } = spawnSync(python, ['-c', 'import slixmpp; print(slixmpp.__version__)'], {
    encoding: 'utf8',
  })
  return status === 0 ? stdout.trim() : undefined
}

/** What such a person tells: what came, and what became of a command. */
export interface Told {
  readonly event: string
  /** The full address, of who is online. */
  readonly jid?: string
  readonly number?: number
  readonly result?: unknown
  readonly error?: string
  readonly source?: string
  readonly body?: string
  readonly type?: string
  readonly role?: string
  readonly affiliation?: string
  readonly codes?: readonly number[]
}

/** How such a person logs in: STARTTLS at localhost, where the certificate is the one in a file. */
export interface SlixmppLogin {
  readonly jid: string
  readonly password: string
  readonly port: number
  readonly certificate: string
}

/** A person with one client: `await using`. */
export class SlixmppPerson implements AsyncDisposable {
  readonly #child: ChildProcess
  readonly #inbox: Told[] = []
  #wake: (() => void) | undefined
  #commands = 0
  #errors = ''
  #address = ''

  private constructor({ jid, password, port, certificate }: SlixmppLogin) {
    const script = join(import.meta.dirname, 'slixmpp_person.py')
    this.#child = spawn(python, [script, jid, password, String(port), certificate], { stdio: 'pipe' })
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#errors += text
    })
    const lines = createInterface({ input: this.#child.stdout as NodeJS.ReadableStream })
    lines.on('line', (line) => {
      // slixmpp itself prints too.
      if (!line.startsWith('{')) return
      this.#inbox.push(JSON.parse(line) as Told)
      this.#wake?.()
    })
  }

  /** Resolves when the person is online. */
  static async online(login: SlixmppLogin): Promise<SlixmppPerson> {
    const person = new SlixmppPerson(login)
    const { jid = '' } = await person.receive('being online', ({ event }) => event === 'online')
    person.#address = jid
    return person
  }

  /** The full address. */
  get address(): string {
    return this.#address
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    this.#child.kill('SIGKILL')
    await once(this.#child, 'close')
  }

  /** Has the person do something; answers what came of it. */
  async tell(command: string, ...words: readonly unknown[]): Promise<Told> {
    this.#commands += 1
    const number = this.#commands
    this.#child.stdin?.write(`${JSON.stringify([number, command, words])}\n`)
    return await this.receive(command, (told) => told.event === 'done' && told.number === number)
  }

  /** Waits for the first thing told that is `wanted`, and takes it out of the inbox. */
  async receive(what: string, wanted: (told: Told) => boolean): Promise<Told> {
    const signal = AbortSignal.timeout(patienceMs)
    for (;;) {
      const index = this.#inbox.findIndex(wanted)
      if (index >= 0) return this.#inbox.splice(index, 1)[0] as Told
      await this.#more(signal, what)
    }
  }

  #more(signal: AbortSignal, what: string): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#wake = resolve
    const came = () => this.#inbox.map((told) => JSON.stringify(told)).join('\n')
    signal.addEventListener('abort', () =>
      reject(new Error(`${what} did not come; what came:\n${came()}\n${this.#errors}`)),
    )
    return promise
  }
}
