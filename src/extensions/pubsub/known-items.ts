// What is known in memory of where a node's items are, so that publishing need not wait for what is being written.

/** Where an item is, and how many bytes its payload has. */
export type KeptPlace = readonly [place: number, bytes: number]

/** A search that was begun before its turn. */
export interface LookAhead {
  readonly known: KnownItems
  /** The number of changes there had been. */
  readonly since: number
  readonly places: ReadonlyMap<string, Promise<KeptPlace | undefined>>
}

interface Change {
  readonly place: KeptPlace | undefined
  readonly number: number
}

/** Nodes of more items have what is known of them looked up; of fewer all is known, once one has been published. */
export const mostKnown = 256

/** All of few items, or of many those that have changed while somebody looks for them. */
export class KnownItems {
  /** By id, oldest first. */
  #all: Map<string, KeptPlace> | undefined
  /** By id, latest last. */
  readonly #changes = new Map<string, Change>()
  #count = 0
  #lookers = 0

  /** Where all of them are; `undefined` where that is not known. */
  get all(): ReadonlyMap<string, KeptPlace> | undefined {
    return this.#all
  }

  /** All there are has been read. */
  fill(all: Iterable<readonly [string, KeptPlace]>): void {
    this.#all = new Map(all)
  }

  /** Where an item is, or that it is not; nothing if that is not known. */
  find(id: string): { readonly place: KeptPlace | undefined } | undefined {
    return this.#all ? { place: this.#all.get(id) } : this.#changes.get(id)
  }

  /** An item has gone to the end, or away. */
  note(id: string, place: KeptPlace | undefined): void {
    this.#count += 1
    if (this.#all) {
      this.#all.delete(id)
      if (place) this.#all.set(id, place)
      if (this.#all.size > mostKnown) this.#all = undefined
    }
    if (this.#lookers === 0) return
    this.#changes.delete(id)
    this.#changes.set(id, { place, number: this.#count })
  }

  /** Notes what changes from now on, until `end`; `places` is what the store answers. */
  look(places: LookAhead['places']): LookAhead {
    this.#lookers += 1
    return { known: this, since: this.#count, places }
  }

  /** Its turn is over. Whoever looks after it began later, and needs no older changes. */
  end({ since }: LookAhead): void {
    this.#lookers -= 1
    for (const [id, { number }] of this.#changes) {
      if (number > since && this.#lookers > 0) return
      this.#changes.delete(id)
    }
  }
}
