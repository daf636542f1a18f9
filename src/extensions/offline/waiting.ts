// What becomes of kept messages once somebody is there: given, and forgotten when acknowledged.
import type { Account } from '../../host/account.ts'
import type { Delivery } from '../../host/message.ts'
import type { ScopedHost } from '../../host/scoped-host.ts'
import type { ClientSession } from '../../session/client.ts'
import { delay, delayNamespace } from '../../stanza/delay.ts'
import type { Message } from '../../stanza/stanza.ts'
import type { StreamManagementApi } from '../stream-management/stream-management.ts'
import type { OfflineStore } from './offline-store.ts'

/** What waits for the accounts of a host, in the store and on the way out of it. */
export class Waiting {
  readonly #host: ScopedHost
  readonly #store: OfflineStore
  readonly #streamManagement: StreamManagementApi
  readonly #served = new WeakSet<ClientSession>()
  /** Under which key the store has a message that a session was given. */
  readonly #keyByGiven = new WeakMap<Message, string>()
  /** Keys that a session was given and has not acknowledged. */
  readonly #givenByAccount = new WeakMap<Account, Set<string>>()
  readonly #turnByAccount = new WeakMap<Account, Promise<void>>()

  constructor(host: ScopedHost, store: OfflineStore, streamManagement: StreamManagementApi) {
    this.#host = host
    this.#store = store
    this.#streamManagement = streamManagement
  }

  /** Keeps a message that nobody took, with when it came (XEP-0203); too many are left to go back. */
  async keep(delivery: Delivery): Promise<void> {
    const { message, account } = delivery
    const isDelayed = message.child('delay', delayNamespace) !== undefined
    const stamped = isDelayed
      ? message
      : message.with({ children: [...message.children, delay(this.#host.domain, this.#host.clock.now())] })
    if (await this.#store.add(account.jid, stamped)) delivery.isTaken = true
  }

  /** Whether the store still has a message that a session was given. */
  holds(given: Message): boolean {
    return this.#keyByGiven.has(given)
  }

  /** A session was given a message and is gone: somebody else has got it now, or it waits again. */
  takeBack(delivery: Delivery, given: Message): void {
    const key = this.#keyByGiven.get(given) as string
    this.#keyByGiven.delete(given)
    const [target] = delivery.targets
    if (target) this.#track(delivery.account, target, [{ key, message: delivery.message }])
    else this.#givenOf(delivery.account).delete(key)
    delivery.isTaken = true
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

  /** While an account is being given what waited, what comes now waits behind it. */
  inTurn(account: Account): Promise<void> | undefined {
    return this.#turnByAccount.get(account)
  }

  async #give(account: Account, session: ClientSession): Promise<void> {
    const given = this.#givenOf(account)
    const kept = (await this.#store.all(account.jid)).filter(({ key }) => !given.has(key))
    if (kept.length === 0 || session.hasEnded) return
    for (const { message } of kept) session.send(message)
    this.#track(account, session, kept)
  }

  /** Forgets messages once the session has acknowledged them. */
  #track(
    account: Account,
    session: ClientSession,
    messages: readonly { readonly key: string; readonly message: Message }[],
  ): void {
    const given = this.#givenOf(account)
    for (const { key, message } of messages) {
      given.add(key)
      this.#keyByGiven.set(message, key)
    }
    void this.#streamManagement.whenAcknowledged(session).then(async (isAcknowledged) => {
      if (!isAcknowledged) return
      const keys = messages.map(({ key }) => key)
      await this.#store.remove(account.jid, keys)
      for (const key of keys) given.delete(key)
    })
  }

  #givenOf(account: Account): Set<string> {
    let given = this.#givenByAccount.get(account)
    if (!given) {
      given = new Set()
      this.#givenByAccount.set(account, given)
    }
    return given
  }
}
