// What was sent, what was acknowledged, and what came, as the clients saw it.
import { Receiver } from './receiver.ts'

/** How a client is told, and tells, what has arrived. */
export type ClientKind =
  /** XEP-0198 with resumption. */
  | 'resuming'
  /** XEP-0198 without resumption. */
  | 'counting'
  /** Nothing: what is written to it counts as received, and of what it sends it is told nothing. */
  | 'plain'

/** Where a message stands among all that its sender wrote to the same address. */
export interface Place {
  readonly number: number
  /** When it was written there, in milliseconds since 1970. */
  readonly at: number
}

/** One message that a client has sent. */
export interface SentMessage {
  readonly id: string
  /** The resource that sent it. */
  readonly from: string
  /** The address it was sent to, bare or full. */
  readonly to: string
  /** The account it was sent to. */
  readonly account: string
  /**
   * Its places among all that the sender wrote to that address, one for each time that it was written: again where the
   * server could not say whether it had it (XEP-0198 §5).
   */
  readonly places: Place[]
  /** When it was written first, in milliseconds of this process. */
  readonly writtenAt: number
  /** When the server told the sender that it has it. */
  acknowledgedAt: number | undefined
  /** The server has told the sender, with an error, that it cannot be delivered or kept. */
  isRefused: boolean
  /** How many clients have it. */
  receivers: number
  /** It came to somebody from a store. */
  wasKept: boolean
  /** What became of it, in short. */
  readonly history: string[]
}

/** How often something was so that may be. */
export interface Tally {
  /** Seen again by a client whose acknowledgement the server may never have had. */
  redelivered: number
  /** Seen again because the sender had to send it again. */
  resent: number
}

const recentMs = 15_000

/** Everything that is known, and what is wrong with it, in words. */
export class Facts {
  readonly messages = new Map<string, SentMessage>()
  readonly receivers: Receiver[] = []
  /** What must not be, one line each; the first hundred. */
  readonly faults: string[] = []
  /** Copies that some client has acknowledged, and the server has shown that it knows. */
  readonly settled = new Set<string>()
  readonly tally: Tally = { redelivered: 0, resent: 0 }
  doubled = 0
  /** Written a short while ago, whose histories tell of the server's ends. */
  #recent: SentMessage[] = []
  readonly #placesByPair = new Map<string, number>()
  readonly #startedAt = performance.now()

  addReceiver(address: string, kind: ClientKind): Receiver {
    const receiver = new Receiver(address, kind, this)
    this.receivers.push(receiver)
    return receiver
  }

  /** The other clients of the same account. */
  othersOf(receiver: Receiver): Receiver[] {
    return this.receivers.filter((other) => other !== receiver && other.account === receiver.account)
  }

  /** A client is about to send its next message to an address. */
  send(from: string, to: string): SentMessage {
    const place = this.#nextPlace(from, to)
    const message: SentMessage = {
      id: `${from}>${to}#${place.number}`,
      from,
      to,
      account: to.split('/')[0] as string,
      places: [place],
      writtenAt: performance.now(),
      acknowledgedAt: undefined,
      isRefused: false,
      receivers: 0,
      wasKept: false,
      history: [],
    }
    this.messages.set(message.id, message)
    this.#recent.push(message)
    this.note(message, 'written')
    return message
  }

  /** A client is about to send a message once more. */
  sendAgain(message: SentMessage): void {
    message.places.push(this.#nextPlace(message.from, message.to))
    this.note(message, 'written again')
  }

  acknowledge(message: SentMessage): void {
    message.acknowledgedAt ??= performance.now()
    this.note(message, 'acknowledged')
    if (message.isRefused) return
    for (const receiver of this.receivers) receiver.noteKept(message.writtenAt)
  }

  /** An error came for a message. */
  refuse(id: string): void {
    const message = this.messages.get(id)
    if (!message) return
    message.isRefused = true
    this.note(message, 'refused')
  }

  /** The server is ended: what was being written may be unknown to it. */
  noteServerEnd(how: string): void {
    for (const receiver of this.receivers) receiver.noteServerEnd()
    const since = performance.now() - recentMs
    this.#recent = this.#recent.filter(({ writtenAt }) => writtenAt > since)
    for (const message of this.#recent) this.note(message, `server ended: ${how}`)
  }

  /** Adds to what is known of a message or a client, for whoever looks into a fault. */
  note({ history }: { readonly history: string[] }, text: string): void {
    history.push(`${((performance.now() - this.#startedAt) / 1000).toFixed(3)} ${text}`)
  }

  /** Says what must not be, with the histories of those concerned. */
  fault(text: string, ...concerned: readonly { readonly history: readonly string[] }[]): void {
    if (this.faults.length >= 100) return
    const histories = concerned.flatMap(({ history }) => ['', ...history.map((line) => `    ${line}`)])
    this.faults.push([text, ...histories].join('\n'))
  }

  #nextPlace(from: string, to: string): Place {
    const pair = `${from}>${to}`
    const number = (this.#placesByPair.get(pair) ?? 0) + 1
    this.#placesByPair.set(pair, number)
    return { number, at: Date.now() }
  }
}
