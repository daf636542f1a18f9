// One character on stage: its connection, its inbox, and what passed between it and the server.
import type { Clock } from '../base/clock.ts'
import { Element, type Node } from '../xml/element.ts'
import { serialize } from '../xml/serialize.ts'
import { Inbox } from './inbox.ts'
import { attributesOf } from './instructions.ts'
import { conditionOf, logIn, type Security } from './login.ts'
import { clientNamespace, streamNamespace } from './names.ts'
import type { Character } from './script.ts'
import { Wire } from './wire.ts'

/** How characters connect and keep time. */
export interface PlayerOptions {
  readonly host: string
  readonly port: number
  readonly security: Security
  /** Whether a certificate that cannot be trusted ends the log-in. */
  readonly checksCertificate: boolean
  /** Whether a ping of the runner's own follows everything sent, to know when it has been handled. */
  readonly sync: 'ping' | 'none'
  /** How long connecting, or an answer to that ping, may take, in milliseconds. */
  readonly timeoutMs: number
  /** Whether white space between tags is sent as the script has it. */
  readonly sendsLayout: boolean
  readonly clock: Clock
}

/** One stanza that went in or out. */
export interface Exchange {
  readonly direction: 'sent' | 'received'
  readonly stanza: Element
}

/** Stanzas of a character that are kept to be shown after a failure. */
const rememberedExchanges = 8
/** Ids that begin so are the runner's own and hidden from the script. */
const syncPrefix = 'scs-sync-'

/** One character's part in one performance. */
export class Player {
  readonly character: Character
  readonly inbox = new Inbox()
  readonly #options: PlayerOptions
  readonly #action: () => number
  readonly #exchanges: Exchange[] = []
  #wire: Wire | undefined
  #hasLeft = false
  #lastError = ''
  #syncs: boolean
  #syncCount = 0
  #awaitedSync = ''
  #wake: (() => void)[] = []

  /** `action` tells the number of the last action begun, by any character. */
  constructor(character: Character, options: PlayerOptions, action: () => number) {
    this.character = character
    this.#options = options
    this.#action = action
    this.#syncs = options.sync === 'ping'
  }

  get isConnected(): boolean {
    return this.#wire !== undefined && this.#wire.ended === undefined
  }

  /** Whether the script made this character leave, and it has not come back. */
  get hasLeft(): boolean {
    return this.#hasLeft
  }

  /** The last stanzas in both directions, oldest first. */
  get exchanges(): readonly Exchange[] {
    return this.#exchanges
  }

  /** Why this character cannot send or receive. */
  get absence(): string {
    const { name } = this.character
    if (this.#wire) {
      const reason = this.#lastError === '' ? this.#wire.ended : `stream error ${this.#lastError}`
      return `${name}'s stream has ended: ${reason}`
    }
    return this.#hasLeft ? `${name} has disconnected` : `${name} has not connected`
  }

  /**
   * Connects and logs in; returns the full address the server bound.
   * @throws LoginFailure, WireEnded or a socket's error
   */
  async connect(): Promise<string> {
    const { clock, timeoutMs, security } = this.#options
    this.inbox.clear()
    this.#lastError = ''
    const wire = await this.#open()
    const timer = clock.after(timeoutMs, () => wire.end(`no log-in within ${timeoutMs / 1000} s`))
    try {
      const fullJid = await logIn(wire, this.character, security)
      wire.receive(
        (stanza) => this.#onStanza(stanza),
        () => this.#wakeAll(),
      )
      this.#wire = wire
      this.#hasLeft = false
      return fullJid
    } catch (error) {
      wire.end('the log-in failed')
      throw error
    } finally {
      timer.cancel()
    }
  }

  /** Sends a stanza and waits until the server has handled it; returns a note if that cannot be known any more. */
  async send(stanza: Element): Promise<string | undefined> {
    const travelling = prepare(stanza, this.#options.sendsLayout)
    this.#remember('sent', travelling)
    this.#wire?.write(serialize(travelling, clientNamespace))
    if (!this.#syncs) return undefined
    await this.#sync()
    if (!this.isConnected || this.#awaitedSync === '') return undefined
    this.#syncs = false
    return `${this.character.name}: the server does not answer pings; none are sent any more`
  }

  /** Resolves with the next stanza, the end of the stream, or after `ms` milliseconds. */
  async arrival(ms: number): Promise<void> {
    if (!this.isConnected) return
    await new Promise<void>((resolve) => {
      const timer = this.#options.clock.after(ms, resolve)
      this.#wake.push(() => {
        timer.cancel()
        resolve()
      })
    })
  }

  /** Leaves, if it is there. */
  async leave(): Promise<void> {
    await this.#wire?.close(this.#options.clock)
    this.#wire = undefined
    this.#hasLeft = true
  }

  async #open(): Promise<Wire> {
    const { clock, timeoutMs, security } = this.#options
    const patience = new AbortController()
    const expired = new Error(`no connection within ${timeoutMs / 1000} s`)
    const timer = clock.after(timeoutMs, () => patience.abort(expired))
    try {
      return await Wire.open(this.#endpoint(), security === 'direct', patience.signal)
    } finally {
      timer.cancel()
    }
  }

  #endpoint() {
    const { bareJid, connectHost, connectPort } = this.character
    const { host, port, checksCertificate } = this.#options
    const domain = bareJid.slice(bareJid.lastIndexOf('@') + 1)
    return { host: connectHost ?? host, port: connectPort ?? port, domain, checksCertificate }
  }

  async #sync(): Promise<void> {
    const { clock, timeoutMs } = this.#options
    this.#syncCount += 1
    const id = `${syncPrefix}${this.#syncCount}`
    this.#awaitedSync = id
    this.#wire?.write(
      `<iq type='get' id='${id}' to='${this.#endpoint().domain}'><ping xmlns='urn:xmpp:ping'/></iq>`,
    )
    const end = clock.now() + timeoutMs
    while (this.#awaitedSync === id && this.isConnected && clock.now() < end) {
      await this.arrival(end - clock.now())
    }
  }

  #onStanza(stanza: Element): void {
    const id = stanza.attribute('id')
    if (stanza.name === 'iq' && id?.startsWith(syncPrefix)) {
      if (id === this.#awaitedSync) this.#awaitedSync = ''
    } else {
      if (stanza.is('error', streamNamespace)) this.#lastError = conditionOf(stanza)
      this.#remember('received', stanza)
      this.inbox.add(stanza, this.#action())
    }
    this.#wakeAll()
  }

  #wakeAll(): void {
    for (const wake of this.#wake.splice(0)) wake()
  }

  #remember(direction: Exchange['direction'], stanza: Element): void {
    this.#exchanges.push({ direction, stanza })
    if (this.#exchanges.length > rememberedExchanges) this.#exchanges.shift()
  }
}

/** `element` as it travels: without instructions to the runner and, unless wanted, without the script's layout. */
function prepare(element: Element, keepsLayout: boolean): Element {
  const attributes = attributesOf(element).flat()
  const isOnly = element.children.length === 1
  const children: Node[] = []
  for (const node of element.children) {
    if (typeof node !== 'string') children.push(prepare(node, keepsLayout))
    else if (keepsLayout || !isLayout(node, isOnly)) children.push(node)
  }
  return new Element(element.name, element.namespace, attributes, children)
}

/** White space between tags, or a line break between a start and its end; `<value>  </value>` is meant. */
function isLayout(text: string, isOnly: boolean): boolean {
  return text.trim() === '' && (!isOnly || text.includes('\n'))
}
