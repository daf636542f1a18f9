// What is kept of accounts, in memory while these are: read when it is first asked for.
import type { Account } from './account.ts'

/** One value for each account that is loaded. */
export class PerAccount<Value extends object> {
  readonly #read: (account: Account) => Promise<Value>
  readonly #byAccount = new WeakMap<Account, Value | Promise<Value>>()

  /** `read` finds the value of an account; where it fails, it is asked again the next time. */
  constructor(read: (account: Account) => Promise<Value>) {
    this.#read = read
  }

  /** The value, if it has been read. */
  known(account: Account): Value | undefined {
    const value = this.#byAccount.get(account)
    return value instanceof Promise ? undefined : value
  }

  /** The value, at once if it has been read: the usual case. */
  of(account: Account): Value | Promise<Value> {
    return this.#byAccount.get(account) ?? this.#load(account)
  }

  /** The value has changed. */
  set(account: Account, value: Value): void {
    this.#byAccount.set(account, value)
  }

  /** It is read anew when it is asked for next. */
  forget(account: Account): void {
    this.#byAccount.delete(account)
  }

  #load(account: Account): Promise<Value> {
    const isCurrent = () => this.#byAccount.get(account) === loading
    const loading: Promise<Value> = this.#read(account).then(
      (read) => {
        if (isCurrent()) this.#byAccount.set(account, read)
        // It may have changed meanwhile.
        return this.known(account) ?? read
      },
      (error: unknown) => {
        if (isCurrent()) this.#byAccount.delete(account)
        throw error
      },
    )
    this.#byAccount.set(account, loading)
    return loading
  }
}
