// Bounded memory: what a map has held longest goes first.

/** Takes out the entry that was put in first, if there is any. */
export function forgetOldest<Key>(map: Map<Key, unknown>): void {
  for (const key of map.keys()) {
    map.delete(key)
    return
  }
}
