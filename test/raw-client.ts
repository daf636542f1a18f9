// A client that sends whatever bytes a test wants, well-formed or not, over real TCP and TLS.
import { once } from 'node:events'
import { createConnection, type Socket } from 'node:net'
import type { TestContext } from 'node:test'
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls'

const patienceMs = 30_000

/** A stream header as clients send it. */
export function header({ to = 'localhost', more = '' } = {}): string {
  return `<?xml version='1.0'?><stream:stream to='${to}' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'${more}>`
}

/** `<auth/>` with a message that is not base64 yet; `undefined` for no initial response. */
export function auth(mechanism: string, message?: string): string {
  const text = message === undefined ? '' : Buffer.from(message).toString('base64') || '='
  return `<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='${mechanism}'>${text}</auth>`
}

/** `<auth/>` for PLAIN. */
export function plain(username: string, password: string, authzid = ''): string {
  return auth('PLAIN', `${authzid}\0${username}\0${password}`)
}

/** A request to bind a resource, as it stands in XML. */
export function bindRequest(resource: string): string {
  return `<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>${resource}</resource></bind></iq>`
}

/** A client's end of one connection. Only one at a time may wait for something to come. */
export class RawClient {
  #socket: Socket
  #unread = ''
  #taken = ''
  #wake: (() => void) | undefined
  #isClosed = false
  #lastId = 0
  readonly #closed = Promise.withResolvers<void>()

  constructor(socket: Socket) {
    this.#socket = socket
    this.#listen()
    socket.on('close', () => {
      this.#isClosed = true
      this.#closed.resolve()
      this.#wake?.()
    })
  }

  /** Connects to a port of this machine; the connection ends with the test. */
  static async connect(test: TestContext, port: number): Promise<RawClient> {
    const socket = createConnection({ host: '127.0.0.1', port, noDelay: true })
    test.after(() => socket.destroy())
    await once(socket, 'connect')
    return new RawClient(socket)
  }

  /** Connects with TLS from the start; `more` goes over how that is done. */
  static async connectTls(test: TestContext, port: number, more: ConnectionOptions = {}): Promise<RawClient> {
    const socket = connectTls({ host: '127.0.0.1', port, ...tlsOptions, ...more })
    test.after(() => socket.destroy())
    await once(socket, 'secureConnect')
    return new RawClient(socket)
  }

  /** Connects without TLS and logs in. */
  static async login(test: TestContext, port: number, user: Credentials): Promise<RawClient> {
    const client = await RawClient.connect(test, port)
    await client.open()
    await client.logIn(user)
    return client
  }

  /** The connection, once it has TLS. */
  get tls(): TLSSocket {
    return this.#socket as TLSSocket
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** The local port, by which a server's log knows this connection. */
  get localPort(): number {
    return this.#socket.localPort ?? 0
  }

  /** Resolves when the connection is gone. */
  get closed(): Promise<void> {
    return this.#closed.promise
  }

  /** What was taken last by `until`, or by `request` with what came before the reply. */
  get taken(): string {
    return this.#taken
  }

  /** What has come and not been taken. */
  rest(): string {
    return this.#unread
  }

  write(bytes: Uint8Array | string): void {
    if (!this.#isClosed) this.#socket.write(bytes)
  }

  /** Resolves when the bytes are out of this process, or the connection is gone. */
  async drained(): Promise<void> {
    if (this.#socket.writableLength === 0 || this.#isClosed) return
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#socket.once('drain', resolve)
    await Promise.race([promise, this.closed])
    this.#socket.off('drain', resolve)
  }

  /** Stops reading, so that the server cannot send. */
  pause(): void {
    this.#socket.pause()
  }

  /** Says on TCP that nothing more will come. */
  end(): void {
    this.#socket.end()
  }

  destroy(): void {
    this.#socket.destroy()
  }

  /**
   * Waits for what matches, and takes it and all before it off what is unread.
   * @throws Error if the connection ends first, or it does not come within half a minute
   */
  async until(wanted: RegExp | string): Promise<string> {
    const deadline = performance.now() + patienceMs
    for (;;) {
      const found = this.#take(wanted)
      if (found !== undefined) return found
      if (this.#isClosed) throw new Error(`closed before ${shown(wanted)} came: ${this.#shown()}`)
      await this.#more(wanted, deadline - performance.now())
    }
  }

  /** Waits for the server to end the connection, and answers all that was unread. */
  async untilClosed(): Promise<string> {
    const deadline = performance.now() + patienceMs
    while (!this.#isClosed) await this.#more('the end', deadline - performance.now())
    const rest = this.#unread
    this.#unread = ''
    return rest
  }

  /** Opens a stream; answers the server's header and features. */
  open(to = 'localhost'): Promise<string> {
    this.write(header({ to }))
    return this.until(/<stream:features(\/>|[\s\S]*<\/stream:features>)/)
  }

  /** Logs in with PLAIN and binds, on a stream that is open. */
  async logIn({ user, password, resource = 'raw' }: Credentials): Promise<void> {
    this.write(plain(user, password))
    await this.until(/<success[^>]*>/)
    await this.open()
    this.write(bindRequest(resource))
    await this.until(/<\/jid><\/bind><\/iq>/)
  }

  /** STARTTLS, up to the handshake's end; `more` is sent with it, unencrypted. */
  async startTls(more = ''): Promise<void> {
    this.write(`<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>${more}`)
    await this.until(/<proceed[^>]*>/)
    const plainSocket = this.#socket
    plainSocket.removeAllListeners('data')
    const secured: TLSSocket = connectTls({ socket: plainSocket, ...tlsOptions })
    await once(secured, 'secureConnect')
    this.#socket = secured
    this.#listen()
  }

  /** Sends an iq and answers the reply: `request('get', "<ping …/>", { to: 'localhost' })`. */
  async request(type: 'get' | 'set', payload: string, { to = '' } = {}): Promise<string> {
    this.#lastId += 1
    const id = `raw-${this.#lastId}`
    const address = to === '' ? '' : ` to='${to}'`
    this.write(`<iq type='${type}' id='${id}'${address}>${payload}</iq>`)
    const reply = await this.until(
      new RegExp(`<iq(?=[^>]* id='${id}')(?=[^>]* type='(result|error)')([^>]*/>|[^>]*>[\\s\\S]*?</iq>)`),
    )
    return reply.slice(reply.lastIndexOf('<iq'))
  }

  #listen(): void {
    this.#socket.setEncoding('utf8')
    this.#socket.on('data', (text: string) => {
      this.#unread += text
      this.#wake?.()
    })
    // A reset connection is a closed one.
    this.#socket.on('error', () => {})
  }

  #take(wanted: RegExp | string): string | undefined {
    const match = typeof wanted === 'string' ? plainMatch(this.#unread, wanted) : wanted.exec(this.#unread)
    if (!match) return undefined
    const end = match.index + match[0].length
    this.#taken = this.#unread.slice(0, end)
    this.#unread = this.#unread.slice(end)
    return this.#taken
  }

  async #more(wanted: RegExp | string, withinMs: number): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#wake = resolve
    const fail = () => reject(new Error(`${shown(wanted)} did not come: ${this.#shown()}`))
    const timer = setTimeout(fail, Math.max(0, withinMs))
    try {
      await promise
    } finally {
      clearTimeout(timer)
      this.#wake = undefined
    }
  }

  #shown(): string {
    return JSON.stringify(this.#unread.slice(-500))
  }
}

/** Who logs in. */
export interface Credentials {
  readonly user: string
  readonly password: string
  readonly resource?: string
}

const tlsOptions = {
  servername: 'localhost',
  ALPNProtocols: ['xmpp-client'],
  // What is tested here is the stream; certificates are checked in test/interop/xmpp-client.test.ts.
  rejectUnauthorized: false,
}

function shown(wanted: RegExp | string): string {
  return String(wanted).slice(0, 200)
}

function plainMatch(text: string, wanted: string): { index: number; 0: string } | undefined {
  const index = text.indexOf(wanted)
  return index < 0 ? undefined : { index, 0: wanted }
}
