// A client over BOSH (XEP-0124) that sends what a test wants, request by request.
import { parseDocument } from '../src/xml/xml.ts'
import { type Answer, ask } from './web.ts'

/** What came back for a request. */
export interface BoshAnswer {
  readonly status: number
  readonly headers: Answer['headers']
  /** The whole body, as it was sent. */
  readonly text: string
  /** Those of `<body/>`. */
  readonly attributes: Readonly<Record<string, string>>
  /** What is in it, as text. */
  readonly payload: string
}

/** Attributes of a request by name; `undefined` leaves out what is usual. */
export type BodyAttributes = Readonly<Record<string, string | number | undefined>>

/** One session, or an attempt at one. */
export class BoshClient {
  readonly #port: number
  readonly #headers: Readonly<Record<string, string>>
  rid = 1_000_000
  sid: string | undefined

  /** `headers` go with every request. */
  constructor(port: number, headers: Readonly<Record<string, string>> = {}) {
    this.#port = port
    this.#headers = headers
  }

  /** Asks for a session, and keeps its id. */
  async open(attributes: BodyAttributes = {}): Promise<BoshAnswer> {
    const usual = { to: 'localhost', wait: 60, hold: 1, ver: '1.6', 'xmpp:version': '1.0' }
    const answer = await this.send('', { ...usual, ...attributes })
    this.sid = answer.attributes.sid
    return answer
  }

  /** Logs in to `localhost` with SASL PLAIN, and binds a resource. */
  async online(name: string, attributes: BodyAttributes = {}): Promise<void> {
    await this.open(attributes)
    await this.authenticate(name)
    await this.send(
      "<iq xmlns='jabber:client' type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>web</resource></bind></iq>",
    )
  }

  /** Logs in, up to where a resource can be bound. */
  async authenticate(name: string): Promise<void> {
    const message = Buffer.from(`\0${name}\0secret`).toString('base64')
    const { payload } = await this.send(
      `<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${message}</auth>`,
    )
    if (!payload.startsWith('<success')) throw new Error(`not logged in: ${payload}`)
    await this.send('', { 'xmpp:restart': 'true', to: 'localhost' })
  }

  /** Sends a request with the next id, unless another is given. */
  send(payload: string, attributes: BodyAttributes = {}): Promise<BoshAnswer> {
    const { rid = this.rid++, ...others } = attributes
    return this.post(this.write(payload, { rid, ...others }))
  }

  /** A request as it is written. */
  write(payload: string, attributes: BodyAttributes): string {
    const all = {
      sid: this.sid,
      ...attributes,
      xmlns: 'http://jabber.org/protocol/httpbind',
      'xmlns:xmpp': 'urn:xmpp:xbosh',
    }
    const written = Object.entries(all).map(([name, value]) =>
      value === undefined ? '' : ` ${name}='${value}'`,
    )
    return `<body${written.join('')}>${payload}</body>`
  }

  /** Sends text as it is. */
  async post(body: string): Promise<BoshAnswer> {
    const { status, headers, text } = await ask(this.#port, '/http-bind', {
      method: 'POST',
      headers: { 'content-type': 'text/xml; charset=utf-8', ...this.#headers },
      body,
    })
    const root = text === '' ? undefined : parseDocument(text)
    const attributes: Record<string, string> = {}
    if (root && 'attributes' in root) {
      for (let index = 0; index < root.attributes.length; index += 2)
        attributes[root.attributes[index] as string] = root.attributes[index + 1] as string
    }
    const payload = /^<body[^>]*[^/>]>(.*)<\/body>$/s.exec(text)?.[1] ?? ''
    return { status, headers, text, attributes, payload }
  }
}
