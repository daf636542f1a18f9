// Ports for clients that are opened in tests, and sockets that connect to them.
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import type { TestContext } from 'node:test'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { ManualClock } from '../src/base/clock.ts'
import { type Listener, listen, type StreamListenerKind } from '../src/server/listeners.ts'
import { ConnectionCaps } from '../src/stream/caps.ts'
import { Certificates } from '../src/stream/certificates.ts'
import type { StreamLimits, StreamPolicy } from '../src/stream/limits.ts'
import { streamSettings } from '../src/stream/settings.ts'
import { header, KeptLog, TestDomain } from './stream-peer.ts'

const fixture = (name: string) => readFileSync(new URL(`fixtures/tls/${name}`, import.meta.url))
/** Key and certificate of a domain. */
export const certificateOf = (domain: string) => ({
  key: fixture(`${domain}.key`),
  cert: fixture(`${domain}.crt`),
})
const ca = [fixture('localhost.crt'), fixture('example.org.crt')]

interface Setting {
  kind?: StreamListenerKind
  limits?: Partial<StreamLimits>
  policy?: Partial<StreamPolicy>
  hasCertificate?: boolean
}

/** A listener on a free port with the domains `localhost` and `example.org`, closed with the test. */
export async function setUpListener(
  t: TestContext,
  { kind = 'starttls', limits, policy, hasCertificate = true }: Setting = {},
) {
  const domain = new TestDomain()
  const other = new TestDomain('example.org')
  await domain.add('juliet', 'secret')
  const log = new KeptLog()
  const clock = new ManualClock()
  const settings = streamSettings({
    domainOf: (to) => [domain, other].find((one) => one.domain.domain === to),
    log,
    clock,
    limits: limits ?? {},
    policy: policy ?? {},
  })
  const contexts = new Certificates()
  if (hasCertificate) {
    contexts.set('localhost', certificateOf('localhost'))
    contexts.set('example.org', certificateOf('example.org'))
  }
  const caps = new ConnectionCaps(settings.limits)
  const listener = await listen({ kind, host: '127.0.0.1', port: 0 }, { settings, contexts, caps })
  t.after(() => {
    const closing = listener.close()
    clock.advance(settings.limits.closingMs)
    return closing
  })
  return { listener, domain, log, contexts, clock, settings }
}

/** A client's socket whose text can be awaited. */
export class SocketClient {
  readonly socket: Socket
  isClosed = false
  #text = ''
  #wake = () => {}

  constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', (bytes: Buffer) => {
      this.#text += bytes.toString()
      this.#wake()
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      this.isClosed = true
      this.#wake()
    })
  }

  /** Waits until something that fits has come, and answers all up to now; what came counts once. */
  async until(pattern: RegExp | 'closed'): Promise<string> {
    while (pattern === 'closed' ? !this.isClosed : !pattern.test(this.#text)) {
      if (this.isClosed) throw new Error(`closed after: ${this.#text}`)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    const text = this.#text
    this.#text = ''
    return text
  }
}

/** A connection on which nothing has been said. */
export function connectTo(t: TestContext, { port }: Listener): SocketClient {
  const socket = connect({ host: '127.0.0.1', port })
  t.after(() => socket.destroy())
  return new SocketClient(socket)
}

/** Puts TLS above a client's connection. */
export function secure(t: TestContext, client: SocketClient, servername = 'localhost'): Promise<TLSSocket> {
  client.socket.removeAllListeners('data')
  return new Promise((resolve, reject) => {
    const socket = connectTls({ socket: client.socket, servername, ca }, () => resolve(socket))
    socket.on('error', reject)
    t.after(() => socket.destroy())
  })
}

/** A connection that begins with TLS. */
export function connectDirect(t: TestContext, { port }: Listener, options: object): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({ host: '127.0.0.1', port, servername: 'localhost', ca, ...options }, () =>
      resolve(socket),
    )
    socket.on('error', reject)
    t.after(() => socket.destroy())
  })
}

/** A client that has gone to TLS by `<starttls/>`. */
export async function beginTls(t: TestContext, listener: Listener): Promise<SocketClient> {
  const client = connectTo(t, listener)
  client.socket.write(header())
  await client.until(/<\/stream:features>/)
  client.socket.write("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
  await client.until(/<proceed /)
  return new SocketClient(await secure(t, client))
}
