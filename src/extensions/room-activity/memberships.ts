// XEP-0437 §5.1: the rooms that accounts belong to, with when they were there last.
import { InTurn } from '../../base/in-turn.ts'
import type { Jid } from '../../jid/jid.ts'
import type { Collection } from '../../storage/storage.ts'

/** For each account, by its bare address, localparts of rooms with milliseconds since 1970. */
export class Memberships {
  readonly #kept: Collection<number>
  readonly #most: number
  /** What is asked for behind something sees it. */
  readonly #turns = new InTurn()

  /** Of one account at most `most` rooms are remembered. */
  constructor(kept: Collection<number>, most: number) {
    this.#kept = kept
    this.#most = most
  }

  /** An account was in a room until now, or belongs to it from now on. */
  async note(account: Jid, room: string, when: number): Promise<void> {
    const owner = account.toString()
    await this.#turns.run(owner, async () => {
      if ((await this.#kept.get(owner, room)) !== undefined || (await this.#hasSpace(owner)))
        await this.#kept.set(owner, room, when)
    })
  }

  /** The same where what is known already is good enough. */
  async noteOnce(account: Jid, room: string, when: number): Promise<void> {
    const owner = account.toString()
    await this.#turns.run(owner, async () => {
      if ((await this.#kept.get(owner, room)) !== undefined || !(await this.#hasSpace(owner))) return
      await this.#kept.set(owner, room, when)
    })
  }

  /** An account belongs to a room no longer. */
  async forget(account: Jid, room: string): Promise<void> {
    const owner = account.toString()
    await this.#turns.run(owner, () => this.#kept.set(owner, room, undefined))
  }

  /** When an account was last in each of its rooms. */
  async of(account: Jid): Promise<ReadonlyMap<string, number>> {
    const owner = account.toString()
    await this.#turns.run(owner, () => {})
    return this.#kept.page(owner, { limit: this.#most })
  }

  async #hasSpace(owner: string): Promise<boolean> {
    return (await this.#kept.count(owner)) < this.#most
  }
}
