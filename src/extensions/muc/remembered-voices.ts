// XEP-0045 §5.1: in a moderated room, who was given voice or lost it has the same role on the next visit.
import { forgetOldest } from '../../base/forget-oldest.ts'

const most = 1000

/** Who has voice and who has not by a moderator's word, by bare address; the oldest are forgotten first. */
export class RememberedVoices {
  readonly #roleByAddress = new Map<string, 'participant' | 'visitor'>()

  /** The role somebody was given, if it is remembered. */
  of(address: string): 'participant' | 'visitor' | undefined {
    return this.#roleByAddress.get(address)
  }

  /** Remembers a role that somebody was given. */
  note(address: string, role: 'participant' | 'visitor'): void {
    this.forget(address)
    this.#roleByAddress.set(address, role)
    if (this.#roleByAddress.size > most) forgetOldest(this.#roleByAddress)
  }

  /** Forgets what somebody was given. */
  forget(address: string): void {
    this.#roleByAddress.delete(address)
  }
}
