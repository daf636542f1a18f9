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
  readonly #askRun: () => Promise<number | undefined>
  #known: number | undefined

  /** `run` answers the number of the server's run. */
  constructor(host: ScopedHost, run: () => Promise<number | undefined>) {
    this.#host = host
    this.#store = host.store.keyValue('handled-counts')
    this.#askRun = run
  }

  /**
   * Keeps what the counter will be once all is kept that the session's stanzas have led to so far, in the same commit: should the server
   * die, either both are there or neither. Resolves when that is over, with whatever result: the counter is behind where something is
   * refused, or a stanza waits for something else.
   */
  keep(managed: ManagedSession): Promise<void> | undefined {
    if (managed.isCountDue || managed.updates > 0) return managed.keeping
    if (!managed.isResumable || managed.isCountOver || !this.#isRunKnown()) return undefined
    return this.#begin(
      managed,
      this.#setLast(managed).catch((error: unknown) => this.#logFailure(managed, error)),
    )
  }

  /**
   * Keeps the counter as it is now. Resolves when it is kept, or nothing is kept of the session; rejects if a lower one
   * could not be removed.
   */
  async update(managed: ManagedSession): Promise<void> {
    managed.updates += 1
    try {
      // What is on its way may be higher.
      for (let last: unknown; managed.keeping !== last; ) {
        last = managed.keeping
        await last
      }
      const writing = this.#write(managed)
      void this.#begin(
        managed,
        writing.catch(() => {}),
      )
      await writing
    } finally {
      managed.updates -= 1
      // What was said meanwhile was left for now.
      if (managed.updates === 0 && managed.hasSaid) void this.keep(managed)
    }
  }

  /** The session is over, or kept as a whole: nothing is kept of its counter from now on. */
  async forget(managed: ManagedSession): Promise<void> {
    managed.isCountOver = true
    await managed.keeping
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

  /** Answers may come in another order than they were asked for: it is over when all have come. */
  #begin(managed: ManagedSession, writing: Promise<void>): Promise<void> {
    const { keeping: before } = managed
    const keeping = (before ? before.then(() => writing) : writing).then(() => {
      if (managed.keeping === keeping) managed.keeping = undefined
    })
    managed.keeping = keeping
    return keeping
  }

  async #setLast(managed: ManagedSession): Promise<void> {
    let kept: KeptCount | undefined
    let isMade = false
    managed.isCountDue = true
    const make = () => {
      isMade = true
      managed.isCountDue = false
      managed.hasSaid = managed.session.beingKept < managed.session.open
      const described = this.#describe(managed, managed.handledSoon)
      if (described?.handled !== managed.keptCount) kept = described
      return kept
    }
    const isKept = await this.#store.setLast(managed.id, make).finally(() => {
      // If it was made, it may have been asked for again.
      if (!isMade) managed.isCountDue = false
    })
    if (kept && isKept) managed.keptCount = kept.handled
    else if (kept || !isMade) void this.#updateLater(managed)
  }

  /** Something was refused, of the session or of somebody else: the counter is kept when it is known what was dealt with. */
  async #updateLater(managed: ManagedSession): Promise<void> {
    managed.hasSaid = false
    await managed.session.underway
    // An error that the client may not have had yet comes before what follows it.
    if (managed.handledForSure === undefined) return
    await this.update(managed).catch((error: unknown) => this.#logFailure(managed, error))
  }

  async #write(managed: ManagedSession): Promise<void> {
    await this.#run()
    const kept = this.#describe(managed, managed.handledForSure)
    if (!managed.isResumable || this.#known === undefined || managed.isCountOver) return
    if (kept?.handled === managed.keptCount) return
    try {
      await this.#store.set(managed.id, kept)
      managed.keptCount = kept?.handled
    } catch (error) {
      this.#logFailure(managed, error)
      // A count that is too low would have the client believe that it had been told too much.
      if (managed.keptCount !== undefined) await this.#store.set(managed.id, undefined)
      managed.keptCount = undefined
    }
  }

  #describe(managed: ManagedSession, handled: number | undefined): KeptCount | undefined {
    const run = this.#known
    if (run === undefined || handled === undefined || managed.isCountOver) return undefined
    return { user: managed.session.jid.local, handled, run }
  }

  #isRunKnown(): boolean {
    if (this.#known === undefined) void this.#run()
    return this.#known !== undefined
  }

  async #run(): Promise<number | undefined> {
    this.#known ??= await this.#askRun()
    return this.#known
  }

  #logFailure({ session }: ManagedSession, error: unknown): void {
    this.#host.log.error('count not kept', { jid: session.jid.toString(), error })
  }
}
