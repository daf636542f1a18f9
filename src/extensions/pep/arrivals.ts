// XEP-0163 §4.3.3: who comes, and wants to be told, is told what was published last, once.
import { forgetOldest } from '../../base/forget-oldest.ts'
import type { Account } from '../../host/account.ts'
import type { PresenceDelivery } from '../../host/presence.ts'
import type { ScopedHost } from '../../host/scoped-host.ts'
import type { Jid } from '../../jid/jid.ts'
import { capsNamespace } from '../../stanza/namespaces.ts'
import type { Presence } from '../../stanza/stanza.ts'
import { type EntityCapsApi, isFromOccupant } from '../entity-caps/entity-caps.ts'
import { sendLastItems } from '../pubsub/pubsub.ts'
import type { RosterApi } from '../roster/roster.ts'
import type { AccountNodes } from './account-nodes.ts'

/** Clients that have come, by the account that they came to. */
export class Arrivals {
  readonly #host: ScopedHost
  readonly #nodes: AccountNodes
  readonly #caps: EntityCapsApi
  readonly #roster: RosterApi
  readonly #mostClients: number
  /** What a client showed last of what it can do, by its address. */
  readonly #shownByAccount = new WeakMap<Account, Map<string, string>>()

  constructor(
    host: ScopedHost,
    parts: { nodes: AccountNodes; caps: EntityCapsApi; roster: RosterApi; mostClients: number },
  ) {
    this.#host = host
    this.#nodes = parts.nodes
    this.#caps = parts.caps
    this.#roster = parts.roster
    this.#mostClients = parts.mostClients
  }

  /** An account has been shown presence, by one of its own clients or by somebody else's. */
  note({ presence, account }: PresenceDelivery): void {
    const { from, type } = presence
    if (from.isBare || isFromOccupant(presence)) return
    if (type === 'unavailable') this.#shown(account).delete(from.toString())
    if (type !== 'available' || this.isNoNews(presence, account)) return
    this.#noteShown(account, presence)
    void this.#tell(account, from, () => this.#caps.capsOf(account, from))
  }

  /**
   * Somebody asks for an account's presence, as a client's server does when the client comes. An account without
   * sessions was not shown the client's presence; what the client can do is known where it has its account.
   */
  noteProbe({ presence, account }: PresenceDelivery): void {
    const { from } = presence
    if (from.isBare || this.#shown(account).has(from.toString())) return
    const other = from.domain === this.#host.domain.domain ? this.#host.accountOf(from.bare) : undefined
    if (other) void this.#tell(account, from, () => this.#caps.capsOf(other, from))
  }

  async #tell(
    account: Account,
    client: Jid,
    capsOf: () => Promise<ReadonlySet<string>> | undefined,
  ): Promise<void> {
    try {
      const isOwn = client.bare.equals(account.jid)
      if (!isOwn && !(await this.#roster.isViewer(account, client))) return
      const features = await capsOf()
      if (features)
        await sendLastItems(this.#nodes.of(account), client, (node) => features.has(`${node}+notify`))
    } catch (error) {
      this.#host.log.error('last items could not be told', { error, account: account.jid.toString() })
    }
  }

  /** Whether `note` would do nothing, as with presence that says of what a client can do what the one before said. */
  isNoNews(presence: Presence, account: Account): boolean {
    const { from, type } = presence
    if (from.isBare || isFromOccupant(presence)) return true
    if (type !== 'available') return type !== 'unavailable'
    const version = versionOf(presence)
    // XEP-0115 §8.4: presence without caps takes nothing back.
    return version === undefined || this.#shownByAccount.get(account)?.get(from.toString()) === version
  }

  #noteShown(account: Account, presence: Presence): void {
    const key = presence.from.toString()
    const shown = this.#shown(account)
    shown.delete(key)
    shown.set(key, versionOf(presence) as string)
    if (shown.size > this.#mostClients) forgetOldest(shown)
  }

  #shown(account: Account): Map<string, string> {
    let shown = this.#shownByAccount.get(account)
    if (!shown) {
      shown = new Map()
      this.#shownByAccount.set(account, shown)
    }
    return shown
  }
}

/** What presence says of what a client can do, if it does. */
function versionOf(presence: Presence): string | undefined {
  const caps = presence.child('c', capsNamespace)
  return caps && `${caps.attribute('hash')} ${caps.attribute('ver')}`
}
