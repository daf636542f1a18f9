// Messages in pairs at a fixed rate, whatever becomes of those before, and how late each of them comes.
import type { Connection } from './connection.ts'
import type { Generator } from './generator.ts'
import { Delays } from './open-loop.ts'
import { Scanner } from './scanner.ts'
import { Sender } from './sender.ts'
import { type Faults, sumFaults, Tally } from './tally.ts'

/** No stanza is late by so many others of its sender. */
const window = 4096
const drainTimeoutMs = 30_000

/** Who sends what to whom. */
export interface PacedPair {
  readonly from: Connection
  readonly to: Connection
  /** See `Sender`; its marker must carry the index of this pair. */
  readonly template: string
}

/** Pairs that take turns. Delays count from when a message was due, not from when it was sent. */
export class Paced {
  delays = new Delays(0)
  readonly #senders: readonly Sender[]
  readonly #tallies: readonly Tally[]
  readonly #dueAt: readonly number[][]
  #sent = 0
  #delivered = 0
  #astray = 0

  constructor(pairs: readonly PacedPair[]) {
    this.#senders = pairs.map(({ from, template }) => new Sender(from, template, window))
    this.#tallies = pairs.map(() => new Tally())
    this.#dueAt = pairs.map(() => [])
    for (const [index, { to }] of pairs.entries()) {
      const scanner = new Scanner((pair, sequence) => this.#take(index, pair, sequence))
      to.onBytes = (chunk) => scanner.push(chunk)
    }
  }

  #take(receiver: number, pair: number, sequence: number): void {
    if (pair !== receiver) this.#astray += 1
    else if (this.#tallies[pair]?.take(sequence)) {
      this.#delivered += 1
      this.delays.add(performance.now() - (this.#dueAt[pair]?.[sequence] as number))
    }
  }

  /** Sends `perSecond` messages a second for so many milliseconds, then waits for those on their way. */
  async run(generator: Generator, perSecond: number, ms: number): Promise<void> {
    const count = Math.round((ms / 1000) * perSecond)
    this.delays = new Delays(count)
    const begin = performance.now()
    for (let number = 0; number < count; number += 1) {
      const due = begin + (number * 1000) / perSecond
      await this.#waitUntil(due)
      const pair = number % this.#senders.length
      const sender = this.#senders[pair] as Sender
      ;(this.#dueAt[pair] as number[])[sender.sent] = due
      sender.send(1)
      this.#sent += 1
    }
    const end = performance.now() + drainTimeoutMs
    while (this.#delivered < this.#sent && performance.now() < end) await generator.pause(20)
  }

  /** Timers are late by a millisecond, which would be measured: it turns the loop until then, reading what comes. */
  async #waitUntil(due: number): Promise<void> {
    while (performance.now() < due) await new Promise((resolve) => setImmediate(resolve))
  }

  /** What is wrong, if nothing more comes. */
  faults(): Faults {
    const faults = sumFaults(this.#tallies.map((tally, pair) => tally.faults(this.#senders[pair]?.sent ?? 0)))
    return { ...faults, astray: this.#astray }
  }
}
