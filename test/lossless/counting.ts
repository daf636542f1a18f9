// XEP-0198 §4: what a client has sent and the server has not acknowledged, and what it has acknowledged itself.
import type { Facts, SentMessage } from './facts.ts'
import type { Receiver } from './receiver.ts'

/** A stanza that was sent. */
export interface Outgoing {
  readonly text: string
  readonly message?: SentMessage
}

/** Messages that were acknowledged to the server, until a later message of this client has been dealt with. */
interface Unsettled {
  readonly copies: readonly string[]
  /** The client's own counter that must be reached. */
  readonly barrier: number
}

/** The counters of one session. */
export class Counting {
  readonly #facts: Facts
  readonly #receiver: Receiver
  /** Stanzas received in this session. */
  received = 0
  /** Stanzas sent in this session, and acknowledged. */
  #sent = 0
  #acknowledged = 0
  /** Sent and not acknowledged, oldest first. */
  #unacknowledged: Outgoing[] = []
  /** Seen since the last acknowledgement that went out. */
  #seen: string[] = []
  #unsettled: Unsettled[] = []

  constructor(facts: Facts, receiver: Receiver) {
    this.#facts = facts
    this.#receiver = receiver
  }

  /** Whether everything that was sent has been acknowledged. */
  get isQuiet(): boolean {
    return this.#unacknowledged.length === 0
  }

  /** A new session begins; answers the messages of the old one that are not acknowledged. */
  begin(): SentMessage[] {
    const left = this.#unacknowledged.flatMap(({ message }) => message ?? [])
    this.received = 0
    this.#sent = 0
    this.#acknowledged = 0
    this.#unacknowledged = []
    this.#seen = []
    this.#unsettled = []
    return left
  }

  /** A stanza goes out. */
  send(outgoing: Outgoing): void {
    this.#sent += 1
    this.#unacknowledged.push(outgoing)
  }

  /** What is not acknowledged, which goes out anew: the counter goes back to before it. */
  takeAll(): Outgoing[] {
    this.#sent = this.#acknowledged
    return this.#unacknowledged.splice(0)
  }

  /** The server says how many stanzas it has dealt with; answers how many more that are. */
  acknowledge(h: number): number {
    const count = h - this.#acknowledged
    if (count < 0 || count > this.#unacknowledged.length)
      this.#facts.fault(
        `${this.#receiver.address} was told ${h} after ${this.#acknowledged} of ${this.#sent}`,
        this.#receiver,
      )
    for (const { message } of this.#unacknowledged.splice(0, Math.max(0, count))) {
      this.#acknowledged += 1
      if (!message) continue
      this.#facts.acknowledge(message)
      // An error comes before the acknowledgement. What was kept shows that all before it was.
      if (!message.isRefused) this.#settle(this.#acknowledged)
    }
    return count
  }

  /** A message came. */
  see(copy: string): void {
    this.#seen.push(copy)
  }

  /** The server is told of all that came; the next message that it has dealt with, and kept, comes after that. */
  settleLater(): void {
    this.#unsettled.push({ copies: this.#seen.splice(0), barrier: this.#sent + 1 })
  }

  #settle(reached: number): void {
    while ((this.#unsettled[0]?.barrier ?? Number.POSITIVE_INFINITY) <= reached)
      this.#receiver.settle(this.#unsettled.shift()?.copies ?? [])
  }
}
