// The client's end of a stream in memory, and the server's end with a domain behind it, for tests.
import { setImmediate } from 'node:timers/promises'
import { ManualClock } from '../src/base/clock.ts'
import { CountingIds, type Ids } from '../src/base/ids.ts'
import type { Log, LogData } from '../src/base/log.ts'
import { Jid, jid } from '../src/jid/jid.ts'
import { AcceptedStream } from '../src/stream/accepted-stream.ts'
import {
  type Credentials,
  deriveScramKeys,
  type ScramHash,
  type ScramKeys,
} from '../src/stream/credentials.ts'
import type { StreamLimits, StreamPolicy } from '../src/stream/limits.ts'
import { memoryPair } from '../src/stream/memory.ts'
import { OpenStreams } from '../src/stream/open-streams.ts'
import type { LoginStep } from '../src/stream/sasl/login-step.ts'
import type { Mechanism } from '../src/stream/sasl/mechanism.ts'
import { streamSettings } from '../src/stream/settings.ts'
import type { StreamDomain, StreamFeature, StreamUser, XmlStream } from '../src/stream/stream.ts'
import type { Transport } from '../src/stream/transport.ts'
import type { Element } from '../src/xml/element.ts'

/** A stream header as clients send it. */
export function header({ to = 'localhost', more = '' } = {}): string {
  return `<?xml version='1.0'?><stream:stream to='${to}' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'${more}>`
}

/** `<auth/>` for PLAIN. */
export function plain(username: string, password: string, authzid = ''): string {
  const message = Buffer.from(`${authzid}\0${username}\0${password}`).toString('base64')
  return `<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${message}</auth>`
}

/** A request to bind a resource. */
export function bindRequest(resource = ''): string {
  const wish = resource === '' ? '' : `<resource>${resource}</resource>`
  return `<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>${wish}</bind></iq>`
}

/** Log entries, kept. */
export class KeptLog implements Log {
  readonly entries: { readonly level: string; readonly event: string; readonly data: LogData | undefined }[] =
    []
  readonly #at = (level: string) => (event: string, data?: LogData) => {
    this.entries.push({ level, event, data })
  }
  readonly debug = this.#at('debug')
  readonly info = this.#at('info')
  readonly warn = this.#at('warn')
  readonly error = this.#at('error')

  child(): Log {
    return this
  }
}

/** Somebody logged in, who keeps what came. */
export class TestUser implements StreamUser {
  readonly jid: Jid
  readonly stream: XmlStream
  readonly received: Element[] = []
  endings = 0
  /** What `receive` does besides. */
  onReceive: (element: Element) => void | Promise<void> = () => {}

  constructor(address: Jid, stream: XmlStream) {
    this.jid = address
    this.stream = stream
  }

  receive(element: Element): void | Promise<void> {
    this.received.push(element)
    return this.onReceive(element)
  }

  ended(): void {
    this.endings += 1
  }
}

/** A domain with the accounts that were added to it. */
export class TestDomain implements StreamDomain, Credentials {
  readonly domain: Jid
  streamFeatures: StreamFeature[] = []
  mechanisms: Mechanism[] = []
  loginSteps: LoginStep[] = []
  readonly credentials: Credentials = this
  readonly fakeSaltSecret = Buffer.alloc(32, 7)
  readonly iterations = 4096
  readonly users: TestUser[] = []
  /** What `open` does before it answers. */
  onOpen: () => void | Promise<void> = () => {}
  readonly #keysByAccount = new Map<string, ScramKeys>()

  constructor(domain = 'localhost') {
    this.domain = jid(domain)
  }

  async add(local: string, password: string): Promise<void> {
    for (const hash of ['sha-1', 'sha-256'] as const)
      this.put(local, await deriveScramKeys(password, { hash, salt: Buffer.alloc(16, 1), iterations: 4096 }))
  }

  put(local: string, keys: ScramKeys): void {
    this.#keysByAccount.set(`${local} ${keys.hash}`, keys)
  }

  scramKeys(local: string, hash: ScramHash): ScramKeys | undefined {
    return this.#keysByAccount.get(`${local} ${hash}`)
  }

  open(stream: XmlStream, user: Jid, resource: string | undefined): TestUser | Promise<TestUser> {
    const opened = new TestUser(Jid.of(user.local, user.domain, resource ?? 'made') as Jid, stream)
    this.users.push(opened)
    const pending = this.onOpen()
    return pending ? pending.then(() => opened) : opened
  }
}

/** What a server's side may be made of. */
export interface TestServerOptions {
  /** Limits on speed are off unless given. */
  readonly limits?: Partial<StreamLimits>
  readonly policy?: Partial<StreamPolicy>
  readonly ids?: Ids
}

const off = { perSecond: 0, burst: 0 }

/** The server's side: one domain, `localhost`, with the account `juliet` whose password is `secret`; a clock set by hand. */
export class TestServer {
  readonly clock = new ManualClock()
  readonly log = new KeptLog()
  readonly domain = new TestDomain()
  readonly domains = new Map([['localhost', this.domain]])
  readonly streams = new OpenStreams(this.clock)
  readonly settings: ReturnType<typeof streamSettings>

  private constructor(options: TestServerOptions) {
    this.settings = streamSettings({
      domainOf: (to) => this.domains.get(to),
      clock: this.clock,
      log: this.log,
      ids: options.ids ?? new CountingIds(),
      limits: { bytes: off, stanzas: off, ...options.limits },
      policy: options.policy ?? {},
    })
  }

  static async make(options: TestServerOptions = {}): Promise<TestServer> {
    const server = new TestServer(options)
    await server.domain.add('juliet', 'secret')
    return server
  }

  /** A client that has connected and said nothing. */
  connect({ isSecure = true } = {}): TestPeer {
    const [near, far] = memoryPair({ isSecure })
    return new TestPeer(new AcceptedStream(near, this.settings, this.streams), far)
  }

  /** A client that has a bound resource. */
  async login(resource = 'balcony'): Promise<TestPeer & { user: TestUser }> {
    const peer = this.connect()
    await peer.exchange(header())
    await peer.exchange(plain('juliet', 'secret'))
    await peer.exchange(header())
    await peer.exchange(bindRequest(resource))
    return Object.assign(peer, { user: this.domain.users.at(-1) as TestUser })
  }
}

/** The client's end. */
export class TestPeer {
  readonly stream: AcceptedStream
  readonly transport: Transport
  isClosed = false
  #received = ''
  #wake: (() => void) | undefined

  constructor(stream: AcceptedStream, transport: Transport) {
    this.stream = stream
    this.transport = transport
    transport.receive({
      onBytes: (bytes) => {
        this.#received += Buffer.from(bytes).toString()
        this.#wake?.()
      },
      onDrain() {},
      onClose: () => {
        this.isClosed = true
        this.#wake?.()
      },
    })
  }

  send(bytes: Uint8Array | string): void {
    this.transport.write(bytes)
  }

  /** What comes in answer, as text; waits for something to come. */
  exchange(bytes: Uint8Array | string): Promise<string> {
    this.send(bytes)
    return this.read()
  }

  /** What has come since the last call; waits until something has, or the stream is closed. */
  async read(): Promise<string> {
    if (this.#received === '' && !this.isClosed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    return this.settled()
  }

  /** What has come since the last call, once all that can happen without time passing has happened. */
  async settled(): Promise<string> {
    for (let turn = 0; turn < 4; turn++) await setImmediate()
    const received = this.#received
    this.#received = ''
    return received
  }
}
