// A bounded memory of what was computed before, in two generations.

// What an entry costs beside its key: the map's slot, the value and the value's own strings, which repeat the key.
const ENTRY_BYTES = 240
const BYTES_PER_UNIT = 6

/**
 * Remembers values by text and forgets those that were not asked for lately. Two maps: what is written goes into the
 * young one; when that has used its budget, it becomes the old one and the former old one is dropped. A hit costs
 * one look-up and moves nothing; a hit among the old costs two and one insertion.
 */
export class Memo<Value> {
  readonly #budget: number
  #young = new Map<string, Value>()
  #old = new Map<string, Value>()
  #used = 0

  /** `bytes` is the estimated most that all entries, old and young, hold on to. */
  constructor(bytes: number) {
    this.#budget = bytes / 2
  }

  /** What was remembered for `key`, or `undefined`. */
  get(key: string): Value | undefined {
    return this.#young.get(key) ?? this.#fromOld(key)
  }

  /** Remembers `value`. The caller sees to it that `key` is no cut from a long text, which it would keep alive. */
  set(key: string, value: Value): void {
    this.#used += ENTRY_BYTES + BYTES_PER_UNIT * key.length
    if (this.#used > this.#budget) {
      this.#old = this.#young
      this.#young = new Map()
      this.#used = ENTRY_BYTES + BYTES_PER_UNIT * key.length
    }
    this.#young.set(key, value)
  }

  /** How many entries are remembered, an entry in both generations counted twice. */
  get size(): number {
    return this.#young.size + this.#old.size
  }

  #fromOld(key: string): Value | undefined {
    const value = this.#old.get(key)
    if (value === undefined) return undefined
    this.set(detached(key), value)
    return value
  }
}

/** The same text in memory of its own: V8 cuts a text out of a longer one by pointing into it, which keeps it alive. */
export function detached(text: string): string {
  return ` ${text}`.slice(1)
}
