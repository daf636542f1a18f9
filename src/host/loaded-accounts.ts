// The accounts that are in memory: each once, for as long as it has sessions or something is under way for it.
import type { Jid } from '../jid/jid.ts'
import type { Account } from './account.ts'

/** Loads accounts when they are needed and lets go of them afterwards. */
export class LoadedAccounts {
  readonly #find: (address: Jid) => Promise<Account | undefined>
  readonly #accountByLocal = new Map<string, Account>()
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
    this.#accountByLocal.set(account.jid.local, account)
  }

  /** Lets go of an account that has neither sessions nor anything under way. */
  release(account: Account): void {
    if (account.isIdle) this.forget(account)
  }

  /** Knows an account no more, whatever is still under way for it: it has been removed. */
  forget(account: Account): void {
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
