// RFC 5802, RFC 7677: the client's side of SCRAM, without channel binding.
import { createHash, createHmac, pbkdf2, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

/** A hash function by the name Node gives it. */
export type ScramHash = 'sha1' | 'sha256'

/** Iterations a server may ask for; more would be an attack on this side. */
const iterationLimit = 10_000_000
const derive = promisify(pbkdf2)

/** One exchange: `first`, then `final` with the server's first message, then `isServer` with its last. */
export class ScramExchange {
  readonly #hash: ScramHash
  readonly #password: string
  readonly #nonce: string
  readonly #bareFirst: string
  #serverSignature: Buffer | undefined

  /** `nonce` is random printable text without commas. */
  constructor(hash: ScramHash, username: string, password: string, nonce: string) {
    this.#hash = hash
    this.#password = password.normalize('NFKC')
    this.#nonce = nonce
    // RFC 5802 §5.1: `=` and `,` cannot stand in a name as they are.
    const name = username.normalize('NFKC').replaceAll('=', '=3D').replaceAll(',', '=2C')
    this.#bareFirst = `n=${name},r=${nonce}`
  }

  /** The client's first message. */
  get first(): string {
    return `n,,${this.#bareFirst}`
  }

  /** The client's last message, or `undefined` if the server's first is not one to be trusted (RFC 5802 §5.1). */
  async final(serverFirst: string): Promise<string | undefined> {
    const [, nonce = '', salt = '', count = ''] =
      /^r=([^,]+),s=([^,]+),i=(\d+)(?:,|$)/.exec(serverFirst) ?? []
    const iterations = Number(count)
    if (!nonce.startsWith(this.#nonce) || nonce === this.#nonce) return undefined
    if (iterations < 1 || iterations > iterationLimit) return undefined
    const withoutProof = `c=biws,r=${nonce}`
    const signed = `${this.#bareFirst},${serverFirst},${withoutProof}`
    const size = this.#hash === 'sha1' ? 20 : 32
    const salted = await derive(this.#password, Buffer.from(salt, 'base64'), iterations, size, this.#hash)
    const clientKey = this.#hmac(salted, 'Client Key')
    const storedKey = createHash(this.#hash).update(clientKey).digest()
    const signature = this.#hmac(storedKey, signed)
    this.#serverSignature = this.#hmac(this.#hmac(salted, 'Server Key'), signed)
    const proof = clientKey.map((byte, index) => byte ^ (signature[index] as number))
    return `${withoutProof},p=${Buffer.from(proof).toString('base64')}`
  }

  /** Whether the server's last message shows that it knows the password too. */
  isServer(serverFinal: string): boolean {
    const [, given = ''] = /^v=([^,]+)/.exec(serverFinal) ?? []
    const signature = Buffer.from(given, 'base64')
    const own = this.#serverSignature
    return own !== undefined && own.length === signature.length && timingSafeEqual(own, signature)
  }

  #hmac(key: Uint8Array, text: string): Buffer {
    return createHmac(this.#hash, key).update(text).digest()
  }
}
