// XEP-0045 §5.2: the lists of a room: owners, admins, members, outcasts, and their reserved nicks.
import type { Jid } from '../../jid/jid.ts'
import type { Affiliation } from './affiliation.ts'

/** What a room keeps of somebody; `none` is kept by keeping nothing. */
export interface AffiliationEntry {
  readonly affiliation: Affiliation
  /** The nick nobody else may take (XEP-0045 §7.10). */
  readonly nick?: string
  readonly reason?: string
}

/** Affiliations by bare address or domain. */
export class Affiliations {
  readonly #entryByAddress = new Map<string, AffiliationEntry>()
  readonly #addressByNick = new Map<string, string>()
  #owners = 0

  get size(): number {
    return this.#entryByAddress.size
  }

  get ownerCount(): number {
    return this.#owners
  }

  /** The entry kept under exactly this address. */
  entry(address: string): AffiliationEntry | undefined {
    return this.#entryByAddress.get(address)
  }

  /** The affiliation of whoever has this address: the user's own entry, else the domain's (XEP-0045 §9.2). */
  of(jid: Jid): Affiliation {
    const own = this.#entryByAddress.get(jid.bare.toString())
    if (own) return own.affiliation
    return this.#entryByAddress.get(jid.domain)?.affiliation ?? 'none'
  }

  /** Replaces the entry of an address; affiliation `none` removes it. */
  set(address: string, entry: AffiliationEntry): void {
    this.#forget(address)
    if (entry.affiliation === 'none') return
    this.#entryByAddress.set(address, entry)
    if (entry.nick !== undefined) this.#addressByNick.set(entry.nick, address)
    if (entry.affiliation === 'owner') this.#owners += 1
  }

  /** The bare address for which a nick is reserved. */
  reservedFor(nick: string): string | undefined {
    return this.#addressByNick.get(nick)
  }

  /** All entries, by address. */
  entries(): IterableIterator<[string, AffiliationEntry]> {
    return this.#entryByAddress.entries()
  }

  /** The addresses that have an affiliation, with their entries. */
  list(affiliation: Affiliation): [string, AffiliationEntry][] {
    return [...this.#entryByAddress].filter(([, entry]) => entry.affiliation === affiliation)
  }

  #forget(address: string): void {
    const entry = this.#entryByAddress.get(address)
    if (!entry) return
    this.#entryByAddress.delete(address)
    if (entry.affiliation === 'owner') this.#owners -= 1
    if (entry.nick !== undefined && this.#addressByNick.get(entry.nick) === address) {
      this.#addressByNick.delete(entry.nick)
    }
  }
}
