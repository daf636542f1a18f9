// A client over WebSocket (RFC 7395) that sends what a test wants, message by message.
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { TestContext } from 'node:test'
import { WebSocket } from 'ws'
import { bindRequest, plain } from './raw-client.ts'

/** How to connect. */
export interface ConnectOptions {
  readonly path?: string
  readonly protocols?: readonly string[]
  readonly headers?: Readonly<Record<string, string>>
  readonly scheme?: 'ws' | 'wss'
  /** Whether the server's `<close/>` is answered by itself, as clients do; standard is true. */
  readonly answersClose?: boolean
  /** The server's certificate, for `wss`. */
  readonly ca?: Buffer
}

/** `<open/>`, as a client sends it. */
export function open(to = 'localhost'): string {
  return `<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='${to}' version='1.0'/>`
}

/** `<close/>` */
export const close = "<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>"

/** One connection. */
export class WebSocketClient {
  readonly webSocket: WebSocket
  /** The code with which it has been closed. */
  readonly closed: Promise<number>
  readonly #unread: string[] = []
  #wake: (() => void) | undefined
  #hasClosed = false

  private constructor(webSocket: WebSocket, answersClose: boolean) {
    this.webSocket = webSocket
    const { promise, resolve } = Promise.withResolvers<number>()
    this.closed = promise
    webSocket.on('message', (bytes: Buffer) => {
      const message = bytes.toString()
      this.#unread.push(message)
      if (answersClose && message.startsWith('<close ')) webSocket.send(close)
      this.#wake?.()
    })
    webSocket.on('close', (code) => {
      this.#hasClosed = true
      resolve(code)
      this.#wake?.()
    })
    webSocket.on('error', () => {})
  }

  /**
   * Connects to this machine.
   * @throws Error with the HTTP status if that is refused
   */
  static async connect(
    test: TestContext,
    port: number,
    options: ConnectOptions = {},
  ): Promise<WebSocketClient> {
    const { scheme = 'ws', path = '/xmpp-websocket', protocols = ['xmpp'], headers = {}, ca } = options
    const webSocket = new WebSocket(`${scheme}://localhost:${port}${path}`, [...protocols], {
      headers,
      ...(ca && { ca }),
      // Not at the whim of the resolver.
      family: 4,
    })
    test.after(() => webSocket.terminate())
    const refused = once(webSocket, 'unexpected-response').then(([, response]) => {
      throw new Error(String((response as IncomingMessage).statusCode))
    })
    const client = new WebSocketClient(webSocket, options.answersClose ?? true)
    await Promise.race([once(webSocket, 'open'), refused])
    return client
  }

  /** Connects and logs in to `localhost` with SASL PLAIN, and binds a resource. */
  static async online(
    test: TestContext,
    port: number,
    name: string,
    options?: ConnectOptions,
  ): Promise<WebSocketClient> {
    const client = await WebSocketClient.connect(test, port, options)
    await client.authenticate(name)
    client.send(bindRequest('web').replace('<iq', "<iq xmlns='jabber:client'"))
    await client.next()
    return client
  }

  /** Logs in, up to where a resource can be bound. */
  async authenticate(name: string): Promise<void> {
    this.send(open())
    await this.next()
    await this.next()
    this.send(plain(name, 'secret'))
    if (!(await this.next()).startsWith('<success')) throw new Error('not logged in')
    this.send(open())
    await this.next()
    await this.next()
  }

  send(message: string | Buffer): void {
    this.webSocket.send(message)
  }

  /** The next message; '' when the connection has ended. */
  async next(): Promise<string> {
    while (this.#unread.length === 0 && !this.#hasClosed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    return this.#unread.shift() ?? ''
  }
}
