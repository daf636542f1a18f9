// One TCP or TLS connection to a server, and the XML stream on it.
import { connect, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { Clock } from '../base/clock.ts'
import type { Element } from '../xml/element.ts'
import { escapeAttribute } from '../xml/serialize.ts'
import { XmlReader } from '../xml/xml.ts'
import { readingLimits } from './limits.ts'
import { clientNamespace, streamNamespace } from './names.ts'

/** Where a server listens, and how it is to be spoken to. */
export interface Endpoint {
  readonly host: string
  readonly port: number
  /** The domain a certificate has to name. */
  readonly domain: string
  /** Whether a certificate that cannot be trusted ends the connection. */
  readonly checksCertificate: boolean
}

/** The connection cannot be used any more. */
export class WireEnded extends Error {
  override readonly name = 'WireEnded'
}

interface Waiter {
  readonly resolve: (element: Element) => void
  readonly reject: (error: Error) => void
}

/** How long the other side may take to close its stream, in milliseconds. */
const closingMs = 2000

/** A client's connection. Elements are asked for one by one with `next`, or handed to `receive` as they come. */
export class Wire {
  readonly #endpoint: Endpoint
  #socket: Socket
  #reader: XmlReader | undefined
  #waiting: Element[] = []
  #waiter: Waiter | undefined
  #receiver: ((element: Element) => void) | undefined
  #ended: string | undefined
  #isClosing = false
  #onEnd: (() => void)[] = []

  private constructor(endpoint: Endpoint, socket: Socket) {
    this.#endpoint = endpoint
    this.#socket = socket
    this.#listen()
  }

  /**
   * Connects. With `directTls` TLS comes first (XEP-0368).
   * @throws Error as Node's sockets do, or the reason of `signal`
   */
  static async open(endpoint: Endpoint, directTls: boolean, signal: AbortSignal): Promise<Wire> {
    const { host, port } = endpoint
    const socket = directTls
      ? connectTls({ host, port, ...tlsOptions(endpoint), ALPNProtocols: ['xmpp-client'] })
      : connect({ host, port, noDelay: true })
    const giveUp = () => socket.destroy(signal.reason)
    signal.addEventListener('abort', giveUp)
    try {
      await established(socket, directTls ? 'secureConnect' : 'connect')
      return new Wire(endpoint, socket)
    } finally {
      signal.removeEventListener('abort', giveUp)
    }
  }

  /** Why nothing can be sent or received any more; `undefined` while it can. */
  get ended(): string | undefined {
    return this.#ended
  }

  /** Begins a new stream, forgetting what the one before has left. */
  openStream(): void {
    this.#waiting = []
    const onElement = (element: Element) => this.#onElement(element)
    const onClose = () => this.#onClose()
    this.#reader = new XmlReader({ onOpen: () => {}, onElement, onClose }, readingLimits)
    const to = escapeAttribute(this.#endpoint.domain)
    this.write(
      `<?xml version='1.0'?><stream:stream to='${to}' version='1.0' xml:lang='en' ` +
        `xmlns='${clientNamespace}' xmlns:stream='${streamNamespace}'>`,
    )
  }

  /**
   * Goes on under TLS (RFC 6120 §5.4.3); what came before it is dropped.
   * @throws Error if the handshake fails
   * @throws WireEnded if the connection ends before it is done
   */
  async startTls(): Promise<void> {
    for (const event of ['data', 'error', 'close']) this.#socket.removeAllListeners(event)
    this.#socket.on('error', () => {})
    this.#reader = undefined
    const secured = connectTls({ socket: this.#socket, ...tlsOptions(this.#endpoint) })
    this.#socket = secured
    try {
      await established(secured, 'secureConnect')
    } catch (error) {
      throw this.#ended === undefined ? error : new WireEnded(this.#ended, { cause: error })
    }
    this.#listen()
  }

  /** Sends text as it stands; nothing happens if the connection has ended. */
  write(text: string): void {
    if (this.#ended === undefined) this.#socket.write(text)
  }

  /**
   * The next element of the stream.
   * @throws WireEnded if there will be none
   */
  next(): Promise<Element> {
    const first = this.#waiting.shift()
    if (first) return Promise.resolve(first)
    if (this.#ended !== undefined) return Promise.reject(new WireEnded(this.#ended))
    return new Promise((resolve, reject) => {
      this.#waiter = { resolve, reject }
    })
  }

  /** From now on every element goes to `receiver` at once, and `onEnd` is called when there will be no more. */
  receive(receiver: (element: Element) => void, onEnd: () => void): void {
    this.#receiver = receiver
    for (const element of this.#waiting.splice(0)) receiver(element)
    if (this.#ended === undefined) this.#onEnd.push(onEnd)
    else onEnd()
  }

  /** Ends the connection at once, for the reason given. */
  end(reason: string): void {
    if (this.#ended !== undefined) return
    this.#ended = reason
    this.#socket.destroySoon()
    this.#waiter?.reject(new WireEnded(reason))
    this.#waiter = undefined
    for (const action of this.#onEnd.splice(0)) action()
  }

  /** Closes the stream and waits, for two seconds at most, until the server has closed its own. */
  async close(clock: Clock): Promise<void> {
    if (this.#ended !== undefined) return
    this.write('</stream:stream>')
    this.#isClosing = true
    await new Promise<void>((resolve) => {
      const timer = clock.after(closingMs, resolve)
      this.#onEnd.push(() => {
        timer.cancel()
        resolve()
      })
    })
    this.end('the stream was closed')
  }

  #listen(): void {
    const socket = this.#socket
    socket.on('data', (bytes: Buffer) => this.#onBytes(bytes))
    socket.on('error', (error) => this.end(error.message))
    socket.on('close', () => this.end('the server closed the connection'))
  }

  /** RFC 6120 §4.4: the answer to a closing tag is one's own. */
  #onClose(): void {
    if (!this.#isClosing) this.write('</stream:stream>')
    this.end('the server closed the stream')
  }

  #onBytes(bytes: Buffer): void {
    const fault = this.#reader?.push(bytes)
    if (fault) this.end(`the server sent XML that cannot be read: ${fault.text}`)
  }

  #onElement(element: Element): void {
    const take = this.#receiver ?? this.#waiter?.resolve
    this.#waiter = undefined
    if (take) take(element)
    else this.#waiting.push(element)
  }
}

function tlsOptions({ domain, checksCertificate }: Endpoint) {
  return { rejectUnauthorized: checksCertificate, ...(isIP(domain) === 0 ? { servername: domain } : {}) }
}

function established(socket: Socket, event: 'connect' | 'secureConnect'): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.once('close', () => reject(new WireEnded('the server closed the connection')))
    socket.once(event, () => {
      socket.removeAllListeners('error')
      socket.removeAllListeners('close')
      resolve()
    })
  })
}
