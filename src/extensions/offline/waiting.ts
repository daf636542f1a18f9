// What becomes of messages that wait, and of those on their way: kept, given, and forgotten when acknowledged.
import type { Account } from '../../host/account.ts'
import { type Delivery, targetsOf } from '../../host/message.ts'
import type { ScopedHost } from '../../host/scoped-host.ts'
import type { ClientSession } from '../../session/client.ts'
import type { Message } from '../../stanza/stanza.ts'
import { stanzaIdOf } from '../../stanza/stanza-id.ts'
import type { Acknowledgement, StreamManagementApi } from '../stream-management/stream-management.ts'
import { type GivenMessage, GivenMessages } from './given-messages.ts'
import { MessageKey } from './message-key.ts'
import type { OfflineStore } from './offline-store.ts'

/** How many messages that a session has read in the archive are remembered until it is given what waits. */
const maxRead = 10_000
/** After which time what could not be removed from the store is tried again. */
const retryMs = 1000

/** What waits for the accounts of a host, in the store and on the way out of it. */
export class Waiting {
  readonly #host: ScopedHost
  readonly #store: OfflineStore
  readonly #streamManagement: StreamManagementApi
  readonly #served = new WeakSet<ClientSession>()
  /** Ids of the archive. */
  readonly #readBySession = new WeakMap<ClientSession, Set<string>>()
  readonly #leftToArchive = new WeakSet<ClientSession>()
  readonly #given = new GivenMessages()
  readonly #turnByAccount = new WeakMap<Account, Promise<void>>()
  #hasEnded = false

  constructor(host: ScopedHost, store: OfflineStore, streamManagement: StreamManagementApi) {
    this.#host = host
    this.#store = store
    this.#streamManagement = streamManagement
  }

  /** Keeps a message that nobody took; too many are left to go back. */
  async keep(delivery: Delivery): Promise<void> {
    const { message, account } = delivery
    const key = this.#store.nextKey()
    const isFull = this.#store.isFull(account.jid)
    if (isFull === true) return
    // Asked for now: a session that becomes available finds it.
    const { promise: kept, resolve, reject } = Promise.withResolvers<void>()
    kept.catch(() => {})
    this.#store.add(account.jid, key, message, { kept: resolve, refused: reject })
    const given = this.#given.begin(account, key, message, [])
    if (await isFull) {
      this.#given.remove(given)
      return this.#store.takeBack(account.jid, key)
    }
    delivery.isTaken = true
    delivery.acknowledgeWithWrite(kept)
  }

  /** A message that its sender is told was refused is not given to anybody later; those online have it. */
  withdraw({ message }: Delivery): void {
    const given = this.#given.find(message)
    if (given && !given.isDone) this.#forget(given.account, [given])
  }

  /** Keeps a message that sessions have just been given, until one of them acknowledges it. */
  secure(delivery: Delivery): void {
    const { message, account, targets } = delivery
    if (!this.#mustBeAcknowledged(targets)) return
    const key = this.#store.nextKey()
    this.#given.begin(account, key, message, targets)
    this.#store.add(account.jid, key, message, delivery.hold())
  }

  /** What the store still has of what a session was given. */
  givenAs(message: Message): GivenMessage | undefined {
    return this.#given.find(message)
  }

  /** A session was given a message and is gone: somebody else has got it now, or it waits again. */
  takeBack(delivery: Delivery, given: GivenMessage): void {
    const { message, account, targets } = delivery
    delivery.isTaken = true
    // Whoever ended earlier, and still hands over what it was given, finds the same entry.
    if (targets.length === 0) given.sessions = []
    else if (this.#mustBeAcknowledged(targets)) this.#given.add(account, given.key, message, targets)
    else this.#forget(account, [given])
  }

  /** Forgets what a client has acknowledged. */
  acknowledged({ stanzas }: Acknowledgement): void {
    const done: GivenMessage[] = []
    for (const { stanza } of stanzas) {
      const given = stanza.kind === 'message' ? this.#given.find(stanza) : undefined
      if (given && !given.isDone) done.push(given)
    }
    const [first] = done
    if (first) this.#forget(first.account, done)
  }

  /** A session that has come back is given again what the store has under a key. */
  restored(session: ClientSession, keyText: string, message: Message): void {
    const key = MessageKey.of(keyText)
    const account = this.#host.accountOf(session.jid)
    if (!account) return
    const given = this.#given.addSession(account, key, message, session)
    // Another session may have acknowledged it: this one has its copy, and nobody else gets one.
    this.#store.has(account.jid, key).then(
      (isThere) => {
        if (isThere) return
        given.isDone = true
        this.#noteForgotten(account, [given])
      },
      (error: unknown) => this.#host.log.error('offline message not looked up', { error }),
    )
  }

  /** XEP-0313 §3: a session has read those messages in the archive before it is given what waits. */
  noteRead(session: ClientSession, archiveIds: readonly string[]): void {
    if (this.#served.has(session)) return
    const read = this.#readBySession.get(session) ?? new Set()
    this.#readBySession.set(session, read)
    for (const id of archiveIds) if (read.size < maxRead) read.add(id)
  }

  /** XEP-0386 §3.2: a session gets what is in the archive from there. */
  leaveToArchive(session: ClientSession): void {
    this.#leftToArchive.add(session)
  }

  /** Whether a session has been given what waited. */
  isServed(session: ClientSession): boolean {
    return this.#served.has(session)
  }

  /** Gives a session what waits, in order, one session of an account at a time. */
  serve(account: Account, session: ClientSession): void {
    this.#served.add(session)
    const before = this.#turnByAccount.get(account) ?? Promise.resolve()
    const turn: Promise<void> = before
      .then(() => this.#give(account, session))
      .catch((error: unknown) => this.#host.log.error('offline messages not given', { error }))
      .finally(() => {
        if (this.#turnByAccount.get(account) === turn) this.#turnByAccount.delete(account)
      })
    this.#turnByAccount.set(account, turn)
  }

  /** Whether an account is being given what waited. */
  isServing(account: Account): boolean {
    return this.#turnByAccount.has(account)
  }

  /**
   * While an account is being given what waited, what comes now waits behind it. Asked last before it is delivered:
   * who gets it may have changed.
   */
  inTurn(delivery: Delivery): Promise<void> | undefined {
    const turn = this.#turnByAccount.get(delivery.account)
    return turn && this.#waitForTurns(delivery, turn)
  }

  async #waitForTurns(delivery: Delivery, first: Promise<void>): Promise<void> {
    for (let turn: Promise<void> | undefined = first; turn; turn = this.#turnByAccount.get(delivery.account))
      await turn
    delivery.targets = targetsOf(delivery.message, delivery.account)
  }

  async #give(account: Account, session: ClientSession): Promise<void> {
    const all = await this.#store.all(account.jid)
    const kept = all.filter(({ key }) => !this.#given.isTaken(account, key))
    if (kept.length === 0 || session.hasEnded) return
    const sessions = [session]
    const read = this.#readBySession.get(session)
    const isLeft = this.#leftToArchive.has(session)
    const mustBeAcknowledged = this.#mustBeAcknowledged(sessions)
    const done: GivenMessage[] = []
    for (const { key, message } of kept) {
      const given = this.#given.add(account, key, message, sessions)
      const archiveId = stanzaIdOf(message, account.jid)
      const isRead = archiveId !== undefined && (isLeft || read?.has(archiveId) === true)
      if (!isRead) session.send(message)
      if (isRead || !mustBeAcknowledged) done.push(given)
    }
    this.#readBySession.delete(session)
    if (done.length > 0) this.#forget(account, done)
  }

  /** What a session that acknowledges nothing has been sent counts as received. */
  #mustBeAcknowledged(sessions: readonly ClientSession[]): boolean {
    for (const session of sessions) if (!this.#streamManagement.manages(session)) return false
    return sessions.length > 0
  }

  /** Nobody waits for it. If it cannot be done, they are known as done meanwhile, and it is tried again. */
  #forget(account: Account, done: readonly GivenMessage[]): void {
    for (const given of done) given.isDone = true
    const keys = this.#store.removeUnwritten(
      account.jid,
      done.map(({ key }) => key),
    )
    // As usual: nobody had written them.
    if (keys.length === 0) {
      this.#noteForgotten(account, done)
      return
    }
    this.#store.remove(account.jid, keys).then(
      () => this.#noteForgotten(account, done),
      (error: unknown) => {
        this.#host.log.error('offline messages not forgotten', { error })
        this.#host.clock.after(retryMs, () => !this.#hasEnded && this.#forget(account, done))
      },
    )
  }

  /** Nothing is tried again from now on. */
  end(): void {
    this.#hasEnded = true
  }

  /** Who is just being given what waits may have read the store before: until then they count as done. */
  #noteForgotten(account: Account, done: readonly GivenMessage[]): void {
    const remove = () => {
      for (const given of done) this.#given.remove(given)
    }
    const turn = this.#turnByAccount.get(account)
    if (turn) void turn.then(remove)
    else remove()
  }
}
