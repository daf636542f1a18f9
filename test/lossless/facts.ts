// What was sent, what was acknowledged, and what came; and whether that fits together.

/** One message that a client has sent. */
export interface SentMessage {
  readonly id: string
  /** The resource that sent it. */
  readonly from: string
  /** The address it was sent to, bare or full. */
  readonly to: string
  /** The account it was sent to. */
  readonly account: string
  /** Its place among those of the same sender to the same address. */
  readonly place: number
  /** How often the sender wrote it: again where the server could not say whether it had it (XEP-0198 §5). */
  transmissions: number
  /** The server has told the sender that it has it. */
  isAcknowledged: boolean
  /**
   * The server has told the sender that it cannot be delivered or kept, or may have: it said so on a session that
   * was over when the sender came back, and the disk was full.
   */
  isRefused: boolean
  /** It was written while the server's disk was full. */
  wasDiskFull: boolean
  /** How many clients have it. */
  receivers: number
}

/** A client that receives. */
export interface Receiver {
  readonly address: string
  readonly account: string
  /** The copies that it saw of each message: one, unless the sender had to send it again. */
  readonly copiesById: Map<string, Set<string>>
  /** Which copies it has acknowledged, and the server has shown that it knows. */
  readonly settled: Set<string>
  /** The last place it saw, by sender and address. */
  readonly lastPlaces: Map<string, number>
}

/** A message that came to a client for the first time after a later one of the same sender to the same address. */
interface Displaced {
  readonly receiver: Receiver
  readonly message: SentMessage
  readonly isDelayed: boolean
  readonly last: number
}

/** What came of it all. */
export interface Verdict {
  messages: number
  acknowledged: number
  refused: number
  /** Acknowledged to the sender, refused by nobody, and never seen by a client of the account. */
  lost: number
  /** Acknowledged, and not in the archive of the account. */
  missingInArchive: number
  /**
   * The same, where the disk was full: the error went to a session of the sender that was just ending. Some client has
   * it all the same, or it counts as lost.
   */
  refusedUnseen: number
  /** More than once in the archive, though sent once. */
  doubledInArchive: number
  /** Seen again after the client had acknowledged it and the server had shown that it knew. */
  doubled: number
  outOfOrder: number
  /** Seen again by a client whose acknowledgement the server may never have had. */
  redelivered: number
  /** Seen again because the sender had to send it again. */
  resent: number
  /** Came to a client after later ones, as it may: see `#mayBeLate`. */
  late: number
  /** Refused, and seen none the less. */
  refusedYetSeen: number
}

/** Everything that is known, and what is wrong with it, in words. */
export class Facts {
  readonly messages = new Map<string, SentMessage>()
  readonly receivers: Receiver[] = []
  /** What must not be, one line each; the first hundred. */
  readonly faults: string[] = []
  readonly #nextPlaces = new Map<string, number>()
  readonly #clientsByAccount = new Map<string, number>()
  /** Copies that some client has acknowledged, and the server has shown that it knows. */
  readonly #settled = new Set<string>()
  #doubled = 0
  #redelivered = 0
  #resent = 0
  readonly #displaced: Displaced[] = []

  addReceiver(address: string, account: string): Receiver {
    const receiver = {
      address,
      account,
      copiesById: new Map<string, Set<string>>(),
      settled: new Set<string>(),
      lastPlaces: new Map<string, number>(),
    }
    this.receivers.push(receiver)
    this.#clientsByAccount.set(account, (this.#clientsByAccount.get(account) ?? 0) + 1)
    return receiver
  }

  /** A client is about to send its next message to an address. */
  send(from: string, to: string): SentMessage {
    const pair = `${from}>${to}`
    const place = (this.#nextPlaces.get(pair) ?? 0) + 1
    this.#nextPlaces.set(pair, place)
    const message: SentMessage = {
      id: `${pair}#${place}`,
      from,
      to,
      account: to.split('/')[0] as string,
      place,
      transmissions: 1,
      isAcknowledged: false,
      isRefused: false,
      wasDiskFull: false,
      receivers: 0,
    }
    this.messages.set(message.id, message)
    return message
  }

  /**
   * A client got a message. `copy` tells apart what the server took for different messages: the id that it gave it
   * (XEP-0359). `isDelayed` if it says when it came first (XEP-0203).
   */
  see(receiver: Receiver, id: string, copy: string, isDelayed: boolean): void {
    const message = this.messages.get(id)
    if (!message) {
      this.#fault(`${receiver.address} got ${id}, which nobody sent`)
      return
    }
    const copies = receiver.copiesById.get(id)
    if (copies?.has(copy)) this.#seenAgain(receiver, message, copy)
    else if (copies) this.#anotherCopy(receiver, message, copies.add(copy).size)
    else this.#seeFirst(receiver, message, copy, isDelayed)
  }

  /** The server has shown that it knows that the client acknowledged these copies. */
  settle(receiver: Receiver, copies: readonly string[]): void {
    for (const copy of copies) {
      receiver.settled.add(copy)
      this.#settled.add(copy)
    }
  }

  /** Acknowledged messages that no client of their account has. */
  missing(): SentMessage[] {
    return [...this.messages.values()].filter(
      (message) => message.isAcknowledged && !message.isRefused && message.receivers === 0,
    )
  }

  /** Compares; `archives` have the ids in the archive of each account, or nothing where there is none. */
  judge(archives: ReadonlyMap<string, readonly string[]>): Verdict {
    const all = [...this.messages.values()]
    const lost = this.missing()
    for (const { id } of lost) this.#fault(`${id} is lost`)
    return {
      messages: all.length,
      acknowledged: count(all, (message) => message.isAcknowledged),
      refused: count(all, (message) => message.isRefused),
      lost: lost.length,
      ...this.#judgeArchives(archives),
      ...this.#judgeOrder(),
      doubled: this.#doubled,
      redelivered: this.#redelivered,
      resent: this.#resent,
      refusedYetSeen: count(all, (message) => message.isRefused && message.receivers > 0),
    }
  }

  #judgeArchives(archives: ReadonlyMap<string, readonly string[]>) {
    let missingInArchive = 0
    let refusedUnseen = 0
    let doubledInArchive = 0
    for (const [account, ids] of archives) {
      const counts = new Map<string, number>()
      for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1)
      for (const message of this.messages.values()) {
        if (message.account !== account) continue
        const copies = counts.get(message.id) ?? 0
        const isMissing = copies === 0 && message.isAcknowledged && !message.isRefused
        if (isMissing && message.wasDiskFull) refusedUnseen += 1
        else if (isMissing) {
          missingInArchive += 1
          this.#fault(`${message.id} is not in the archive`)
        }
        if (copies > message.transmissions) {
          doubledInArchive += 1
          this.#fault(`${message.id} is ${copies} times in the archive`)
        }
      }
    }
    return { missingInArchive, refusedUnseen, doubledInArchive }
  }

  #seeFirst(receiver: Receiver, message: SentMessage, copy: string, isDelayed: boolean): void {
    receiver.copiesById.set(message.id, new Set([copy]))
    message.receivers += 1
    // Each client has a copy of its own of what came while it was there; only what was kept comes with its time.
    if (isDelayed && this.#settled.has(copy)) {
      this.#doubled += 1
      this.#fault(
        `${receiver.address} got ${message.id} from the store, which another client had acknowledged`,
      )
    }
    this.#checkOrder(receiver, message, isDelayed)
  }

  #seenAgain(receiver: Receiver, message: SentMessage, copy: string): void {
    if (!receiver.settled.has(copy)) {
      this.#redelivered += 1
      return
    }
    this.#doubled += 1
    this.#fault(`${receiver.address} got ${message.id} again, which it had acknowledged`)
  }

  #anotherCopy(receiver: Receiver, message: SentMessage, copies: number): void {
    if (copies <= message.transmissions) {
      this.#resent += 1
      return
    }
    this.#doubled += 1
    this.#fault(`${receiver.address} got ${message.id} as ${copies} messages`)
  }

  #checkOrder(receiver: Receiver, message: SentMessage, isDelayed: boolean): void {
    const pair = `${message.from}>${message.to}`
    const last = receiver.lastPlaces.get(pair) ?? 0
    if (message.place > last) receiver.lastPlaces.set(pair, message.place)
    else this.#displaced.push({ receiver, message, isDelayed, last })
  }

  #judgeOrder(): { outOfOrder: number; late: number } {
    const wrong = this.#displaced.filter((displaced) => !this.#mayBeLate(displaced))
    for (const { receiver, message, last, isDelayed } of wrong)
      this.#fault(
        `${receiver.address} got ${message.id} after ${last}, ${isDelayed ? 'delayed, ' : ''}written ${message.transmissions} times`,
      )
    return { outOfOrder: wrong.length, late: this.#displaced.length - wrong.length }
  }

  /**
   * What the sender had to send again has its place where it was sent last, and of what was refused nothing is
   * promised. What another client of the account had and never took comes when that one's session is over. What is
   * addressed to a resource comes as soon as it is connected (RFC 6121 §8.5.3.1), what waited for it with its
   * presence (XEP-0160).
   */
  #mayBeLate({ receiver, message, isDelayed }: Displaced): boolean {
    if (message.isRefused || message.transmissions > 1) return true
    const hasOthers = (this.#clientsByAccount.get(receiver.account) ?? 0) > 1
    return isDelayed && (hasOthers || message.to.includes('/'))
  }

  #fault(text: string): void {
    if (this.faults.length < 100) this.faults.push(text)
  }
}

function count<Item>(items: readonly Item[], fits: (item: Item) => boolean): number {
  return items.reduce((sum, item) => sum + (fits(item) ? 1 : 0), 0)
}
