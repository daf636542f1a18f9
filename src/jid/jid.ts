// RFC 7622: addresses. (Preparation is not done yet.)

/** A prepared address, immutable. */
export class Jid {
  /** The localpart, or `''` where there is none. */
  readonly local: string
  /** The domainpart. */
  readonly domain: string
  /** The resourcepart, or `''` where there is none. */
  readonly resource: string
  /** The same address without its resourcepart; itself where it has none. */
  readonly bare: Jid
  readonly #text: string

  constructor(local: string, domain: string, resource: string) {
    this.local = local
    this.domain = domain
    this.resource = resource
    const bareText = local === '' ? domain : `${local}@${domain}`
    this.#text = resource === '' ? bareText : `${bareText}/${resource}`
    this.bare = resource === '' ? this : new Jid(local, domain, '')
  }

  get isBare(): boolean {
    return this.resource === ''
  }

  /** The address as text; the key to use in a Map. */
  toString(): string {
    return this.#text
  }

  equals(other: Jid | undefined): boolean {
    return other !== undefined && (this === other || this.#text === other.toString())
  }
}

/** Reads an address as a peer sent it; `undefined` if it is none (RFC 7622 §3). */
export function parseJid(text: string): Jid | undefined {
  const slash = text.indexOf('/')
  const bare = slash < 0 ? text : text.slice(0, slash)
  const at = bare.indexOf('@')
  const domain = bare.slice(at + 1)
  if (domain === '' || at === 0 || slash === text.length - 1) return undefined
  return new Jid(at < 0 ? '' : bare.slice(0, at), domain, slash < 0 ? '' : text.slice(slash + 1))
}

/**
 * An address written in the program.
 * @throws TypeError if it is none
 */
export function jid(text: string): Jid {
  const parsed = parseJid(text)
  if (!parsed) throw new TypeError(`not an address: ${text}`)
  return parsed
}

/** `bare` with another resourcepart (already as a peer sent it); `undefined` if the resourcepart is not allowed. */
export function withResource(bare: Jid, resource: string): Jid | undefined {
  return resource === '' ? undefined : new Jid(bare.local, bare.domain, resource)
}
