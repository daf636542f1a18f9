// XEP-0060: one address with nodes, as the parts that answer its requests see it.
import type { Clock } from '../../base/clock.ts'
import type { Ids } from '../../base/ids.ts'
import type { Jid } from '../../jid/jid.ts'
import type { Stanza } from '../../stanza/stanza.ts'
import type { Store } from '../../storage/storage.ts'
import type { Affiliation } from './affiliation.ts'
import type { Node } from './node.ts'
import type { NodeChange } from './node-change.ts'
import { Nodes } from './nodes.ts'
import type { NodeForms, NodeLimits } from './options.ts'
import type { AccessModel } from './settings/access-model.ts'
import type { NodeConfig } from './settings/node-config.ts'
import type { SettingLimits } from './settings/setting.ts'

/** Wherein services differ: a domain of its own, or an account. */
export interface Policy {
  /** What new nodes begin with. */
  readonly defaults: NodeConfig
  /** Access models that nodes may have. */
  readonly accessModels: ReadonlySet<AccessModel>
  /** Whether publishing makes the node (XEP-0060 §7.1.4). */
  readonly createsOnPublish: boolean
  /** Whether items say who published them, whatever the node's configuration. */
  readonly exposesPublisher: boolean
  /** Nodes at this address. */
  readonly maxNodes: number
  /** Bytes of all payloads at this address; no limit if left out. */
  readonly maxBytes?: number
  /** Nodes here that one account may have made. */
  readonly maxNodesPerCreator: number
  mayCreate(jid: Jid): boolean
  /** Whether somebody owns every node here. */
  ownsAll(jid: Jid): boolean
  /** Whether somebody may see the presence of the nodes' owner. */
  isPresenceSubscriber(jid: Jid): Promise<boolean>
  /** Groups in which the nodes' owner has somebody. */
  groupsOf(jid: Jid): Promise<readonly string[]>
  /** Who gets a node's events without having subscribed (XEP-0060 §9.1). */
  audience(node: Node): Iterable<Jid> | Promise<Iterable<Jid>>
}

/** What a service is made of. */
export interface PubSubServiceParts {
  /** Whence events come. */
  readonly jid: Jid
  /** Under whose name nodes are kept. */
  readonly owner: string
  readonly store: Store
  readonly clock: Clock
  readonly ids: Ids
  readonly policy: Policy
  readonly limits: NodeLimits
  readonly forms: NodeForms
  readonly nodesInMemory: number
  route(stanza: Stanza): void | Promise<void>
  /** Hears of every change of items; requests are answered when its promise has resolved. */
  changed?(change: NodeChange): void | Promise<void>
}

/** A pubsub service: a domain of its own, or the virtual one that every account has. */
export class PubSubService {
  readonly jid: Jid
  readonly clock: Clock
  readonly ids: Ids
  readonly policy: Policy
  readonly limits: NodeLimits
  readonly forms: NodeForms
  readonly nodes: Nodes
  /** Tells whoever wants to know that items have changed. */
  readonly changed: ((change: NodeChange) => void | Promise<void>) | undefined
  readonly #route: (stanza: Stanza) => void | Promise<void>

  constructor(parts: PubSubServiceParts) {
    this.jid = parts.jid
    this.clock = parts.clock
    this.ids = parts.ids
    this.policy = parts.policy
    this.limits = parts.limits
    this.forms = parts.forms
    this.nodes = new Nodes({
      store: parts.store,
      owner: parts.owner,
      defaults: parts.policy.defaults,
      ids: parts.ids,
      inMemory: parts.nodesInMemory,
    })
    this.#route = parts.route
    this.changed = parts.changed
  }

  /** Bounds of settings. */
  get settingLimits(): SettingLimits {
    return { maxItems: this.limits.items, payloadBytes: this.limits.payloadBytes }
  }

  /** What somebody is to a node, by its list or because the whole service is theirs. */
  affiliationOf(node: Node, jid: Jid): Affiliation {
    return this.policy.ownsAll(jid) ? 'owner' : node.affiliationOf(jid)
  }

  /** Sends a stanza from the service. A promise is who is slow to take it. */
  send(stanza: Stanza): void | Promise<void> {
    return this.#route(stanza)
  }
}
