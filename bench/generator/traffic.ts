// Stanzas going round: every delivery makes room for the next one (a closed loop).
import { AckReader, ackOf, ackRequest } from './acks.ts'
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
  /** Whether the sender may be given its own stanzas too, though it is not in `to`: a client hears its own presence. */
  readonly mayEcho?: boolean
  /**
   * Whether both sides have stream management (XEP-0198) switched on: a stanza is then on its way until its sender has been told
   * that it was dealt with.
   */
  readonly isManaged?: boolean
}

/** One flow at work: its sender, and how many of its receivers still miss each stanza on its way. */
interface Stream {
  readonly sender: Sender
  readonly receivers: number
  readonly inFlight: number
  /** By sequence number modulo `inFlight`. */
  readonly missing: Int32Array
  /** How many stanzas the sender has been told were dealt with. */
  acknowledged: number
  completed: number
}

/** All flows of a run, and the exact account of what was delivered. */
export class Traffic {
  /** Deliveries so far; a stanza to a room of 200 makes 200. */
  delivered = 0
  #isRunning = false
  #astray = 0
  readonly #flows: readonly Flow[]
  readonly #streams: Stream[]
  readonly #tallies: { readonly stream: Stream; readonly tally: Tally }[] = []

  constructor(flows: readonly Flow[]) {
    this.#flows = flows
    this.#streams = flows.map(({ from, template, to, inFlight }) => ({
      sender: new Sender(from, template, inFlight),
      receivers: to.length,
      inFlight,
      missing: new Int32Array(inFlight),
      acknowledged: 0,
      completed: 0,
    }))
    const receivers = flows.map(({ to }) => new Set(to))
    const listeners = flows.flatMap(({ from, to, isManaged }) => (isManaged ? [from, ...to] : to))
    for (const listener of new Set(listeners)) this.#listen(listener, receivers)
  }

  #listen(receiver: Connection, receivers: readonly ReadonlySet<Connection>[]): void {
    const tallies = receivers.map((to) => (to.has(receiver) ? new Tally() : undefined))
    for (const [index, tally] of tallies.entries()) {
      if (tally) this.#tallies.push({ stream: this.#streams[index] as Stream, tally })
    }
    const echo = this.#flows.findIndex(({ from, mayEcho }) => mayEcho && from === receiver)
    let taken = 0
    const scanner = new Scanner((flow, sequence) => {
      taken += 1
      if (flow !== echo) this.#deliver(flow, sequence, tallies[flow])
    })
    const acks = this.#acksOf(receiver, () => taken)
    receiver.onBytes = (chunk) => {
      scanner.push(chunk)
      acks?.push(chunk)
      this.#refill()
    }
  }

  /** For a connection with stream management: answers requests, and takes answers. */
  #acksOf(connection: Connection, taken: () => number): AckReader | undefined {
    if (!this.#flows.some(({ from, to, isManaged }) => isManaged && [from, ...to].includes(connection)))
      return
    const sent = this.#flows.findIndex(({ from }) => from === connection)
    return new AckReader({
      onRequest: () => connection.write(ackOf(taken())),
      onAck: (count) => this.#acknowledge(this.#streams[sent], count),
    })
  }

  #acknowledge(stream: Stream | undefined, count: number): void {
    if (!stream || count > stream.sender.sent) throw new Error(`acknowledged: ${count}, more than was sent`)
    for (; stream.acknowledged < count; stream.acknowledged += 1) this.#arrive(stream, stream.acknowledged)
  }

  #deliver(flow: number, sequence: number, tally: Tally | undefined): void {
    const stream = this.#streams[flow]
    if (!stream || !tally) {
      this.#astray += 1
      return
    }
    if (!tally.take(sequence)) return
    this.delivered += 1
    this.#arrive(stream, sequence)
  }

  #arrive(stream: Stream, sequence: number): void {
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
    return sumFaults([...faults, { ...noFaults, astray: this.#astray, lost: this.#unacknowledged() }])
  }

  /** Stanzas of which no sender was told; if none were delivered either, they count as lost twice. */
  #unacknowledged(): number {
    let count = 0
    for (const [index, { sender, acknowledged }] of this.#streams.entries())
      if (this.#flows[index]?.isManaged) count += sender.sent - acknowledged
    return count
  }

  #refill(): void {
    if (!this.#isRunning) return
    for (const [index, stream] of this.#streams.entries()) {
      // Only the slots at the front of the window are free: a stanza that overtook others waits for them.
      const free = this.#freeSlots(stream)
      if (free > 0) this.#send(stream, free, this.#flows[index] as Flow)
    }
  }

  #freeSlots({ sender, missing, inFlight }: Stream): number {
    let free = 0
    while (free < inFlight && missing[(sender.sent + free) % inFlight] === 0) free += 1
    return free
  }

  #send(stream: Stream, count: number, { from, isManaged = false }: Flow): void {
    for (let index = 0; index < count; index += 1) {
      stream.missing[(stream.sender.sent + index) % stream.inFlight] = stream.receivers + Number(isManaged)
    }
    stream.sender.send(count)
    if (isManaged) from.write(ackRequest)
  }
}
