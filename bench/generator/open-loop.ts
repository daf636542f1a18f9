// Messages at a steady pace, whatever becomes of those before, and how late each comes to everybody.
import type { Connection } from './connection.ts'
import type { Generator } from './generator.ts'
import { Scanner } from './scanner.ts'
import { Sender } from './sender.ts'
import { type Faults, sumFaults, Tally } from './tally.ts'

const drainTimeoutMs = 120_000
const drainCheckMs = 20

/** Delays in milliseconds. */
export class Delays {
  #values: Float64Array
  #count = 0

  constructor(most: number) {
    this.#values = new Float64Array(most)
  }

  add(ms: number): void {
    if (this.#count === this.#values.length) return
    this.#values[this.#count] = ms
    this.#count += 1
  }

  /** The delay that this share of all does not exceed. */
  at(share: number): number {
    const sorted = this.#values.subarray(0, this.#count).toSorted()
    return sorted[Math.max(0, Math.ceil(share * this.#count) - 1)] ?? Number.NaN
  }
}

/** A few clients that speak in turn, to be heard by all. */
export class OpenLoop {
  delays = new Delays(0)
  readonly #clients: readonly Connection[]
  readonly #senders: Sender[]
  readonly #tallies: Tally[][]
  /** When each stanza should have been sent, by sender and number. */
  readonly #dueAt: number[][]
  #sent = 0
  #delivered = 0

  /** The first `talkers` of the clients speak; a template's marker must carry the index of its sender. */
  constructor(clients: readonly Connection[], talkers: number, templateOf: (sender: number) => string) {
    this.#clients = clients
    // No slot is used again before its stanza is long written.
    this.#senders = clients.slice(0, talkers).map((from, index) => new Sender(from, templateOf(index), 64))
    this.#dueAt = this.#senders.map(() => [])
    this.#tallies = clients.map((client) => this.#listen(client))
  }

  #listen(client: Connection): Tally[] {
    const tallies = this.#senders.map(() => new Tally())
    const scanner = new Scanner((sender, sequence) => this.#take(tallies, sender, sequence))
    client.onBytes = (chunk) => scanner.push(chunk)
    return tallies
  }

  #take(tallies: readonly Tally[], sender: number, sequence: number): void {
    if (!tallies[sender]?.take(sequence)) return
    this.#delivered += 1
    this.delays.add(performance.now() - (this.#dueAt[sender]?.[sequence] as number))
  }

  /** Sends `perSecond` messages a second for so many milliseconds, then waits for those on their way. */
  async run(generator: Generator, perSecond: number, ms: number): Promise<void> {
    const count = Math.round((ms / 1000) * perSecond)
    this.delays = new Delays(count * this.#clients.length)
    const begin = performance.now()
    for (let number = 0; number < count; number += 1) {
      const due = begin + (number * 1000) / perSecond
      await generator.pause(Math.max(0, due - performance.now()))
      const talker = number % this.#senders.length
      this.#dueAt[talker]?.push(due)
      this.#senders[talker]?.send(1)
      this.#sent += 1
    }
    const end = performance.now() + drainTimeoutMs
    while (!this.#isDone && performance.now() < end) await generator.pause(drainCheckMs)
  }

  get #isDone(): boolean {
    return this.#delivered === this.#sent * this.#clients.length
  }

  /** What is wrong, if nothing more comes. */
  faults(): Faults {
    return sumFaults(
      this.#tallies.flatMap((tallies) =>
        tallies.map((tally, sender) => tally.faults(this.#senders[sender]?.sent ?? 0)),
      ),
    )
  }
}
