// XEP-0198 §5: the counters of sessions that are over, for clients that come too late.
import { forgetOldest } from '../../base/forget-oldest.ts'
import type { ManagedSession } from './managed-session.ts'

const remembered = 10_000

/** How many stanzas were dealt with in sessions that are over; the oldest are forgotten. */
export class EndedSessions {
  readonly #handledById = new Map<string, number>()

  /** What a client may be told; `undefined` if nothing is known. */
  handledIn(id: string): number | undefined {
    return this.#handledById.get(id)
  }

  remember({ id, handledForSure }: ManagedSession): void {
    if (handledForSure === undefined) return
    this.#handledById.set(id, handledForSure)
    if (this.#handledById.size > remembered) forgetOldest(this.#handledById)
  }
}
