// XEP-0198 §5: how much of what clients sent had been dealt with when the server was killed.
import type { ScopedHost } from '../../host/scoped-host.ts'
import type { KeyValue } from '../../storage/storage.ts'
import type { ManagedSession } from './managed-session.ts'

/** The counter of a session that can be resumed. */
type KeptCount = {
  /** The account, without its domain. */
  readonly user: string
  readonly handled: number
  /** The number of the server's run. */
  readonly run: number
}

/** Counters that outlive the process. None is lower than what a client has been told. */
export class KeptCounts {
  readonly #host: ScopedHost
  readonly #store: KeyValue<KeptCount>
  readonly #run: () => Promise<number | undefined>

  /** `run` answers the number of the server's run. */
  constructor(host: ScopedHost, run: () => Promise<number | undefined>) {
    this.#host = host
    this.#store = host.store.keyValue('handled-counts')
    this.#run = run
  }

  /**
   * Keeps the counter as it is now, one write at a time. Resolves when it is kept, or nothing is kept of the session;
   * rejects if a lower one could not be removed.
   */
  keep(managed: ManagedSession): void | Promise<void> {
    // What is being kept may be lower than what the client is about to be told.
    if (managed.keeping) return managed.keeping.then(() => this.keep(managed))
    if (!managed.isResumable || managed.isCountOver || managed.keptCount === managed.handledForSure) return
    const keeping = this.#write(managed).finally(() => {
      managed.keeping = undefined
    })
    managed.keeping = keeping
    return keeping
  }

  /** The session is over, or kept as a whole: nothing is kept of its counter from now on. */
  async forget(managed: ManagedSession): Promise<void> {
    managed.isCountOver = true
    await managed.keeping?.catch(() => {})
    if (managed.keptCount === undefined) return
    managed.keptCount = undefined
    await this.#store.set(managed.id, undefined).catch((error: unknown) => this.#logFailure(managed, error))
  }

  /** What a session of the account `user` had had dealt with when the server was killed, once. */
  async take(id: string, user: string): Promise<number | undefined> {
    const kept = await this.#store.get(id)
    if (kept?.user !== user || kept.run === (await this.#run())) return undefined
    await this.#store.set(id, undefined)
    return kept.handled
  }

  /** A session is back that was kept as a whole: what may have been left of its counter is out of date. */
  async drop(id: string): Promise<void> {
    if ((await this.#store.get(id)) !== undefined) await this.#store.set(id, undefined)
  }

  /** Nobody comes back any more to sessions of former runs. */
  async sweep(): Promise<void> {
    const run = await this.#run()
    for (const id of await this.#store.owners()) {
      const kept = await this.#store.get(id)
      if (kept && kept.run !== run) await this.#store.set(id, undefined)
    }
  }

  async #write(managed: ManagedSession): Promise<void> {
    const run = await this.#run()
    const handled = managed.handledForSure
    if (run === undefined || managed.isCountOver) return
    const user = managed.session.jid.local
    try {
      await this.#store.set(managed.id, handled === undefined ? undefined : { user, handled, run })
      managed.keptCount = handled
    } catch (error) {
      this.#logFailure(managed, error)
      // A count that is too low would have the client believe that it had been told too much.
      if (managed.keptCount !== undefined) await this.#store.set(managed.id, undefined)
      managed.keptCount = undefined
    }
  }

  #logFailure({ session }: ManagedSession, error: unknown): void {
    this.#host.log.error('count not kept', { jid: session.jid.toString(), error })
  }
}
