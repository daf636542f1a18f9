// A client that counts (XEP-0198), comes back whenever it is cut off, and writes down what it sends and gets.
import type { Element } from '../../src/xml/element.ts'
import type { SeededRandom } from '../random.ts'
import { bindRequest } from '../raw-client.ts'
import { Connection, type ConnectionReceiver } from './connection.ts'
import type { Facts, Receiver, SentMessage } from './facts.ts'

const ns = `xmlns='urn:xmpp:sm:3'`
const retryMs = 25

/** What a client is made with. */
export interface ClientParts {
  readonly facts: Facts
  readonly random: SeededRandom
  /** The server's port now; `undefined` while it is down. */
  readonly port: () => number | undefined
  /** Whether the server's disk is full, or has been for its last run. */
  readonly isDiskFull: () => boolean
  /** Something happened at which a server may well die. */
  readonly onMoment: (moment: Moment) => void
}

/** Where in the life of a message a server may die. */
export type Moment = 'acknowledged' | 'received' | 'sent'

/** Counts of how clients came back. */
export interface Returns {
  resumed: number
  failed: number
  failedWithCount: number
  bound: number
}

/** Messages that were acknowledged to the server, until a later message of this client has been dealt with. */
interface Unsettled {
  readonly copies: readonly string[]
  /** The client's own counter that must be reached. */
  readonly barrier: number
}

/** One resource of one account. */
export class LosslessClient implements ConnectionReceiver {
  readonly address: string
  readonly returns: Returns = { resumed: 0, failed: 0, failedWithCount: 0, bound: 0 }
  readonly #parts: ClientParts
  readonly #user: string
  readonly #resource: string
  readonly #canResume: boolean
  readonly #receiver: Receiver
  #connection: Connection | undefined
  #isReady = false
  #isWanted = true
  #id: string | undefined
  /** Stanzas received in this session. */
  #received = 0
  /** Stanzas sent in this session, and acknowledged. */
  #sent = 0
  #acknowledged = 0
  /** Sent and not acknowledged, oldest first; `undefined` for what is no message. */
  #unacknowledged: (SentMessage | undefined)[] = []
  #unsent: SentMessage[] = []
  /** Seen since the last acknowledgement that went out. */
  #seen: string[] = []
  #unsettled: Unsettled[] = []

  constructor(user: string, resource: string, canResume: boolean, parts: ClientParts) {
    this.#user = user
    this.#resource = resource
    this.#canResume = canResume
    this.#parts = parts
    this.address = `${user}@localhost/${resource}`
    this.#receiver = parts.facts.addReceiver(this.address, `${user}@localhost`)
  }

  get isReady(): boolean {
    return this.#isReady
  }

  /** Whether everything that was sent has been acknowledged. */
  get isQuiet(): boolean {
    return this.#isReady && this.#unacknowledged.length === 0
  }

  /** Connects, and comes back for ever after until `leave`. */
  stay(): void {
    this.#isWanted = true
    if (!this.#connection) this.#connect()
  }

  /** Says goodbye and stays away. */
  leave(): void {
    this.#isWanted = false
    this.#acknowledge()
    this.#connection?.close()
  }

  /** The connection breaks. */
  cut(isReset: boolean): void {
    this.#connection?.cut({ isReset })
  }

  /** The connection breaks, and the server does not notice. */
  vanish(): void {
    this.#connection?.vanish(1000)
  }

  sendMessage(to: string): void {
    if (!this.#isReady) return
    const message = this.#parts.facts.send(this.address, to)
    this.#write(message)
    if (this.#parts.random.below(4) === 0) this.ask()
    this.#parts.onMoment('sent')
  }

  /** Asks the server what it has dealt with. */
  ask(): void {
    if (this.#isReady) this.#connection?.write(`<r ${ns}/>`)
  }

  onFeatures(): void {
    if (this.#id !== undefined && this.#canResume) {
      this.#connection?.write(`<resume ${ns} previd='${this.#id}' h='${this.#received}'/>`)
    } else this.#bind()
  }

  onElement(element: Element): void {
    if (element.namespace === 'urn:xmpp:sm:3') this.#takeNonza(element)
    else if (element.namespace === 'jabber:client') this.#takeStanza(element)
  }

  onEnd(): void {
    this.#connection = undefined
    this.#isReady = false
    // Whether the server had the last acknowledgements will never be known.
    if (this.#isWanted) setTimeout(() => this.stay(), 1 + this.#parts.random.below(retryMs))
  }

  #connect(): void {
    const port = this.#parts.port()
    if (port === undefined) {
      setTimeout(() => this.#isWanted && this.stay(), retryMs)
      return
    }
    this.#connection = new Connection(port, { user: this.#user, password: 'secret' }, this)
  }

  #bind(): void {
    this.#id = undefined
    this.#received = 0
    this.#sent = 0
    this.#acknowledged = 0
    this.#seen = []
    this.#unsettled = []
    // What an earlier attempt was to send again comes first.
    this.#unsent.push(...this.#unacknowledged.filter((message) => message !== undefined))
    this.#unacknowledged = []
    const resume = this.#canResume ? ` resume='true'` : ''
    this.#connection?.write(`${bindRequest(this.#resource)}<enable ${ns}${resume}/><presence/>`)
  }

  #takeNonza(element: Element): void {
    const h = Number(element.attribute('h') ?? '-1')
    switch (element.name) {
      case 'enabled':
        this.#enabled(element)
        break
      case 'resumed':
        this.#resumed(h)
        break
      case 'failed':
        this.#failed(h)
        break
      case 'a':
        this.#takeCount(h)
        break
      case 'r':
        this.#answer()
    }
  }

  #enabled(element: Element): void {
    this.returns.bound += 1
    this.#id = element.attribute('id')
    this.#sent = 1
    this.#unacknowledged = [undefined]
    this.#isReady = true
    this.#writeAgain(this.#unsent.splice(0))
  }

  #resumed(h: number): void {
    this.returns.resumed += 1
    this.#takeCount(h)
    this.#isReady = true
    const again = this.#unacknowledged
    this.#unacknowledged = []
    this.#sent = this.#acknowledged
    for (const message of again) {
      if (message) this.#write(message)
      else this.#writeStanza('<presence/>', undefined)
    }
    this.ask()
  }

  #failed(h: number): void {
    this.returns.failed += 1
    if (h >= 0) {
      this.returns.failedWithCount += 1
      if (this.#parts.isDiskFull()) this.#doubt(h)
      this.#takeCount(h)
    }
    this.#bind()
  }

  /** An error that was not taken from the session that is over does not come any more. */
  #doubt(h: number): void {
    for (const message of this.#unacknowledged.slice(0, h - this.#acknowledged))
      if (message) message.isRefused = true
  }

  /** The server may have them, or not: it could not say. */
  #writeAgain(messages: readonly SentMessage[]): void {
    for (const message of messages) {
      message.transmissions += 1
      this.#write(message)
    }
    this.ask()
  }

  #write(message: SentMessage): void {
    const { id, to } = message
    if (this.#parts.isDiskFull()) message.wasDiskFull = true
    this.#writeStanza(`<message to='${to}' type='chat' id='${id}'><body>${id}</body></message>`, message)
  }

  #writeStanza(text: string, message: SentMessage | undefined): void {
    this.#sent += 1
    this.#unacknowledged.push(message)
    this.#connection?.write(text)
  }

  #takeCount(h: number): void {
    const count = h - this.#acknowledged
    for (const message of this.#unacknowledged.splice(0, count)) {
      this.#acknowledged += 1
      if (!message) continue
      message.isAcknowledged = true
      // An error comes before the acknowledgement. What was kept shows that all before it was.
      if (!message.isRefused) this.#settle(this.#acknowledged)
    }
    if (count > 0) this.#parts.onMoment('acknowledged')
  }

  #settle(reached: number): void {
    while ((this.#unsettled[0]?.barrier ?? Number.POSITIVE_INFINITY) <= reached)
      this.#parts.facts.settle(this.#receiver, this.#unsettled.shift()?.copies ?? [])
  }

  #takeStanza(element: Element): void {
    if (!this.#isReady) return
    this.#received += 1
    if (element.name !== 'message') return
    const id = element.attribute('id') ?? ''
    if (element.attribute('type') === 'error') {
      const message = this.#parts.facts.messages.get(id)
      if (message) message.isRefused = true
      return
    }
    // Without an archive nothing tells copies apart.
    const copy = element.child('stanza-id', 'urn:xmpp:sid:0')?.attribute('id') ?? id
    const isDelayed = element.child('delay', 'urn:xmpp:delay') !== undefined
    this.#parts.facts.see(this.#receiver, id, copy, isDelayed)
    this.#seen.push(copy)
    this.#parts.onMoment('received')
  }

  /** Usually at once, sometimes late, sometimes not until asked again. */
  #answer(): void {
    const chance = this.#parts.random.below(10)
    if (chance < 6) this.#acknowledge()
    else setTimeout(() => this.#acknowledge(), chance * 10)
  }

  #acknowledge(): void {
    if (!this.#isReady) return
    this.#connection?.write(`<a ${ns} h='${this.#received}'/>`)
    // The next message that the server has dealt with, and kept, comes after this.
    this.#unsettled.push({ copies: this.#seen.splice(0), barrier: this.#sent + 1 })
  }
}
