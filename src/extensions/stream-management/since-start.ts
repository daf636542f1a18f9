// XEP-0198 §5: whether a session that waits from before the start of the server can go on as if nothing had happened.
import type { ScopedHost } from '../../host/scoped-host.ts'
import type { Jid } from '../../jid/jid.ts'
import type { KeyValue } from '../../storage/storage.ts'
import type { KeptSession } from './kept-session.ts'

/** What has happened since the server was started. */
export class SinceStart {
  readonly #host: ScopedHost
  /** How often it has been started, under one key. */
  readonly #starts: KeyValue<number>
  #run: Promise<number | undefined> | undefined
  /** Accounts to which something has happened; `undefined` once nothing waits any more. */
  #changed: Set<string> | undefined = new Set()

  constructor(host: ScopedHost) {
    this.#host = host
    this.#starts = host.store.keyValue('starts')
  }

  /** The number of this run of the server, counted once; `undefined` if that cannot be kept. */
  get run(): Promise<number | undefined> {
    this.#run ??= this.#count().catch((error: unknown) => {
      this.#host.log.error('start not counted', { error })
      return undefined
    })
    return this.#run
  }

  /** Something has happened that every session of `account` would have been told of. */
  noteChange(account: Jid): void {
    this.#changed?.add(account.local)
  }

  /** The time of all that waits is over. */
  end(): void {
    this.#changed = undefined
  }

  /** Whether a session was kept at the end of the last run, in time, and has missed nothing that is not kept for it. */
  async isCurrent({ user, run, until }: KeptSession): Promise<boolean> {
    const isOfLastRun = run !== undefined && run + 1 === (await this.run)
    return isOfLastRun && until > this.#host.clock.now() && this.#changed?.has(user) === false
  }

  async #count(): Promise<number> {
    const run = ((await this.#starts.get('')) ?? 0) + 1
    await this.#starts.set('', run)
    return run
  }
}
