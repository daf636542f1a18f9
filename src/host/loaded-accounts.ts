// The accounts that are in memory: each once, for as long as it has sessions or something is under way for it, and
// some longer: what is said to somebody who is away is rarely one message.
import type { Jid } from '../jid/jid.ts'
import type { Account } from './account.ts'

/** Accounts that stay although nothing is going on. */
const maxIdle = 100

/** Loads accounts when they are needed and lets go of them afterwards. */
export class LoadedAccounts {
  readonly #find: (address: Jid) => Promise<Account | undefined>
  readonly #accountByLocal = new Map<string, Account>()
  /** Those of them that may go, longest idle first. */
  readonly #idle = new Set<Account>()
  readonly #loadingByLocal = new Map<string, Promise<Account | undefined>>()

  /** `find` makes the account of a bare address, if it exists. */
  constructor(find: (address: Jid) => Promise<Account | undefined>) {
    this.#find = find
  }

  /** All that are in memory. */
  get all(): Account[] {
    return [...this.#accountByLocal.values()]
  }

  /** The account, if it is in memory. */
  get(local: string): Account | undefined {
    return this.#accountByLocal.get(local)
  }

  /** The account of a bare address, if it exists; asked for twice at once, it is looked for once. */
  load(address: Jid): Promise<Account | undefined> {
    const { local } = address
    const underway = this.#loadingByLocal.get(local)
    if (underway) return underway
    const loading = this.#find(address)
      .then((found) => this.#accountByLocal.get(local) ?? found)
      .finally(() => this.#loadingByLocal.delete(local))
    this.#loadingByLocal.set(local, loading)
    return loading
  }

  /** Keeps an account in memory. */
  hold(account: Account): void {
    this.#idle.delete(account)
    this.#accountByLocal.set(account.jid.local, account)
  }

  /** Lets go of an account that has neither sessions nor anything under way, once others have not had any for longer. */
  release(account: Account): void {
    if (!account.isIdle || this.get(account.jid.local) !== account) return
    this.#idle.delete(account)
    this.#idle.add(account)
    for (const oldest of this.#idle) {
      if (this.#idle.size <= maxIdle) break
      this.forget(oldest)
    }
  }

  /** Knows an account no more, whatever is still under way for it: it has been removed. */
  forget(account: Account): void {
    this.#idle.delete(account)
    if (this.get(account.jid.local) === account) this.#accountByLocal.delete(account.jid.local)
  }

  /** Keeps an account in memory until `work` has settled. */
  during(account: Account, work: Promise<void>): Promise<void> {
    account.underway += 1
    this.hold(account)
    return work.finally(() => {
      account.underway -= 1
      this.release(account)
    })
  }
}
