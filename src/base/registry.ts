// Things in the order in which they were added, each with its undo.
import type { Undo } from './scope.ts'

/** A list that is read often and changed rarely. */
export class Registry<Item> {
  #items: readonly Item[] = []

  /** What has been added, oldest first. */
  get items(): readonly Item[] {
    return this.#items
  }

  add(item: Item): Undo {
    this.#items = [...this.#items, item]
    return () => {
      const index = this.#items.indexOf(item)
      if (index >= 0) this.#items = this.#items.toSpliced(index, 1)
    }
  }
}
