// One account's roster in memory, and how changes to it are kept.
import type { Collection } from '../../storage/storage.ts'
import { itemOf, type KeptItem, keepItem, noItem, type RosterItem } from './roster-item.ts'

/** The key beside the contacts' under which the version is kept; no address is empty. */
const versionKey = ''

/** What the many who have no contacts share. */
const nobody: ReadonlyMap<string, RosterItem> = new Map()

export type RosterCollection = Collection<KeptItem>

/** A roster; changes are seen at once and are kept when their promise resolves. */
export class AccountRoster {
  readonly #owner: string
  readonly #collection: RosterCollection
  #itemByContact: Map<string, RosterItem> | undefined
  #version: number
  /** Changes by version, from their beginning until clients have been told; with what tells them, once it may. */
  readonly #untold = new Map<number, (() => void) | undefined>()

  private constructor(owner: string, collection: RosterCollection, kept: Map<string, KeptItem>) {
    this.#owner = owner
    this.#collection = collection
    this.#version = kept.get(versionKey)?.version ?? 0
    kept.delete(versionKey)
    if (kept.size > 0)
      this.#itemByContact = new Map([...kept].map(([contact, item]) => [contact, itemOf(item)]))
  }

  static async load(owner: string, collection: RosterCollection): Promise<AccountRoster> {
    return new AccountRoster(owner, collection, await collection.all(owner))
  }

  /**
   * RFC 6121 §2.6: opaque to clients; here it counts changes. A roster that was never changed and one that
   * was changed once both say `1`, as clients and test suites in the field know it.
   */
  get version(): string {
    return versionText(this.#version)
  }

  /** Whether a client that has `version` has everything. `1` stands for two states, so it never has. */
  isCurrent(version: string | undefined): boolean {
    return this.#version > 1 && version === this.version
  }

  get #items(): ReadonlyMap<string, RosterItem> {
    return this.#itemByContact ?? nobody
  }

  /** How many are kept that are contacts, or that are not and have only asked. */
  count(isListed: boolean): number {
    let count = 0
    for (const item of this.#items.values()) if (item.isListed === isListed) count += 1
    return count
  }

  /** What is kept about a contact; `noItem` if nothing is. */
  get(contact: string): RosterItem {
    return this.#items.get(contact) ?? noItem
  }

  /** All that is kept, requests of strangers included. */
  get entries(): IterableIterator<[string, RosterItem]> {
    return this.#items.entries()
  }

  /**
   * Replaces what is kept about a contact; an item that is neither listed nor asked for is forgotten. What cannot be
   * kept is not seen any more once the promise has rejected. Resolves with the version that the roster has by this change,
   * for `tell`, which has to be called.
   */
  async set(contact: string, item: RosterItem): Promise<number> {
    const isKept = item.isListed || item.isPendingIn
    this.#see(contact, isKept ? item : undefined)
    this.#version += 1
    const version = this.#version
    this.#untold.set(version, undefined)
    const changes = new Map<string, KeptItem | undefined>([
      [contact, isKept ? keepItem(item) : undefined],
      [versionKey, { version }],
    ])
    try {
      await this.#collection.change(this.#owner, changes)
    } catch (error) {
      this.tell(version, () => {})
      await this.#readAgain(contact).catch((other: unknown) => {
        throw new AggregateError([error, other], 'a roster was neither kept nor read again')
      })
      throw error
    }
    return version
  }

  /** Runs `tell` once all earlier changes have been told: clients learn of them in their order (RFC 6121 §2.6.3). */
  tell(version: number, tell: (version: string) => void): void {
    this.#untold.set(version, () => tell(versionText(version)))
    for (const [earliest, tellEarliest] of this.#untold) {
      if (!tellEarliest) return
      this.#untold.delete(earliest)
      tellEarliest()
    }
  }

  async #readAgain(contact: string): Promise<void> {
    let version: number
    let kept: KeptItem | undefined
    do {
      version = this.#version
      kept = await this.#collection.get(this.#owner, contact)
      // What has changed meanwhile may be newer than what was read.
    } while (version !== this.#version)
    this.#see(contact, kept && itemOf(kept))
  }

  #see(contact: string, item: RosterItem | undefined): void {
    if (item) {
      this.#itemByContact ??= new Map()
      this.#itemByContact.set(contact, item)
    } else this.#itemByContact?.delete(contact)
  }
}

function versionText(version: number): string {
  return String(Math.max(1, version))
}
