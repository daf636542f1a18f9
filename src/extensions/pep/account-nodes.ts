// XEP-0163 §3: every account is a pubsub service.
import { Signal } from '../../base/signal.ts'
import type { Account } from '../../host/account.ts'
import type { ScopedHost } from '../../host/scoped-host.ts'
import type { Jid } from '../../jid/jid.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import type { EntityCapsApi } from '../entity-caps/entity-caps.ts'
import {
  type AccessModel,
  type NodeChange,
  type NodeConfig,
  type Policy,
  PubSubService,
  readDefaults,
} from '../pubsub/pubsub.ts'
import type { RosterApi } from '../roster/roster.ts'
import type { PepOptions } from './options.ts'

const accessModels: ReadonlySet<AccessModel> = new Set<AccessModel>([
  'authorize',
  'open',
  'presence',
  'roster',
  'whitelist',
])

/** What new nodes of accounts begin with (XEP-0163 §3.1), unless an operator says otherwise. */
const standard = [
  ['pubsub#max_items', 1],
  ['pubsub#access_model', 'presence'],
  ['pubsub#send_last_published_item', 'on_sub_and_presence'],
] as const

/** A change of what one of an account's nodes holds. */
export interface AccountNodeChange extends NodeChange {
  readonly account: Account
}

/** The services of the accounts that are loaded. */
export class AccountNodes {
  /** What has become of items, for extensions. */
  readonly changes = new Signal<AccountNodeChange>()
  readonly #host: ScopedHost
  readonly #roster: RosterApi
  readonly #caps: EntityCapsApi
  readonly #options: PepOptions
  readonly #defaults: NodeConfig
  readonly #serviceByAccount = new WeakMap<Account, PubSubService>()

  constructor(host: ScopedHost, roster: RosterApi, caps: EntityCapsApi, options: PepOptions) {
    this.#host = host
    this.#roster = roster
    this.#caps = caps
    this.#options = options
    const limits = { maxItems: options.items, payloadBytes: options.payloadBytes }
    this.#defaults = readDefaults(options.defaults, standard, limits)
  }

  /** An account's service; what it knows goes when the account is unloaded. */
  of(account: Account): PubSubService {
    let service = this.#serviceByAccount.get(account)
    if (!service) {
      service = this.#make(account)
      this.#serviceByAccount.set(account, service)
    }
    return service
  }

  #make(account: Account): PubSubService {
    const host = this.#host
    return new PubSubService({
      jid: account.jid,
      owner: account.jid.local,
      store: host.store,
      clock: host.clock,
      ids: host.ids,
      policy: this.#policyOf(account),
      limits: this.#options,
      forms: this.#options,
      nodesInMemory: this.#options.nodesPerAccount,
      route: (stanza) => host.route(stanza),
      changed: (change) => this.#changed({ ...change, account }),
    })
  }

  #changed(change: AccountNodeChange): Promise<void> {
    return this.changes.emitAndWait(change, (error) => {
      // What is too large elsewhere, or has no room there, is no fault.
      const level = error instanceof StanzaError ? 'info' : 'error'
      this.#host.log[level]('what was published could not be converted', { error, node: change.node })
    })
  }

  #policyOf(account: Account): Policy {
    const isOwn = (jid: Jid) => jid.bare.equals(account.jid)
    return {
      defaults: this.#defaults,
      accessModels,
      createsOnPublish: true,
      exposesPublisher: this.#options.exposePublisher,
      maxNodes: this.#options.nodesPerAccount,
      maxBytes: this.#options.bytesPerAccount,
      maxNodesPerCreator: this.#options.nodesPerAccount,
      mayCreate: isOwn,
      ownsAll: isOwn,
      isPresenceSubscriber: (jid) => this.#roster.isViewer(account, jid),
      groupsOf: (jid) => this.#roster.groups(account, jid),
      audience: (node) => this.#audience(account, `${node.name}+notify`),
    }
  }

  // XEP-0163 §4.3: own clients, and those of contacts who see the account's presence, if they say that they want it.
  async #audience(account: Account, feature: string): Promise<Jid[]> {
    const wanting = [...this.#caps.having(account, feature)]
    if (wanting.every((entity) => entity.bare.equals(account.jid))) return wanting
    const viewers = new Set((await this.#roster.viewers(account)).map(String))
    viewers.add(account.jid.toString())
    return wanting.filter((entity) => viewers.has(entity.bare.toString()))
  }
}
