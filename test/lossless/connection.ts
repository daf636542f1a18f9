// One connection of a client: bytes to elements, and what logging in needs.
import { createConnection, type Socket } from 'node:net'
import type { Element } from '../../src/xml/element.ts'
import { XmlReader } from '../../src/xml/xml.ts'
import { header, plain } from '../raw-client.ts'

/** Takes what comes. */
export interface ConnectionReceiver {
  onFeatures(features: Element): void
  onElement(element: Element): void
  /** Nothing more will come. Called once, however it ends. */
  onEnd(): void
}

/** A connection that logs in by itself, and hands over everything that comes afterwards. */
export class Connection {
  readonly #socket: Socket
  readonly #reader: XmlReader
  readonly #receiver: ConnectionReceiver
  readonly #login: { readonly user: string; readonly password: string }
  #isLoggedIn = false
  #hasEnded = false

  constructor(port: number, login: { user: string; password: string }, receiver: ConnectionReceiver) {
    this.#login = login
    this.#receiver = receiver
    this.#socket = createConnection({ host: '127.0.0.1', port, noDelay: true })
    this.#reader = new XmlReader({
      onOpen() {},
      onElement: (element) => this.#take(element),
      onClose: () => this.#socket.end(),
    })
    this.#socket.on('connect', () => this.write(header()))
    this.#socket.on('data', (bytes: Buffer) => this.#reader.push(bytes))
    // A reset connection is a closed one.
    this.#socket.on('error', () => {})
    this.#socket.on('close', () => this.#end())
  }

  write(text: string): void {
    if (!this.#hasEnded) this.#socket.write(text)
  }

  /** Says goodbye, and waits for the server's. */
  close(): void {
    this.write('</stream:stream>')
  }

  /** Ends at once, with a reset where `isReset`. */
  cut({ isReset = false } = {}): void {
    if (isReset) this.#socket.resetAndDestroy()
    else this.#socket.destroy()
    this.#end()
  }

  /** Goes silent without telling the server, which thinks that it is still there; the socket goes after `lingerMs`. */
  vanish(lingerMs: number): void {
    this.#socket.pause()
    this.#end()
    setTimeout(() => this.#socket.destroy(), lingerMs)
  }

  #take(element: Element): void {
    if (this.#hasEnded) return
    if (element.name === 'success') {
      this.#isLoggedIn = true
      this.#reader.restart()
      this.write(header())
    } else if (element.name !== 'features') this.#receiver.onElement(element)
    else if (this.#isLoggedIn) this.#receiver.onFeatures(element)
    else this.write(plain(this.#login.user, this.#login.password))
  }

  #end(): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.#receiver.onEnd()
  }
}
