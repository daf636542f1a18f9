// RFC 7622: addresses.
import { prepareDomain } from './domain.ts'
import { detached, Memo } from './memo.ts'
import { MAX_PART_OCTETS, prepareLocal, prepareResource } from './prepare.ts'

// Three parts, each with room to shrink when it is prepared.
const MAX_TEXT_UNITS = 12 * MAX_PART_OCTETS
const MAX_REMEMBERED_UNITS = 512
const REMEMBERED_BYTES = 16 * 1024 * 1024

// The one state outside an object: what these functions gave before for the same text, and would give again. It is
// bounded and nobody can tell whether it is there, but by the time that parsing takes and by `===`.
const known = new Memo<Jid>(REMEMBERED_BYTES)

/** A prepared address, immutable. All there are came out of `parseJid`, `jid`, `Jid.of` and `withResource`. */
export class Jid {
  /** The localpart, or `''` where there is none. */
  readonly local: string
  /** The domainpart: lower case, U-labels, IPv6 in brackets. `asciiDomain` has the form for DNS and TLS. */
  readonly domain: string
  /** The resourcepart, or `''` where there is none. */
  readonly resource: string
  /** The same address without its resourcepart; itself where it has none. */
  readonly bare: Jid
  readonly #text: string

  private constructor(local: string, domain: string, resource: string, bare: Jid | undefined, text: string) {
    this.local = local
    this.domain = domain
    this.resource = resource
    this.bare = bare ?? this
    this.#text = text
  }

  /** An address of parts that nobody prepared, `''` for one that is absent; `undefined` if one is not allowed. */
  static of(local: string, domain: string, resource = ''): Jid | undefined {
    const preparedLocal = local === '' ? '' : prepareLocal(local)
    if (preparedLocal === undefined) return undefined
    const preparedDomain = prepareDomain(domain)
    if (preparedDomain === undefined) return undefined
    const bare = Jid.#bareOf(preparedLocal, preparedDomain)
    return resource === '' ? bare : bare.withResource(resource)
  }

  /** Whether there is no resourcepart. */
  get isBare(): boolean {
    return this.resource === ''
  }

  /** The same local and domainpart with another resourcepart, which nobody prepared; `undefined` if it is not allowed. */
  withResource(resource: string): Jid | undefined {
    const prepared = prepareResource(resource)
    if (prepared === undefined) return undefined
    const { bare } = this
    const text = `${bare.#text}/${prepared}`
    const found = known.get(text)
    if (found !== undefined) return found
    // Cut from the text just made, and not from the stanza that `resource` may have been cut from.
    const made = new Jid(bare.local, bare.domain, text.slice(bare.#text.length + 1), bare, text)
    remember(text, made)
    return made
  }

  /** The address as text; the key to use in a Map. */
  toString(): string {
    return this.#text
  }

  /** Whether both are the same address. All parts are prepared, so their octets decide (RFC 7622 §3.1). */
  equals(other: Jid | undefined): boolean {
    return other !== undefined && (this === other || this.#text === other.#text)
  }

  static #bareOf(local: string, domain: string): Jid {
    const text = local === '' ? domain : `${local}@${domain}`
    const found = known.get(text)
    if (found !== undefined) return found
    const own = local === '' ? detached(text) : text
    const made = new Jid(
      own.slice(0, local.length),
      own.slice(own.length - domain.length),
      '',
      undefined,
      own,
    )
    remember(own, made)
    return made
  }
}

/** Reads an address as a peer sent it; `undefined` if it is none (RFC 7622 §3). */
export function parseJid(text: string): Jid | undefined {
  return known.get(text) ?? parseUnknown(text)
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
  return bare.withResource(resource)
}

// RFC 7622 §3.2: the first slash ends the domainpart, the first at sign before it ends the localpart.
function parseUnknown(text: string): Jid | undefined {
  if (text.length > MAX_TEXT_UNITS) return undefined
  const slash = text.indexOf('/')
  if (slash === text.length - 1 && slash >= 0) return undefined
  const bare = slash < 0 ? text : text.slice(0, slash)
  const at = bare.indexOf('@')
  if (at === 0) return undefined
  const made = Jid.of(
    at < 0 ? '' : bare.slice(0, at),
    bare.slice(at + 1),
    slash < 0 ? '' : text.slice(slash + 1),
  )
  if (made !== undefined && made.toString() !== text) remember(detached(text), made)
  return made
}

function remember(text: string, made: Jid): void {
  if (text.length <= MAX_REMEMBERED_UNITS) known.set(text, made)
}
