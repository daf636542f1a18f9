// A client's side of SASL2, SCRAM and FAST, for tests: right unless it is told to be wrong.
import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'
import type { Element } from '../src/xml/element.ts'
import { parseDocument } from '../src/xml/xml.ts'

/** The id of somebody's phone. */
export const phoneId = 'd4565fa7-4d72-4749-b3d3-740edbf87770'
/** The id of somebody's tablet. */
export const tabletId = '7d1e0a3c-52b8-4c0f-9a5e-0d6f1f6f3c55'

/** What a client says when it begins. */
export interface Authenticate {
  readonly mechanism: string
  /** Not base64 yet. */
  readonly message?: Uint8Array | string
  readonly agent?: string
  readonly software?: string
  readonly device?: string
  /** Further children, as XML. */
  readonly more?: string
}

/** `<authenticate/>`. */
export function authenticate({
  mechanism,
  message,
  agent,
  software,
  device,
  more = '',
}: Authenticate): string {
  const initial =
    message === undefined
      ? ''
      : `<initial-response>${Buffer.from(message).toString('base64')}</initial-response>`
  const id = agent === undefined ? '' : ` id='${agent}'`
  const says = `${software ? `<software>${software}</software>` : ''}${device ? `<device>${device}</device>` : ''}`
  return `<authenticate xmlns='urn:xmpp:sasl:2' mechanism='${mechanism}'>${initial}<user-agent${id}>${says}</user-agent>${more}</authenticate>`
}

/** `<response/>`. */
export function response(message: Uint8Array | string): string {
  return `<response xmlns='urn:xmpp:sasl:2'>${Buffer.from(message).toString('base64')}</response>`
}

/** The message of PLAIN. */
export function plainMessage(username: string, password: string, authzid = ''): string {
  return `${authzid}\0${username}\0${password}`
}

/** The message of HT-SHA-256-*. */
export function tokenMessage(
  username: string,
  token: string,
  binding: Uint8Array = new Uint8Array(),
): Buffer {
  const hash = createHmac('sha256', token).update('Initiator').update(binding).digest()
  return Buffer.concat([Buffer.from(`${username}\0`), hash])
}

/** What the server must answer to that. */
export function tokenAnswer(token: string, binding: Uint8Array = new Uint8Array()): string {
  return createHmac('sha256', token).update('Responder').update(binding).digest('base64')
}

/** A request for a token. */
export function requestToken(mechanism: string): string {
  return `<request-token xmlns='urn:xmpp:fast:0' mechanism='${mechanism}'/>`
}

/** What says that a token is brought. */
export function fast(attributes = ''): string {
  return `<fast xmlns='urn:xmpp:fast:0'${attributes}/>`
}

/** The elements that came, in order, from text in which nothing but whole elements has come. */
export function elementsIn(text: string): Element[] {
  const namespaces = { '': 'jabber:client', stream: 'http://etherx.jabber.org/streams' }
  const all = parseDocument(`<all xmlns='jabber:client'>${text}</all>`, { namespaces })
  if ('condition' in all) throw new Error(`${all.text}: ${text}`)
  return all.children.filter((child): child is Element => typeof child !== 'string')
}

/** The first element of a name in what came. */
export function find(text: string, name: string): Element {
  const found = elementsIn(text).find((element) => element.name === name)
  if (!found) throw new Error(`no <${name}/>: ${text}`)
  return found
}

/** The token that came with a success, and when it ends. */
export function tokenIn(text: string): { token: string; expiry: string } | undefined {
  const element = find(text, 'success').child('token', 'urn:xmpp:fast:0')
  const [token, expiry] = [element?.attribute('token'), element?.attribute('expiry')]
  return token === undefined || expiry === undefined ? undefined : { token, expiry }
}

const sizes = { sha1: 20, sha256: 32, sha512: 64 } as const

/** A hash by the name Node gives it. */
export type HashName = keyof typeof sizes

/** Who logs in with SCRAM, and how. */
export interface ScramOptions {
  readonly hash: HashName
  readonly username: string
  readonly password: string
  /** The gs2-header: `n,,`, `y,,`, `p=tls-exporter,,`. */
  readonly gs2?: string
  readonly binding?: Uint8Array
}

/** A client's exchange of SCRAM. */
export class ScramClient {
  readonly #options: ScramOptions
  readonly #bare: string
  readonly #gs2: string
  #signature = ''

  constructor(options: ScramOptions) {
    this.#options = options
    this.#bare = `n=${options.username},r=client`
    this.#gs2 = options.gs2 ?? 'n,,'
  }

  get first(): string {
    return this.#gs2 + this.#bare
  }

  /** What the server must say at last. */
  get serverFinal(): string {
    return this.#signature
  }

  final(serverFirst: string): string {
    const { hash, password, binding = new Uint8Array() } = this.#options
    const [, nonce, salt = '', iterations] = /^r=([^,]+),s=([^,]+),i=(\d+)/.exec(serverFirst) ?? []
    const salted = saltedPassword(hash, password, salt, Number(iterations))
    const hmac = (key: Uint8Array, text: string) => createHmac(hash, key).update(text).digest()
    const clientKey = hmac(salted, 'Client Key')
    const bound = Buffer.concat([Buffer.from(this.#gs2), binding]).toString('base64')
    const withoutProof = `c=${bound},r=${nonce}`
    const authMessage = `${this.#bare},${serverFirst},${withoutProof}`
    const signature = hmac(createHash(hash).update(clientKey).digest(), authMessage)
    const proof = clientKey.map((byte, index) => byte ^ (signature[index] as number))
    this.#signature = `v=${hmac(hmac(salted, 'Server Key'), authMessage).toString('base64')}`
    return `${withoutProof},p=${Buffer.from(proof).toString('base64')}`
  }
}

/** SaltedPassword of RFC 5802 §3; `salt` in base64. */
export function saltedPassword(hash: HashName, password: string, salt: string, iterations: number): Buffer {
  return pbkdf2Sync(password, Buffer.from(salt, 'base64'), iterations, sizes[hash], hash)
}

/** The text in a challenge. */
export function challengeIn(text: string): string {
  return Buffer.from(find(text, 'challenge').text, 'base64').toString()
}
