// Whom an account blocks.
import type { Account } from '../../host/account.ts'
import { PerAccount } from '../../host/per-account.ts'
import { type Jid, jid } from '../../jid/jid.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import type { Collection } from '../../storage/storage.ts'

/** Blocked addresses by account; the value says nothing yet. */
export type BlockCollection = Collection<true>

/** One account's list. */
export class Blocklist {
  readonly #addresses: Set<string>

  constructor(addresses: Iterable<string>) {
    this.#addresses = new Set(addresses)
  }

  get size(): number {
    return this.#addresses.size
  }

  /** Whether an address is listed as it stands there. */
  has(address: string): boolean {
    return this.#addresses.has(address)
  }

  get addresses(): Jid[] {
    return [...this.#addresses].map(jid)
  }

  /** XEP-0191 §6: the address itself, without its resource, its domain with the resource, or its domain. */
  matches(address: Jid): boolean {
    if (this.#addresses.size === 0) return false
    return (
      this.#addresses.has(address.toString()) ||
      this.#addresses.has(address.bare.toString()) ||
      this.#addresses.has(address.domain) ||
      (address.resource !== '' && this.#addresses.has(`${address.domain}/${address.resource}`))
    )
  }

  add(address: Jid): void {
    this.#addresses.add(address.toString())
  }

  remove(address: Jid): void {
    this.#addresses.delete(address.toString())
  }
}

/** The lists of the accounts that are loaded. */
export class Blocklists {
  readonly #collection: BlockCollection
  readonly #maxItems: number
  readonly #lists = new PerAccount((account) => this.#load(account))

  constructor(collection: BlockCollection, maxItems: number) {
    this.#collection = collection
    this.#maxItems = maxItems
  }

  /** The list, if it has been read: the usual case, which waits for nothing. */
  loaded(account: Account): Blocklist | undefined {
    return this.#lists.known(account)
  }

  async of(account: Account): Promise<Blocklist> {
    return this.#lists.of(account)
  }

  /**
   * Changes a list; resolves when the change is kept.
   * @throws StanzaError resource-constraint if it would become too long
   */
  async change(account: Account, change: { add: readonly Jid[]; remove: readonly Jid[] }): Promise<void> {
    const list = await this.of(account)
    const added = new Set(change.add.map(String).filter((address) => !list.has(address)))
    if (added.size > 0 && list.size + added.size > this.#maxItems) {
      throw new StanzaError('resource-constraint', `an account may block ${this.#maxItems} addresses`)
    }
    const kept = new Map<string, true | undefined>()
    for (const address of change.add) kept.set(address.toString(), true)
    for (const address of change.remove) kept.set(address.toString(), undefined)
    await this.#collection.change(account.jid.local, kept)
    for (const address of change.add) list.add(address)
    for (const address of change.remove) list.remove(address)
  }

  async #load(account: Account): Promise<Blocklist> {
    return new Blocklist((await this.#collection.all(account.jid.local)).keys())
  }
}
