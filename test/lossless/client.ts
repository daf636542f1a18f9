// A client that comes back whenever it is cut off, counts if it can (XEP-0198), and writes down what it sends and gets.
import type { Element } from '../../src/xml/element.ts'
import type { SeededRandom } from '../random.ts'
import { bindRequest } from '../raw-client.ts'
import { Connection, type ConnectionReceiver } from './connection.ts'
import { Counting, type Outgoing } from './counting.ts'
import type { ClientKind, Facts, SentMessage } from './facts.ts'
import type { Receiver } from './receiver.ts'

const ns = `xmlns='urn:xmpp:sm:3'`
const retryMs = 25
/** How long a client waits to be let in. */
const patienceMs = 10_000
/** How long a connection that breaks unnoticed still seems to be there. */
const lingerMs = 1000
/** Its answer shows that the server has dealt with the presence before it. */
const thereId = 'there'
const appearance: readonly Outgoing[] = [
  { text: '<presence/>' },
  { text: `<iq type='get' id='${thereId}' to='localhost'><ping xmlns='urn:xmpp:ping'/></iq>` },
]

/** What a client is made with. */
export interface ClientParts {
  readonly facts: Facts
  readonly random: SeededRandom
  /** The server's port now; `undefined` while it is down. */
  readonly port: () => number | undefined
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
  /** How often the server did not let a client in, nor said why not. */
  ignored: number
}

/** One resource of one account. */
export class LosslessClient implements ConnectionReceiver {
  readonly address: string
  readonly returns: Returns = { resumed: 0, failed: 0, failedWithCount: 0, bound: 0, ignored: 0 }
  readonly #parts: ClientParts
  readonly #user: string
  readonly #resource: string
  readonly #kind: ClientKind
  readonly #receiver: Receiver
  #connection: Connection | undefined
  #isReady = false
  #isWanted = true
  #id: string | undefined
  readonly #counting: Counting
  #unsent: SentMessage[] = []

  constructor(user: string, resource: string, kind: ClientKind, parts: ClientParts) {
    this.#user = user
    this.#resource = resource
    this.#kind = kind
    this.#parts = parts
    this.address = `${user}@localhost/${resource}`
    this.#receiver = parts.facts.addReceiver(this.address, kind)
    this.#counting = new Counting(parts.facts, this.#receiver)
  }

  get isReady(): boolean {
    return this.#isReady
  }

  /** Whether everything that was sent has been acknowledged. */
  get isQuiet(): boolean {
    return this.#isReady && this.#counting.isQuiet
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
    this.#receiver.noteBreak()
    this.#connection?.cut({ isReset })
  }

  /** The connection breaks, and the server does not notice. */
  vanish(): void {
    // What the server writes until then goes down with the connection.
    setTimeout(() => this.#receiver.noteBreak(), lingerMs + 50)
    this.#receiver.noteBreak()
    this.#connection?.vanish(lingerMs)
  }

  sendMessage(to: string): void {
    if (!this.#isReady) return
    this.#writeMessage(this.#parts.facts.send(this.address, to))
    if (this.#parts.random.below(4) === 0) this.ask()
    this.#parts.onMoment('sent')
  }

  /** Asks the server what it has dealt with. */
  ask(): void {
    if (this.#isReady && this.#kind !== 'plain') this.#connection?.write(`<r ${ns}/>`)
  }

  onFeatures(): void {
    if (this.#id !== undefined && this.#kind === 'resuming') {
      this.#receiver.note(`says <resume h='${this.#counting.received}'/>`)
      this.#connection?.write(`<resume ${ns} previd='${this.#id}' h='${this.#counting.received}'/>`)
    } else this.#bind()
  }

  onElement(element: Element): void {
    if (element.namespace === 'urn:xmpp:sm:3') this.#takeNonza(element)
    else if (element.namespace === 'jabber:client') this.#takeStanza(element)
  }

  onEnd(): void {
    this.#connection = undefined
    this.#isReady = false
    this.#receiver.note('disconnected')
    if (this.#kind !== 'resuming') this.#receiver.unbind()
    // Whether the server had the last acknowledgements will never be known.
    if (this.#isWanted) setTimeout(() => this.stay(), 1 + this.#parts.random.below(retryMs))
  }

  #connect(): void {
    const port = this.#parts.port()
    if (port === undefined) {
      setTimeout(() => this.#isWanted && this.stay(), retryMs)
      return
    }
    const connection = new Connection(port, { user: this.#user, password: 'secret' }, this)
    this.#connection = connection
    setTimeout(() => this.#giveUp(connection), patienceMs).unref()
  }

  #giveUp(connection: Connection): void {
    if (this.#connection !== connection || this.#isReady) return
    this.returns.ignored += 1
    // It is not known here any more either.
    this.#id = undefined
    connection.cut()
  }

  #bind(): void {
    this.#id = undefined
    // What an earlier attempt was to send again comes first.
    this.#unsent.push(...this.#counting.begin())
    this.#receiver.bind()
    const resume = this.#kind === 'resuming' ? ` resume='true'` : ''
    const enable = this.#kind === 'plain' ? '' : `<enable ${ns}${resume}/>`
    const stanzas = appearance.map(({ text }) => text).join('')
    this.#connection?.write(`${bindRequest(this.#resource)}${enable}${stanzas}`)
  }

  #takeNonza(element: Element): void {
    const h = Number(element.attribute('h') ?? '-1')
    if (element.name !== 'r') this.#receiver.note(`told <${element.name} h='${h}'/>`)
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
    for (const outgoing of appearance) this.#counting.send(outgoing)
    this.#isReady = true
    this.#writeAgain(this.#unsent.splice(0))
  }

  #resumed(h: number): void {
    this.returns.resumed += 1
    this.#takeCount(h)
    this.#isReady = true
    for (const outgoing of this.#counting.takeAll()) this.#write(outgoing)
    this.#write(appearance[1] as Outgoing)
    this.ask()
  }

  #failed(h: number): void {
    this.returns.failed += 1
    if (h >= 0) {
      this.returns.failedWithCount += 1
      this.#takeCount(h)
    }
    this.#bind()
  }

  /** The server may have them, or not: it could not say. */
  #writeAgain(messages: readonly SentMessage[]): void {
    for (const message of messages) {
      this.#parts.facts.sendAgain(message)
      this.#writeMessage(message)
    }
    this.ask()
  }

  #writeMessage(message: SentMessage): void {
    const { id, to } = message
    this.#write({
      text: `<message to='${to}' type='chat' id='${id}'><body>${id}</body></message>`,
      message,
    })
  }

  #write(outgoing: Outgoing): void {
    if (this.#kind !== 'plain') this.#counting.send(outgoing)
    this.#connection?.write(outgoing.text)
  }

  #takeCount(h: number): void {
    if (this.#counting.acknowledge(h) > 0) this.#parts.onMoment('acknowledged')
  }

  #takeStanza(element: Element): void {
    if (this.#kind === 'plain' && element.attribute('id') === 'bind') this.#boundPlainly()
    if (!this.#isReady) return
    this.#counting.received += 1
    this.#receiver.noteSign()
    if (element.name === 'iq' && element.attribute('id') === thereId) this.#receiver.noteAvailable()
    if (element.name !== 'message') return
    const id = element.attribute('id') ?? ''
    if (element.attribute('type') === 'error') this.#parts.facts.refuse(id)
    else this.#takeMessage(element, id)
  }

  #boundPlainly(): void {
    this.returns.bound += 1
    this.#isReady = true
  }

  #takeMessage(element: Element, id: string): void {
    // Without an archive nothing tells copies apart.
    const copy = element.child('stanza-id', 'urn:xmpp:sid:0')?.attribute('id') ?? id
    const stamp = element.child('delay', 'urn:xmpp:delay')?.attribute('stamp')
    this.#receiver.see(id, copy, stamp === undefined ? undefined : Date.parse(stamp))
    this.#counting.see(copy)
    this.#parts.onMoment('received')
  }

  /** Usually at once, sometimes late, sometimes not until asked again. */
  #answer(): void {
    const chance = this.#parts.random.below(10)
    if (chance < 6) this.#acknowledge()
    else setTimeout(() => this.#acknowledge(), chance * 10)
  }

  #acknowledge(): void {
    if (!this.#isReady || this.#kind === 'plain') return
    this.#receiver.note(`says <a h='${this.#counting.received}'/>`)
    this.#connection?.write(`<a ${ns} h='${this.#counting.received}'/>`)
    this.#counting.settleLater()
  }
}
