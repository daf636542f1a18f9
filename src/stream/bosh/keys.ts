// XEP-0124 §15: key sequences, for sessions that are not encrypted.
import { createHash } from 'node:crypto'
import type { RequestBody } from './body.ts'

/** The keys of one session. */
export class KeySequence {
  #last: string | undefined

  /** Whether a request, in the order of their ids, has the key that is due; the first one may begin a sequence. */
  accepts({ key, newKey }: RequestBody): boolean {
    if (this.#last !== undefined) {
      const isNext = key !== undefined && createHash('sha1').update(key).digest('hex') === this.#last
      if (!isNext) return false
    }
    this.#last = (newKey ?? (this.#last === undefined ? undefined : key))?.toLowerCase()
    return true
  }
}
