// What is held back from one client: of each kind from each sender the latest.
import type { Stanza } from '../../stanza/stanza.ts'

/** Stanzas in the order in which they came, each in the place of the one before it with the same key. */
export class HeldBack {
  #stanzaByKey = new Map<string, Stanza>()
  #bytes = 0

  get size(): number {
    return this.#stanzaByKey.size
  }

  get bytes(): number {
    return this.#bytes
  }

  add(key: string, stanza: Stanza): void {
    const before = this.#stanzaByKey.get(key)
    if (before) {
      this.#bytes -= bytesOf(before)
      // It comes behind what its sender has sent meanwhile.
      this.#stanzaByKey.delete(key)
    }
    this.#stanzaByKey.set(key, stanza)
    this.#bytes += bytesOf(stanza)
  }

  takeAll(): Stanza[] {
    const all = [...this.#stanzaByKey.values()]
    this.#stanzaByKey.clear()
    this.#bytes = 0
    return all
  }
}

// Made once for all who get the same, and needed anyway when it is written.
function bytesOf(stanza: Stanza): number {
  return stanza.rest().length
}
