// What one client has seen, when it was there to see it, and whether it came once and in order.
import type { ClientKind, Facts, SentMessage } from './facts.ts'

/** A time during which a client had a session, as far as it can know; in milliseconds of this process. */
interface Stay {
  readonly boundAt: number
  /** Since when the server has surely had it as available; not over the server's own end. */
  availableAt: number | undefined
  /** Until when there was a sign of it. */
  provenUntil: number
  /** When the server has surely let go of it. */
  overAt: number
}

/** A message that came to a client after a later one of the same sender to the same address. */
export interface Displaced {
  readonly receiver: Receiver
  readonly message: SentMessage
  readonly isDelayed: boolean
  /** The place of the later one. */
  readonly last: number
  readonly at: number
  /** It was not there, for all that it knows, throughout the time in which the server dealt with the message. */
  readonly mayHaveBeenAway: boolean
  /** The later one came before the client's own presence was back. */
  readonly isOvertakenBeforePresence: boolean
}

interface LastSeen {
  place: number
  isBeforePresence: boolean
}

/** How long the server may have a session after its client has given it up: the time to resume, and some. */
const lingerMs = 7000
const historyLength = 60

/** Some servers say the time to the second only. */
function slackOf(since: number): number {
  return since % 1000 === 0 ? 1000 : 50
}

/** A client that receives. */
export class Receiver {
  readonly address: string
  readonly account: string
  readonly kind: ClientKind
  readonly displaced: Displaced[] = []
  /** What it did lately, in short. */
  history: string[] = []
  readonly #facts: Facts
  /** The copies that it saw of each message: one, unless the sender had to send it again. */
  readonly #copiesById = new Map<string, Set<string>>()
  /** Which copies it has acknowledged, and the server has shown that it knows. */
  readonly #settled = new Set<string>()
  /** What it saw in this session; these never come again in it. */
  #seenInSession = new Set<string>()
  #lastByPair = new Map<string, LastSeen>()
  /** What a client that acknowledges nothing has seen just now. */
  #fresh: { readonly copy: string; readonly at: number }[] = []
  readonly #stays: Stay[] = []
  #brokenAt = Number.NEGATIVE_INFINITY

  constructor(address: string, kind: ClientKind, facts: Facts) {
    this.address = address
    this.account = address.split('/')[0] as string
    this.kind = kind
    this.#facts = facts
  }

  /** Something that the client did, for whoever looks into a fault. */
  note(text: string): void {
    this.#facts.note(this, text)
    if (this.history.length > 2 * historyLength) this.history = this.history.slice(-historyLength)
  }

  /** The client asks for a new session. */
  bind(): void {
    this.note('binds')
    this.unbind()
    const now = performance.now()
    this.#stays.push({
      boundAt: now,
      availableAt: undefined,
      provenUntil: now,
      overAt: Number.POSITIVE_INFINITY,
    })
    this.#seenInSession = new Set()
  }

  /** The client gives up its session. */
  unbind(): void {
    const stay = this.#stays.at(-1)
    if (stay && stay.overAt === Number.POSITIVE_INFINITY) stay.overAt = performance.now() + lingerMs
  }

  /** The connection broke: what was on its way to a client that acknowledges nothing is gone. */
  noteBreak(): void {
    this.#brokenAt = performance.now()
  }

  /** Something came: the session is there. */
  noteSign(): void {
    const stay = this.#stays.at(-1)
    if (stay) stay.provenUntil = performance.now()
  }

  /** The client's own presence came back: the server has it as available. */
  noteAvailable(): void {
    const stay = this.#stays.at(-1)
    if (stay) stay.availableAt ??= performance.now()
  }

  /** The server is ended: of what a client that acknowledges nothing has just seen it may not know that it was given. */
  noteServerEnd(): void {
    this.#fresh = []
    const stay = this.#stays.at(-1)
    if (stay) stay.availableAt = undefined
    this.noteBreak()
  }

  /**
   * The client got a message. `copy` tells apart what the server took for different messages: the id that it gave it
   * (XEP-0359). `since` is when it came to the server, in milliseconds since 1970, if it says so (XEP-0203).
   */
  see(id: string, copy: string, since: number | undefined): void {
    const isDelayed = since !== undefined
    const message = this.#facts.messages.get(id)
    if (!message) {
      this.#facts.fault(`${this.address} got ${id}, which nobody sent`)
      return
    }
    this.#facts.note(message, `seen by ${this.address}${isDelayed ? ', delayed' : ''}, as ${copy}`)
    if (isDelayed) message.wasKept = true
    const copies = this.#copiesById.get(id)
    if (copies?.has(copy)) this.#seeAgain(message, copy)
    else this.#seeNew(message, copy, since)
    this.#seenInSession.add(copy)
    if (this.kind === 'plain') this.#fresh.push({ copy, at: performance.now() })
  }

  /** The server has shown that it knows that the client acknowledged these copies. */
  settle(copies: readonly string[]): void {
    for (const copy of copies) {
      this.#settled.add(copy)
      this.#facts.settled.add(copy)
    }
  }

  /**
   * Something that was written at `time` has been kept: so has that this client, which acknowledges nothing, was given
   * what it saw before.
   */
  noteKept(time: number): void {
    while (this.#fresh[0] && this.#fresh[0].at < time)
      this.settle([(this.#fresh.shift() as { copy: string }).copy])
  }

  /** Whether the server may have had a session of this client at some time between two. */
  mayHaveBeenThere(from: number, to: number): boolean {
    return this.#stays.some(({ boundAt, overAt }) => boundAt <= to && overAt >= from)
  }

  /** Whether something on its way to this client, which acknowledges nothing, may have gone down with the connection. */
  mayHaveMissed({ writtenAt }: SentMessage): boolean {
    return this.kind === 'plain' && this.#brokenAt >= writtenAt
  }

  #seeNew(message: SentMessage, copy: string, since: number | undefined): void {
    const copies = this.#copiesById.get(message.id)
    if (!copies) {
      this.#copiesById.set(message.id, new Set([copy]))
      message.receivers += 1
    } else if (copies.add(copy).size <= message.places.length) this.#facts.tally.resent += 1
    else this.#double(`${this.address} got ${message.id} as ${copies.size} messages`, message)
    // Each client has a copy of its own of what came while it was there; only what was kept comes with its time.
    if (since !== undefined && this.#facts.settled.has(copy)) {
      this.#double(`${this.address} got ${message.id} from the store, which another client had`, message)
    }
    this.#checkOrder(message, since)
  }

  #seeAgain(message: SentMessage, copy: string): void {
    if (this.#seenInSession.has(copy))
      this.#double(`${this.address} got ${message.id} twice in one session`, message)
    else if (this.#settled.has(copy))
      this.#double(`${this.address} got ${message.id} again, which it had acknowledged`, message)
    else this.#facts.tally.redelivered += 1
  }

  #double(text: string, message: SentMessage): void {
    this.#facts.doubled += 1
    this.#facts.fault(text, message, this)
  }

  /** It has the first of its places that goes on from what came last; what has none is out of order. */
  #checkOrder(message: SentMessage, since: number | undefined): void {
    const pair = `${message.from}>${message.to}`
    const last = this.#lastByPair.get(pair)
    const place = message.places.find(
      ({ number, at }) =>
        number > (last?.place ?? 0) && (since === undefined || at <= since + slackOf(since)),
    )?.number
    const isBeforePresence = this.#stays.at(-1)?.availableAt === undefined
    if (place !== undefined) this.#lastByPair.set(pair, { place, isBeforePresence })
    else {
      this.displaced.push({
        receiver: this,
        message,
        isDelayed: since !== undefined,
        last: last?.place ?? 0,
        at: performance.now(),
        mayHaveBeenAway: !this.#wasThere(message),
        isOvertakenBeforePresence: last?.isBeforePresence ?? false,
      })
    }
  }

  /** Whether this client was surely available all the time from when a message was written to when it was dealt with. */
  #wasThere({ writtenAt, acknowledgedAt }: SentMessage): boolean {
    const until = acknowledgedAt ?? performance.now()
    return this.#stays.some(
      ({ availableAt, provenUntil }) =>
        availableAt !== undefined && availableAt <= writtenAt && provenUntil >= until,
    )
  }
}
