// XEP-0317: the hats of a room, and who wears them.
import { createHash } from 'node:crypto'
import type { Jid } from '../../jid/jid.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import type { Value } from '../../storage/storage.ts'
import type { Room } from '../muc/muc.ts'

/** Something that occupants can wear. */
export interface Hat {
  readonly uri: string
  readonly title: string
  /** An angle from 0 to 360, as text. */
  readonly hue?: string
}

/** How much of it there may be in a room. */
export interface HatLimits {
  readonly hats: number
  readonly wearers: number
  readonly hatsPerWearer: number
  readonly titleLength: number
  readonly uriLength: number
}

type StoredHats = {
  readonly hats: readonly Hat[]
  readonly wearers: readonly { readonly jid: string; readonly uris: readonly string[] }[]
}

const extra = 'hats'

/** The hats of one room, kept in its `extras`. */
export class RoomHats {
  readonly #room: Room
  readonly #limits: HatLimits
  readonly #hatByUri = new Map<string, Hat>()
  /** By bare address; never empty. */
  readonly #urisByWearer = new Map<string, Set<string>>()

  constructor(room: Room, limits: HatLimits) {
    this.#room = room
    this.#limits = limits
    const stored = room.extras.get(extra) as StoredHats | undefined
    for (const hat of stored?.hats ?? []) this.#hatByUri.set(hat.uri, hat)
    for (const { jid, uris } of stored?.wearers ?? []) this.#urisByWearer.set(jid, new Set(uris))
  }

  /** All hats, in the order in which they were made. */
  get all(): Hat[] {
    return [...this.#hatByUri.values()]
  }

  /** Who wears what. */
  get worn(): { readonly jid: string; readonly hat: Hat }[] {
    return [...this.#urisByWearer].flatMap(([jid, uris]) =>
      [...uris].flatMap((uri) => this.#hatByUri.get(uri) ?? []).map((hat) => ({ jid, hat })),
    )
  }

  /** What an account wears. */
  of(account: Jid): Hat[] {
    const uris = this.#urisByWearer.get(account.bare.toString())
    return uris ? [...uris].flatMap((uri) => this.#hatByUri.get(uri) ?? []) : []
  }

  /** §2: tells whether the list of hats is another one; `undefined` if there are none. */
  get hash(): string | undefined {
    if (this.#hatByUri.size === 0) return undefined
    return createHash('sha1').update(JSON.stringify(this.all)).digest('hex')
  }

  /** Bare addresses of those who wear a hat. */
  wearersOf(uri: string): string[] {
    return [...this.#urisByWearer].filter(([, uris]) => uris.has(uri)).map(([jid]) => jid)
  }

  /**
   * Makes a hat, or changes the one with that URI.
   * @throws StanzaError not-acceptable for what cannot be, resource-constraint if there are too many
   */
  put(hat: Hat): void {
    const { hats, titleLength, uriLength } = this.#limits
    if (hat.title === '' || hat.title.length > titleLength) {
      throw new StanzaError('not-acceptable', `a title has from 1 to ${titleLength} characters`)
    }
    // RFC 3986 §3.1
    if (!/^[a-z][a-z0-9+.-]*:\S+$/i.test(hat.uri) || hat.uri.length > uriLength) {
      throw new StanzaError('not-acceptable', `a URI of at most ${uriLength} characters is needed`)
    }
    if (hat.hue !== undefined && !(/^\d{1,3}(\.\d{1,9})?$/.test(hat.hue) && Number(hat.hue) <= 360)) {
      throw new StanzaError('not-acceptable', 'a hue is an angle from 0 to 360')
    }
    if (!this.#hatByUri.has(hat.uri) && this.#hatByUri.size >= hats) {
      throw new StanzaError('resource-constraint', `a room has at most ${hats} hats`)
    }
    this.#hatByUri.set(hat.uri, hat)
    this.#write()
  }

  /** Removes a hat, also from all who wear it; answers who that was. */
  destroy(uri: string): string[] {
    this.#check(uri)
    const wearers = this.wearersOf(uri)
    this.#hatByUri.delete(uri)
    for (const jid of wearers) this.#takeOff(jid, uri)
    this.#write()
    return wearers
  }

  /** Gives somebody a hat. */
  assign(account: Jid, uri: string): void {
    this.#check(uri)
    const jid = account.bare.toString()
    const uris = this.#urisByWearer.get(jid) ?? new Set()
    if (uris.size >= this.#limits.hatsPerWearer && !uris.has(uri)) {
      throw new StanzaError(
        'resource-constraint',
        `nobody wears more than ${this.#limits.hatsPerWearer} hats`,
      )
    }
    if (uris.size === 0 && this.#urisByWearer.size >= this.#limits.wearers) {
      throw new StanzaError('resource-constraint', `at most ${this.#limits.wearers} people wear hats`)
    }
    this.#urisByWearer.set(jid, uris.add(uri))
    this.#write()
  }

  /** Takes a hat away from somebody. */
  unassign(account: Jid, uri: string): void {
    const jid = account.bare.toString()
    if (!this.#urisByWearer.get(jid)?.has(uri)) {
      throw new StanzaError('item-not-found', `${jid} does not wear that hat`)
    }
    this.#takeOff(jid, uri)
    this.#write()
  }

  #check(uri: string): void {
    if (!this.#hatByUri.has(uri)) throw new StanzaError('item-not-found', 'there is no such hat')
  }

  #takeOff(jid: string, uri: string): void {
    const uris = this.#urisByWearer.get(jid)
    uris?.delete(uri)
    if (uris?.size === 0) this.#urisByWearer.delete(jid)
  }

  #write(): void {
    const hats = this.all.map((hat) => ({ ...hat }))
    const wearers = [...this.#urisByWearer].map(([jid, uris]) => ({ jid, uris: [...uris] }))
    if (hats.length === 0) this.#room.extras.delete(extra)
    else this.#room.extras.set(extra, { hats, wearers } satisfies Value)
  }
}
