// XEP-0500 §6 and §8: when the accounts in a room spoke last, whatever their nicks and clients.
import type { Jid } from '../../jid/jid.ts'

/** Who spoke when, for as long as it matters. */
export class LastMessages {
  readonly #most: number
  /** By bare address, in milliseconds since 1970; who spoke last is the last. */
  readonly #whenByAccount = new Map<string, number>()

  /** At most `most` accounts are remembered: of more, those who spoke last. */
  constructor(most: number) {
    this.#most = most
  }

  of(account: Jid): number | undefined {
    return this.#whenByAccount.get(account.toString())
  }

  /** An account spoke; what is `forgetMs` milliseconds old is of no use any more. */
  note(account: Jid, when: number, forgetMs: number): void {
    const key = account.toString()
    this.#whenByAccount.delete(key)
    this.#whenByAccount.set(key, when)
    for (const [oldest, then] of this.#whenByAccount) {
      if (this.#whenByAccount.size <= this.#most && when - then < forgetMs) return
      this.#whenByAccount.delete(oldest)
    }
  }
}
