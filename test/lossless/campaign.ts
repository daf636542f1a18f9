// Clients that write to each other through a server that is killed again and again; then the account of it.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { SeededRandom } from '../random.ts'
import { readArchives } from './archives.ts'
import { LosslessClient, type Moment, type Returns } from './client.ts'
import { type ClientKind, Facts } from './facts.ts'
import type { ServerParts, TestedServer, Trouble } from './servers/server.ts'
import { judge, missing, type Verdict } from './verdict.ts'

/** How much, and of what. */
export interface CampaignOptions {
  /** Ends of connections, of stays and of the server, altogether. */
  readonly kills: number
  readonly seed: number
  /** Makes the server. */
  readonly server: (parts: ServerParts) => TestedServer
  /** How many of a hundred are ends of the server. */
  readonly serverShare?: number
  /** Whether the server is started on disks that are full or slow, too, if it can be. */
  readonly hasDiskTroubles?: boolean
  /** Told from time to time how it goes. */
  readonly onProgress?: (text: string) => void
}

/** How often something was done. */
export interface Deeds {
  cuts: number
  halfOpen: number
  spells: number
  kills: number
  restarts: number
  /** Starts of the server on a disk that is nearly full. */
  fullDisks: number
  /** Starts of the server on a disk that is slow. */
  slowDisks: number
}

/** What came of a campaign. */
export interface CampaignResult {
  readonly conditions: readonly string[]
  readonly verdict: Verdict
  readonly deeds: Deeds
  readonly returns: Returns
  readonly faults: readonly string[]
  /** What the server had logged as an error. */
  readonly serverErrors: readonly string[]
}

const people: readonly (readonly [user: string, resource: string, kind: ClientKind])[] = [
  ['anna', 'phone', 'resuming'],
  ['anna', 'desk', 'resuming'],
  ['bert', 'phone', 'resuming'],
  ['cleo', 'desk', 'counting'],
  ['dirk', 'phone', 'resuming'],
  ['dirk', 'desk', 'counting'],
  ['edna', 'phone', 'resuming'],
  ['finn', 'desk', 'plain'],
  ['gina', 'phone', 'resuming'],
  ['gina', 'desk', 'plain'],
]
const users = [...new Set(people.map(([user]) => user))]
const sendEveryMs = 20
const patienceMs = 30_000
const troubles: readonly (Trouble | undefined)[] = ['full', 'slow', ...Array<undefined>(8)]
const moments: readonly (Moment | 'any')[] = ['acknowledged', 'any', 'received', 'sent']

/** One run. */
export class Campaign {
  readonly #options: CampaignOptions
  readonly #random: SeededRandom
  readonly #facts = new Facts()
  readonly #server: TestedServer
  readonly #folder: string
  readonly #clients: readonly LosslessClient[]
  readonly #deeds: Deeds = {
    cuts: 0,
    halfOpen: 0,
    spells: 0,
    kills: 0,
    restarts: 0,
    fullDisks: 0,
    slowDisks: 0,
  }
  readonly #serverErrors: string[] = []
  #awaited: { readonly moment: Moment; readonly resolve: () => void } | undefined
  #isSending = true
  #toldFaults = 0

  constructor(options: CampaignOptions) {
    this.#options = options
    this.#random = new SeededRandom(options.seed)
    this.#folder = mkdtempSync(join(tmpdir(), 'balcony-lossless-'))
    this.#server = options.server({ folder: this.#folder, accounts: users })
    const parts = {
      facts: this.#facts,
      port: () => this.#server.port,
      onMoment: (moment: Moment) => this.#onMoment(moment),
    }
    this.#clients = people.map(
      ([user, resource, kind]) =>
        new LosslessClient(user, resource, kind, { ...parts, random: this.#fork() }),
    )
  }

  /** Runs to the end; what it kept on the disk goes. */
  async run(): Promise<CampaignResult> {
    try {
      await this.#server.start()
      for (const client of this.#clients) client.stay()
      await this.#until(() => this.#clients.every((client) => client.isReady))
      const sending = this.#clients.map((client) => this.#keepSending(client, this.#fork()))
      for (let done = 0; done < this.#options.kills; done += 1) {
        await pause(this.#random.below(160))
        await this.#harm()
        this.#tellProgress(done + 1)
      }
      this.#isSending = false
      await Promise.all(sending)
      return await this.#judge()
    } finally {
      for (const client of this.#clients) client.leave()
      this.#noteErrors()
      await this.#server.end('SIGKILL')
      rmSync(this.#folder, { recursive: true, force: true })
    }
  }

  #fork(): SeededRandom {
    return new SeededRandom(this.#random.below(2 ** 31))
  }

  async #keepSending(client: LosslessClient, random: SeededRandom): Promise<void> {
    while (this.#isSending) {
      const [user, resource] = random.pick(people)
      const bare = `${user}@localhost`
      if (!client.address.startsWith(`${user}@`))
        client.sendMessage(random.below(4) === 0 ? `${bare}/${resource}` : bare)
      await pause(random.below(2 * sendEveryMs))
    }
  }

  async #harm(): Promise<void> {
    if (this.#random.below(100) < (this.#options.serverShare ?? 12)) return this.#endServer()
    const client = this.#random.pick(this.#clients)
    const kind = this.#random.below(10)
    if (kind < 5) {
      this.#deeds.cuts += 1
      client.cut(kind < 2)
    } else if (kind < 8) {
      this.#deeds.halfOpen += 1
      client.vanish()
    } else {
      this.#deeds.spells += 1
      client.leave()
      setTimeout(() => client.stay(), this.#random.below(1500))
    }
  }

  async #endServer(): Promise<void> {
    const moment = this.#random.pick(moments)
    if (this.#random.below(5) === 0) {
      this.#deeds.restarts += 1
      await this.#end('SIGTERM')
    } else {
      this.#deeds.kills += 1
      if (moment !== 'any') await Promise.race([this.#next(moment), pause(1000)])
      await this.#end('SIGKILL')
    }
    const trouble = this.#pickTrouble()
    if (trouble === 'full') this.#deeds.fullDisks += 1
    if (trouble === 'slow') this.#deeds.slowDisks += 1
    await this.#server.start(trouble)
    // Long enough for something to happen, also in what was just come back to.
    await pause(this.#random.below(400))
  }

  #pickTrouble(): Trouble | undefined {
    const trouble = this.#random.pick(troubles)
    const isWanted = this.#server.knowsTroubles && this.#options.hasDiskTroubles !== false
    return isWanted ? trouble : undefined
  }

  async #end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    this.#facts.noteServerEnd(signal)
    await this.#server.end(signal)
    this.#noteErrors()
  }

  /** Resolves when something of that kind happens, a few times from now. */
  #next(moment: Moment): Promise<void> {
    return new Promise((resolve) => {
      this.#awaited = { moment, resolve }
    })
  }

  #onMoment(moment: Moment): void {
    if (this.#awaited?.moment !== moment) return
    this.#awaited.resolve()
    this.#awaited = undefined
  }

  /** Everybody comes back and says what they have; nothing more is broken. */
  async #judge(): Promise<CampaignResult> {
    // The last one may have had a full disk.
    await this.#end('SIGTERM')
    await this.#server.start()
    for (const client of this.#clients) client.stay()
    const isOver = () => {
      for (const client of this.#clients) if (!client.isQuiet) client.ask()
      return this.#clients.every((client) => client.isQuiet) && missing(this.#facts).length === 0
    }
    await this.#until(isOver).catch(() => {})
    await pause(500)
    const archives = await readArchives(this.#server.port ?? 0, users)
    return {
      conditions: this.#server.conditions,
      verdict: judge(this.#facts, archives),
      deeds: this.#deeds,
      returns: this.#returns(),
      faults: this.#facts.faults,
      serverErrors: this.#serverErrors,
    }
  }

  #returns(): Returns {
    const total: Returns = { resumed: 0, failed: 0, failedWithCount: 0, bound: 0, ignored: 0 }
    for (const { returns } of this.#clients)
      for (const key of Object.keys(total) as (keyof Returns)[]) total[key] += returns[key]
    return total
  }

  async #until(isSo: () => boolean): Promise<void> {
    const deadline = performance.now() + patienceMs
    while (!isSo()) {
      if (performance.now() > deadline) throw new Error(`it does not get quiet:\n${this.#server.output}`)
      await pause(50)
    }
  }

  #noteErrors(): void {
    for (const line of this.#server.output.split('\n'))
      if (line.includes('"level":"error"') && this.#serverErrors.length < 100) this.#serverErrors.push(line)
  }

  #tellProgress(done: number): void {
    if (done % 50 !== 0 && done !== this.#options.kills) return
    const { messages, faults } = this.#facts
    for (const fault of faults.slice(this.#toldFaults)) this.#options.onProgress?.(fault)
    this.#toldFaults = faults.length
    this.#options.onProgress?.(
      `${done} of ${this.#options.kills} kills (${this.#deeds.kills + this.#deeds.restarts} of the server), ${messages.size} messages, ${faults.length} faults`,
    )
  }
}
