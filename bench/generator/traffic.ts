// Stanzas going round: every delivery makes room for the next one (a closed loop).
import type { Connection } from './connection.ts'
import { Scanner } from './scanner.ts'
import { Sender } from './sender.ts'
import { type Faults, noFaults, sumFaults, Tally } from './tally.ts'

/** Who sends what to whom. */
export interface Flow {
  readonly from: Connection
  /** See `Sender`; its marker must carry the index of this flow. */
  readonly template: string
  /** Every stanza must come to each of these, once. */
  readonly to: readonly Connection[]
  /** How many stanzas of this flow may be on their way. */
  readonly inFlight: number
}

/** One flow at work: its sender, and how many of its receivers still miss each stanza on its way. */
interface Stream {
  readonly sender: Sender
  readonly receivers: number
  readonly inFlight: number
  /** By sequence number modulo `inFlight`. */
  readonly missing: Int32Array
  completed: number
}

/** All flows of a run, and the exact account of what was delivered. */
export class Traffic {
  /** Deliveries so far; a stanza to a room of 200 makes 200. */
  delivered = 0
  #isRunning = false
  #astray = 0
  readonly #streams: Stream[]
  readonly #tallies: { readonly stream: Stream; readonly tally: Tally }[] = []

  constructor(flows: readonly Flow[]) {
    this.#streams = flows.map(({ from, template, to, inFlight }) => ({
      sender: new Sender(from, template, inFlight),
      receivers: to.length,
      inFlight,
      missing: new Int32Array(inFlight),
      completed: 0,
    }))
    const receivers = flows.map(({ to }) => new Set(to))
    for (const receiver of new Set(flows.flatMap(({ to }) => to))) this.#listen(receiver, receivers)
  }

  #listen(receiver: Connection, receivers: readonly ReadonlySet<Connection>[]): void {
    const tallies = receivers.map((to) => (to.has(receiver) ? new Tally() : undefined))
    for (const [index, tally] of tallies.entries()) {
      if (tally) this.#tallies.push({ stream: this.#streams[index] as Stream, tally })
    }
    const scanner = new Scanner((flow, sequence) => this.#deliver(flow, sequence, tallies[flow]))
    receiver.onBytes = (chunk) => {
      scanner.push(chunk)
      this.#refill()
    }
  }

  #deliver(flow: number, sequence: number, tally: Tally | undefined): void {
    const stream = this.#streams[flow]
    if (!stream || !tally) {
      this.#astray += 1
      return
    }
    if (!tally.take(sequence)) return
    this.delivered += 1
    const slot = sequence % stream.inFlight
    const missing = (stream.missing[slot] as number) - 1
    stream.missing[slot] = missing
    if (missing === 0) stream.completed += 1
  }

  start(): void {
    this.#isRunning = true
    this.#refill()
  }

  /** Sends nothing more. */
  stop(): void {
    this.#isRunning = false
  }

  /** Whether everything sent has been delivered to all. */
  get isDone(): boolean {
    return this.#streams.every(({ sender, completed }) => sender.sent === completed)
  }

  /** What is wrong, if nothing more comes. */
  faults(): Faults {
    const faults = this.#tallies.map(({ stream, tally }) => tally.faults(stream.sender.sent))
    return sumFaults([...faults, { ...noFaults, astray: this.#astray }])
  }

  #refill(): void {
    if (!this.#isRunning) return
    for (const stream of this.#streams) {
      // Only the slots at the front of the window are free: a stanza that overtook others waits for them.
      const free = this.#freeSlots(stream)
      if (free > 0) this.#send(stream, free)
    }
  }

  #freeSlots({ sender, missing, inFlight }: Stream): number {
    let free = 0
    while (free < inFlight && missing[(sender.sent + free) % inFlight] === 0) free += 1
    return free
  }

  #send(stream: Stream, count: number): void {
    for (let index = 0; index < count; index += 1) {
      stream.missing[(stream.sender.sent + index) % stream.inFlight] = stream.receivers
    }
    stream.sender.send(count)
  }
}
