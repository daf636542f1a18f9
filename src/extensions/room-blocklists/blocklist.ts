// One list of hashed addresses: in memory, and in the store, so that a restart opens no door.
import type { Collection } from '../../storage/storage.ts'

/** Hashes kept in one go. */
const atATime = 1000

/** Hashes of those who are blocked. */
export class Blocklist {
  readonly #kept: Collection<true>
  readonly #owner: string
  readonly #most: number
  readonly #hashes = new Set<string>()
  #loading: Promise<void> | undefined

  /** At most `most` hashes are kept, in the store under `owner`. */
  constructor(kept: Collection<true>, owner: string, most: number) {
    this.#kept = kept
    this.#owner = owner
    this.#most = most
  }

  get size(): number {
    return this.#hashes.size
  }

  /** The hashes, in the order in which they came. */
  get all(): IterableIterator<string> {
    return this.#hashes.values()
  }

  has(hash: string): boolean {
    return this.#hashes.has(hash)
  }

  /** Resolves when what was kept before is known. */
  load(): Promise<void> {
    this.#loading ??= this.#load()
    return this.#loading
  }

  /** Adds those for which there is space and answers them; they count at once. Resolves when they are kept. */
  async add(hashes: Iterable<string>): Promise<string[]> {
    const added: string[] = []
    for (const hash of hashes) {
      if (this.#hashes.has(hash) || this.#hashes.size >= this.#most) continue
      this.#hashes.add(hash)
      added.push(hash)
    }
    await this.#keep(added, true)
    return added
  }

  /** Removes hashes and answers which there were. Resolves when that is kept. */
  async remove(hashes: Iterable<string>): Promise<string[]> {
    const removed = [...hashes].filter((hash) => this.#hashes.delete(hash))
    await this.#keep(removed, undefined)
    return removed
  }

  async #load(): Promise<void> {
    for (const hash of (await this.#kept.all(this.#owner)).keys()) this.#hashes.add(hash)
  }

  async #keep(hashes: readonly string[], value: true | undefined): Promise<void> {
    for (let start = 0; start < hashes.length; start += atATime) {
      const part = hashes.slice(start, start + atATime)
      await this.#kept.change(this.#owner, new Map(part.map((hash) => [hash, value])))
    }
  }
}
