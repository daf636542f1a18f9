// XEP-0357 §5, §6: which services are told of what comes for which account.
import type { ScopedHost } from '../../host/scoped-host.ts'
import type { Jid } from '../../jid/jid.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import type { Collection } from '../../storage/storage.ts'
import type { Enabled, PublishOptions, Target } from './push-elements.ts'

/** A service that is told, as it is kept. The options may hold secrets of the service: they are for nobody else. */
export type Registration = {
  readonly service: string
  /** `''` for none. */
  readonly node: string
  readonly options: PublishOptions
  /** When the client asked for it last, in milliseconds since 1970. */
  readonly since: number
}

/** Accounts of which it is remembered that they have none. */
const maxRemembered = 100_000

/** The registrations of all accounts of a host. */
export class Registrations {
  readonly #host: ScopedHost
  readonly #collection: Collection<Registration>
  readonly #maxServices: number
  /** Accounts known to have none, which most have not: nothing need be read for them. */
  readonly #accountsWithout = new Set<string>()
  #additions = 0

  constructor(host: ScopedHost, { maxServices }: { readonly maxServices: number }) {
    this.#host = host
    this.#collection = host.store.collection('push')
    this.#maxServices = maxServices
  }

  /** All of an account's. */
  async of(account: Jid): Promise<Registration[]> {
    const additions = this.#additions
    const registrations = [...(await this.#collection.all(account.local)).values()]
    if (registrations.length === 0 && additions === this.#additions) this.#rememberNone(account)
    return registrations
  }

  /** Whether an account is known to have none. */
  isKnownToHaveNone(account: Jid): boolean {
    return this.#accountsWithout.has(account.local)
  }

  /**
   * Keeps a registration; one for the same node of the same service is replaced.
   * @throws StanzaError resource-constraint
   */
  async add(account: Jid, { service, node = '', options }: Enabled): Promise<void> {
    const key = keyOf(service.toString(), node)
    const isNew = (await this.#collection.get(account.local, key)) === undefined
    if (isNew && (await this.#collection.count(account.local)) >= this.#maxServices) {
      throw new StanzaError('resource-constraint', `at most ${this.#maxServices} services are told`)
    }
    this.#additions += 1
    this.#accountsWithout.delete(account.local)
    const registration = { service: service.toString(), node, options, since: this.#host.clock.now() }
    await this.#collection.set(account.local, key, registration)
  }

  /** Removes what is registered for a service, or for one node of it; answers how many were. */
  async remove(account: Jid, { service, node }: Target): Promise<number> {
    const removed = (await this.of(account)).filter(
      (kept) => kept.service === service.toString() && (node === undefined || kept.node === node),
    )
    if (removed.length > 0) await this.#drop(account, removed)
    return removed.length
  }

  /** Removes a registration that has failed, unless the client has renewed it meanwhile. */
  async end(account: Jid, registration: Registration): Promise<void> {
    const kept = await this.#collection.get(account.local, keyOf(registration.service, registration.node))
    if (kept?.since === registration.since) await this.#drop(account, [registration])
  }

  #rememberNone(account: Jid): void {
    if (this.#accountsWithout.size >= maxRemembered) this.#accountsWithout.clear()
    this.#accountsWithout.add(account.local)
  }

  #drop(account: Jid, registrations: readonly Registration[]): Promise<void> {
    const keys = registrations.map(({ service, node }) => keyOf(service, node))
    return this.#collection.change(account.local, new Map(keys.map((key) => [key, undefined])))
  }
}

// No address has a line feed.
function keyOf(service: string, node: string): string {
  return `${service}\n${node}`
}
