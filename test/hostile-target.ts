// A server in a process of its own, to be attacked, and somebody who uses it meanwhile and wants to notice nothing.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { BalconyProcess, emptyFolder } from './fixtures/balcony-process.ts'
import { RawClient } from './raw-client.ts'

const probe = join(import.meta.dirname, 'fixtures', 'memory-probe.ts')

/** Passwords of the accounts that are there. */
export const accounts = { juliet: 'balcony', romeo: 'orchard', nurse: 'errand' } as const

/** So long may an answer take while the machine is busy with the attack and with other tests. */
const answerMs = 15_000

/** Bytes that a process uses, after garbage has been collected; `peak` and `rss` as the system sees it. */
export interface Memory {
  readonly used: number
  readonly rss: number
  readonly peak: number
}

/** A server under attack. */
export class HostileTarget {
  readonly test: TestContext
  readonly port: number
  readonly tlsPort: number
  readonly #server: BalconyProcess

  private constructor(test: TestContext, server: BalconyProcess, ports: readonly number[]) {
    this.test = test
    this.#server = server
    this.port = ports[0] ?? 0
    this.tlsPort = ports[1] ?? 0
  }

  /** Starts a server that takes passwords without TLS; `settings` by their path go over that. */
  static async start(
    test: TestContext,
    settings: Readonly<Record<string, string | number | boolean>> = {},
  ): Promise<HostileTarget> {
    const all = {
      storage: 'memory',
      firstAccount: false,
      'listen.starttls': 0,
      'listen.directTls': 0,
      'listen.https': 0,
      'listen.http': 0,
      'login.requireTls': false,
      'login.plainWithoutTls': true,
      'limits.connectionsPerAddress': 5000,
      'limits.stanzasPerSecond': 0,
      'limits.bytesPerSecond': 0,
      'log.format': 'json',
      ...Object.fromEntries(Object.entries(accounts).map(([name, word]) => [`accounts.${name}`, word])),
      ...settings,
    }
    const words = Object.entries(all).flatMap(([path, value]) => ['--set', `${path}=${value}`])
    const server = new BalconyProcess(test, ['start', ...words], {
      folder: emptyFolder(test),
      runtime: ['--expose-gc', '--import', probe],
    })
    return new HostileTarget(test, server, await server.ports())
  }

  /** A connection to the port for STARTTLS on which nothing has been said. */
  connect(): Promise<RawClient> {
    return RawClient.connect(this.test, this.port)
  }

  /** A client that is logged in. */
  login(user: keyof typeof accounts, resource = 'raw'): Promise<RawClient> {
    return RawClient.login(this.test, this.port, { user, password: accounts[user], resource })
  }

  /** What the server uses when it has come to rest. */
  async memory(): Promise<Memory> {
    const from = this.#server.out.length
    this.#server.kill('SIGUSR2')
    return (await this.#server.event('memory', from)) as unknown as Memory
  }

  /** Waits for an event of the log. */
  logged(event: string): Promise<Record<string, unknown>> {
    return this.#server.event(event)
  }

  /** A bug shows as an error in the log or as something on standard error. */
  assertNoBugs(): void {
    const errors = this.#server.out.split('\n').filter((line) => line.includes('"level":"error"'))
    assert.deepEqual(errors.slice(0, 3), [])
    assert.match(this.#server.err, /\n\n$/, 'nothing on standard error after the welcome')
  }
}

/** Somebody who asks the server something all the time, and wants an answer soon. */
export class Bystander {
  readonly #client: RawClient
  readonly #asking: Promise<void>
  #isDone = false
  #answers = 0
  #slowestMs = 0

  private constructor(client: RawClient) {
    this.#client = client
    this.#asking = this.#ask()
    // What went wrong is told by `wasServed`.
    this.#asking.catch(() => {})
  }

  static async login(target: HostileTarget): Promise<Bystander> {
    return new Bystander(await target.login('nurse', 'bystander'))
  }

  /** Looks back: every question was answered in bounded time, and questions are answered still. */
  async wasServed(): Promise<void> {
    const before = this.#answers
    while (this.#answers < before + 2) await Promise.race([setTimeout(20), this.#asking])
    this.#isDone = true
    await this.#asking
    assert.ok(this.#slowestMs < answerMs, `the slowest answer took ${this.#slowestMs} ms`)
    this.#client.destroy()
  }

  async #ask(): Promise<void> {
    while (!this.#isDone) {
      const start = performance.now()
      const reply = await this.#client.request('get', "<ping xmlns='urn:xmpp:ping'/>", { to: 'localhost' })
      assert.match(reply, /type='result'/)
      this.#slowestMs = Math.max(this.#slowestMs, performance.now() - start)
      this.#answers += 1
      await setTimeout(20)
    }
  }
}

/** Waits for the end of a connection, and answers the condition of the stream error that came before it. */
export async function streamErrorOf(client: RawClient): Promise<string> {
  const text = await client.untilClosed()
  return streamErrorIn(text)
}

/** The condition of the stream error with which what came ends, in its proper form (RFC 6120 §4.9.2). */
function streamErrorIn(text: string): string {
  const found =
    /<stream:error><([a-z-]+) xmlns='urn:ietf:params:xml:ns:xmpp-streams'\/>.*<\/stream:error><\/stream:stream>$/s.exec(
      text,
    )
  return found?.[1] ?? `no stream error: ${text.slice(-300)}`
}

/** Runs `attack` for every item, some at a time. */
export async function inBatches<Item>(
  items: readonly Item[],
  size: number,
  attack: (item: Item) => Promise<void>,
): Promise<void> {
  for (let start = 0; start < items.length; start += size) {
    await Promise.all(items.slice(start, start + size).map(attack))
  }
}
