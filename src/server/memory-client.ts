// A client in the same process: real sessions, real bytes, no socket.
import { openSession } from '../host/bind.ts'
import type { Host } from '../host/host.ts'
import type { Jid } from '../jid/jid.ts'
import type { ClientSession } from '../session/client.ts'
import type { SessionStream } from '../session/session.ts'
import { StanzaError } from '../stanza/stanza-error.ts'
import { StreamError } from '../stream/stream-error.ts'
import type { Element } from '../xml/element.ts'
import { parseDocument } from '../xml/xml.ts'

/**
 * Binds a client to an account of `host`. A resource is made if `full` has none. With more than `inboxLimit` characters
 * in stanzas that it has not taken, it is ended with `resource-constraint`; 0 for any number.
 * @throws StanzaError if the account does not exist or may not have another session
 */
export async function connectInMemory(host: Host, full: Jid, inboxLimit: number): Promise<MemoryClient> {
  const account = host.loaded.get(full.local) ?? (await host.loaded.load(full.bare))
  if (!account) throw new StanzaError('item-not-found', `no account ${full.bare}`)
  const stream = new MemoryStream(inboxLimit)
  const session = openSession(host, account, stream, full.resource === '' ? undefined : full.resource)
  return new MemoryClient(session, stream)
}

/** What the server writes to a client in memory, read back. */
class MemoryStream implements SessionStream {
  readonly isSecure = true
  readonly remoteAddress = 'memory'
  readonly waiting: ((stanza: Element | undefined) => void)[] = []
  error: StreamError | undefined
  isOpen = true
  onClose: () => void = () => {}
  readonly #inboxLimit: number
  #inbox: Element[] = []
  /** Characters of each of them as it was written. */
  #lengths: number[] = []
  #totalLength = 0

  constructor(inboxLimit: number) {
    this.#inboxLimit = inboxLimit
  }

  get inbox(): readonly Element[] {
    return this.#inbox
  }

  /** Takes the oldest. */
  take(): Element | undefined {
    this.#totalLength -= this.#lengths.shift() ?? 0
    return this.#inbox.shift()
  }

  takeAll(): Element[] {
    const all = this.#inbox
    this.#inbox = []
    this.#lengths = []
    this.#totalLength = 0
    return all
  }

  send(head: string, rest?: Uint8Array): void {
    const text = rest ? head + Buffer.from(rest).toString() : head
    const parsed = parseDocument(text, { namespaces: { '': 'jabber:client' } })
    if ('condition' in parsed) throw new Error(`the server wrote what is not XML: ${parsed.text}: ${text}`)
    const next = this.waiting.shift()
    if (next) next(parsed)
    else this.#put(parsed, text.length)
  }

  close(error?: StreamError): void {
    if (!this.isOpen) return
    this.isOpen = false
    this.error = error
    for (const waiter of this.waiting.splice(0)) waiter(undefined)
    this.onClose()
  }

  #put(stanza: Element, length: number): void {
    if (this.#inboxLimit > 0 && this.#totalLength + length > this.#inboxLimit) {
      this.close(new StreamError('resource-constraint', 'you do not take what you are sent'))
      return
    }
    this.#inbox.push(stanza)
    this.#lengths.push(length)
    this.#totalLength += length
  }
}

/** A logged-in client, for tests and bots. */
export class MemoryClient implements AsyncDisposable {
  readonly session: ClientSession
  readonly #stream: MemoryStream

  constructor(session: ClientSession, stream: MemoryStream) {
    this.session = session
    this.#stream = stream
    stream.onClose = () => session.ended('closed', stream)
  }

  /** The full address that was bound. */
  get jid(): Jid {
    return this.session.jid
  }

  get isOpen(): boolean {
    return this.#stream.isOpen
  }

  /** The stream error with which the server ended this client, if it did. */
  get error(): StreamError | undefined {
    return this.#stream.error
  }

  /** What has come and not been taken yet, oldest first; it has a limit, for a client that takes nothing. */
  get inbox(): readonly Element[] {
    return this.#stream.inbox
  }

  /**
   * Sends a stanza, as an element or as text; resolves when the server has dealt with it.
   * @throws TypeError if the text is no element
   */
  async send(stanza: Element | string): Promise<void> {
    const element = typeof stanza === 'string' ? parseText(stanza) : stanza
    try {
      await this.session.receive(element)
      await this.session.underway
    } catch (error) {
      if (!(error instanceof StreamError)) throw error
      this.#stream.close(error)
    }
  }

  /** Takes the oldest stanza, waiting for one if there is none; `undefined` once the client is closed. */
  receive(): Promise<Element | undefined> {
    const next = this.#stream.take()
    if (next || !this.isOpen) return Promise.resolve(next)
    return new Promise((resolve) => this.#stream.waiting.push(resolve))
  }

  /** Takes all that has come. */
  takeAll(): Element[] {
    return this.#stream.takeAll()
  }

  /** Ends the session, as a client that closes its stream. */
  close(): void {
    this.#stream.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close()
  }
}

function parseText(text: string): Element {
  const parsed = parseDocument(text, { namespaces: { '': 'jabber:client' } })
  if ('condition' in parsed) throw new TypeError(`not an element: ${parsed.text}: ${text}`)
  return parsed
}
