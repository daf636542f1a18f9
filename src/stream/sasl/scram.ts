// RFC 5802, RFC 7677: the server's side of a SCRAM exchange.
import { timingSafeEqual } from 'node:crypto'
import { digest, hmac, type ScramKeys } from '../credentials.ts'

/** What the client's first message says. */
export interface ClientFirst {
  /** The gs2-header, as it stands there. */
  readonly gs2: string
  /** Its flag: `n`, `y`, or `p=` and the type of channel binding. */
  readonly binding: string
  /** Who the client wants to act as, `''` for itself. */
  readonly authzid: string
  readonly username: string
  readonly nonce: string
  /** The client-first-message-bare. */
  readonly bare: string
}

const nonceLimit = 256
const usernameLimit = 1023

// RFC 5802 §7. Printable ASCII without the comma; values of extensions have no comma and no NUL.
const clientFirst =
  /^((n|y|p=[A-Za-z0-9.-]+),(?:a=([^,\0]+))?,)(n=([^,\0]+),r=([\x21-\x2b\x2d-\x7e]+)(?:,[A-Za-z]=[^,\0]+)*)$/
const clientFinal =
  /^(c=([A-Za-z0-9+/=]+),r=([\x21-\x2b\x2d-\x7e]+)(?:,[A-Za-z]=[^,\0]+)*),p=([A-Za-z0-9+/=]+)$/

/** Reads a client-first-message; `undefined` if it is malformed or asks for an extension that is mandatory (`m=`). */
export function parseClientFirst(text: string): ClientFirst | undefined {
  const match = clientFirst.exec(text)
  if (!match) return undefined
  const username = decodeName(match[5] as string)
  const authzid = decodeName(match[3] ?? '')
  const nonce = match[6] as string
  if (username === undefined || authzid === undefined) return undefined
  if (username.length > usernameLimit || nonce.length > nonceLimit) return undefined
  return {
    gs2: match[1] as string,
    binding: match[2] as string,
    authzid,
    username,
    nonce,
    bare: match[4] as string,
  }
}

/** RFC 5802 §5.1: `=2C` is a comma, `=3D` an equals sign, and there is no other equals sign. */
function decodeName(text: string): string | undefined {
  if (/=(?!2C|3D)/.test(text)) return undefined
  return text.replaceAll('=2C', ',').replaceAll('=3D', '=')
}

/** What the client's final message came to. */
export type ScramResult = { readonly serverFinal: string } | 'malformed-request' | 'not-authorized'

/** What the server brings to an exchange. */
export interface ServerParts {
  /** New each time, printable ASCII without a comma. */
  readonly nonce: string
  /** What the client's channel binding must be; empty for none. */
  readonly bindingData?: Uint8Array
  /** XEP-0474: the hash of what was offered, in base64. */
  readonly protection?: string
}

/** An exchange from the server-first-message on. The keys may be fake: then every proof is wrong. */
export class ScramExchange {
  /** The server-first-message. */
  readonly challenge: string
  readonly #first: ClientFirst
  readonly #keys: ScramKeys
  readonly #nonce: string
  readonly #binding: string

  constructor(first: ClientFirst, keys: ScramKeys, { nonce, bindingData, protection }: ServerParts) {
    this.#first = first
    this.#keys = keys
    this.#nonce = first.nonce + nonce
    this.#binding = Buffer.concat([Buffer.from(first.gs2), bindingData ?? new Uint8Array()]).toString(
      'base64',
    )
    const salt = Buffer.from(keys.salt).toString('base64')
    const more = protection === undefined ? '' : `,h=${protection}`
    this.challenge = `r=${this.#nonce},s=${salt},i=${keys.iterations}${more}`
  }

  /** Checks the client-final-message. */
  finish(text: string): ScramResult {
    const match = clientFinal.exec(text)
    if (!match) return 'malformed-request'
    const [, withoutProof, binding, nonce, proofText] = match as unknown as string[]
    const proof = Buffer.from(proofText as string, 'base64')
    const { hash, storedKey, serverKey } = this.#keys
    if (proof.length !== storedKey.length) return 'malformed-request'
    const authMessage = `${this.#first.bare},${this.challenge},${withoutProof}`
    const signature = hmac(hash, storedKey, authMessage)
    for (let index = 0; index < proof.length; index++)
      proof[index] = (proof[index] as number) ^ (signature[index] as number)
    const isProved = timingSafeEqual(digest(hash, proof), storedKey)
    // RFC 5802 §6: the gs2-header again, so that nobody changed it on the way, and the channel that it is bound to.
    const isBound = binding === this.#binding
    if (!isProved || !isBound || nonce !== this.#nonce) return 'not-authorized'
    return { serverFinal: `v=${hmac(hash, serverKey, authMessage).toString('base64')}` }
  }
}
