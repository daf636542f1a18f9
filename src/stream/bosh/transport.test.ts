import { setImmediate } from 'node:timers/promises'
import { systemClock } from '../../base/clock.ts'
import { defaultLimits } from '../../xml/xml.ts'
import { MessageGate } from '../message-gate.ts'
import type { Transport, TransportReceiver } from '../transport.ts'
import { testTransport } from '../transport-contract.ts'
import { parseBody } from './body.ts'
import { BoshSession } from './bosh.ts'
import { defaultBoshLimits } from './limits.ts'

const binding = "xmlns='http://jabber.org/protocol/httpbind'"

function requestBody(text: string) {
  const body = parseBody(Buffer.from(text), { ...defaultLimits, elementBytes: 4 * 1024 * 1024 })
  if (!body) throw new Error(text)
  return body
}

/** A client that always has a request under way, unless it is paused. */
class ClientEnd implements Transport {
  readonly remoteAddress = '127.0.0.1'
  readonly isSecure = false
  readonly bufferedBytes = 0
  readonly #session: BoshSession
  #receiver: TransportReceiver | undefined
  #rid = 1
  #underWay = 0
  readonly #incoming = new MessageGate((bytes) => this.#receiver?.onBytes(bytes))
  #isClosed = false

  constructor(session: BoshSession) {
    this.#session = session
  }

  receive(receiver: TransportReceiver): void {
    this.#receiver = receiver
    this.#ask('', `to='localhost'`)
  }

  write(bytes: Uint8Array | string): boolean {
    this.#ask(Buffer.from(bytes as Uint8Array).toString(), `sid='sid'`)
    return true
  }

  pause(): void {
    this.#incoming.pause()
  }

  resume(): void {
    this.#incoming.resume()
    void this.#goOn()
  }

  end(): void {
    this.#ask('', `sid='sid' type='terminate'`)
  }

  destroy(): void {
    this.#close()
  }

  #ask(payload: string, attributes: string): void {
    const text = `<body rid='${this.#rid}' ${attributes} ${binding}>${payload}</body>`
    this.#rid += 1
    this.#underWay += 1
    const answer = (_status: number, body: Uint8Array) => this.#take(Buffer.from(body).toString())
    this.#session.take({ body: requestBody(text), isLost: false, answer })
  }

  #take(body: string): void {
    this.#underWay -= 1
    const payload = /^<body[^>]*[^/>]>(.*)<\/body>$/s.exec(body)?.[1]
    if (payload !== undefined) this.#incoming.take(Buffer.from(payload))
    if (/^<body[^>]* type='terminate'/.test(body)) this.#close()
    else void this.#goOn()
  }

  async #goOn(): Promise<void> {
    await setImmediate()
    if (this.#underWay === 0 && !this.#incoming.isPaused && !this.#isClosed) this.#ask('', `sid='sid'`)
  }

  #close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#receiver?.onClose()
  }
}

/** For what the test writes: the session's own `<open/>` is nobody's message. */
class WithoutOpen implements TransportReceiver {
  readonly #receiver: TransportReceiver

  constructor(receiver: TransportReceiver) {
    this.#receiver = receiver
  }

  onBytes(bytes: Uint8Array): void {
    if (bytes.length > 0 && !Buffer.from(bytes).toString().startsWith('<open ')) this.#receiver.onBytes(bytes)
  }

  onDrain(): void {
    this.#receiver.onDrain()
  }

  onClose(error?: Error): void {
    this.#receiver.onClose(error)
  }
}

class Session extends BoshSession {
  override receive(receiver: TransportReceiver): void {
    super.receive(new WithoutOpen(receiver))
  }
}

testTransport('over BOSH', async () => {
  const first = requestBody(`<body rid='1' to='localhost' wait='60' hold='1' ${binding}/>`)
  const near = new Session(first, {
    sid: 'sid',
    remoteAddress: '127.0.0.1',
    isSecure: false,
    limits: { ...defaultBoshLimits, pollingSeconds: 0 },
    clock: systemClock,
    onEnd() {},
  })
  return { near, far: new ClientEnd(near), close() {} }
})
