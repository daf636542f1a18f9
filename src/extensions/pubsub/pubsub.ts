// XEP-0060: Publish-Subscribe
import { defineExtension } from '../../host/extension.ts'
import type { ScopedHost } from '../../host/scoped-host.ts'
import type { Jid } from '../../jid/jid.ts'
import { pubsubNamespace } from '../../stanza/namespaces.ts'
import type { Stanza } from '../../stanza/stanza.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import { commands } from '../commands/commands.ts'
import { disco } from '../disco/disco.ts'
import { answer } from './answer.ts'
import { isDecision, receiveDecision } from './authorize.ts'
import { featuresOf } from './features.ts'
import { forgetAccount } from './forget-account.ts'
import { pubsubOwnerNamespace } from './namespaces.ts'
import { listNodes, nodeInfo, nodeItems } from './node-disco.ts'
import { type PubSubOptions, pubsubOptions } from './options.ts'
import { getPending } from './pending.ts'
import { type Policy, PubSubService } from './pubsub-service.ts'
import { type AccessModel, accessModel } from './settings/access-model.ts'
import { sendLast } from './settings/send-last.ts'
import { readDefaults } from './settings/settings.ts'

export { answer } from './answer.ts'
export { isDecision, receiveDecision } from './authorize.ts'
export { featuresOf } from './features.ts'
export { payloadOf } from './item-elements.ts'
export { sendLastItems } from './last-items.ts'
export { pubsubOwnerNamespace } from './namespaces.ts'
export type { Item } from './node.ts'
export type { NodeChange } from './node-change.ts'
export { listNodes, nodeInfo, nodeItems } from './node-disco.ts'
export { removeAllNodes } from './node-store.ts'
export { nodeDefaults, nodeForms, nodeLimits } from './options.ts'
export { type Policy, PubSubService } from './pubsub-service.ts'
export { type AccessModel, accessModel } from './settings/access-model.ts'
export type { NodeConfig } from './settings/node-config.ts'
export { readDefaults } from './settings/settings.ts'

/** A service of nodes, on a domain of its own. */
export const pubsub = defineExtension({
  name: 'pubsub',
  xep: { number: 60, version: '1.30.0' },
  needs: { disco },
  uses: { commands },
  options: pubsubOptions,
  setup(host, { disco, commands }, options) {
    const service = new PubSubService({
      jid: host.domain,
      owner: '',
      store: host.store,
      clock: host.clock,
      ids: host.ids,
      policy: policyOf(host, options),
      limits: options,
      forms: options,
      nodesInMemory: options.nodesInMemory,
      route: (stanza) => host.route(stanza),
    })
    host.identify({ category: 'pubsub', type: 'service', name: options.name })
    const { defaults } = service.policy
    const own = [`access-${defaults.get(accessModel)}`]
    if (commands) own.push('get-pending')
    // XEP-0060 §6.1.7
    if (defaults.get(sendLast) !== 'never') own.push('last-published')
    for (const feature of featuresOf(own)) host.advertise(feature)
    if (commands) host.keep(commands.add(getPending(service, options.pageSize)))
    for (const namespace of [pubsubNamespace, pubsubOwnerNamespace]) {
      host.iq.get(namespace, 'pubsub', (iq) => answer(service, iq))
      host.iq.set(namespace, 'pubsub', (iq) => answer(service, iq))
    }
    host.keep(disco.addPagedItems((iq, page) => listNodes(service, iq, page)))
    host.keep(
      disco.addNodes({
        info: (node, iq) => nodeInfo(service, node, iq),
        items: (node, iq) => nodeItems(service, node, iq),
      }),
    )
    host.accountRemoved((account) => forgetAccount(service, account))
    host.serve({
      receive: refuse,
      receiveAtDomain: (message) =>
        isDecision(message) ? receiveDecision(service, message) : refuse(message),
    })
  },
})

// All nodes are at the domain itself (XEP-0060 §4.6.1); nobody is told of a mistake in an answer.
function refuse(stanza: Stanza): void {
  if (stanza.type !== 'error') throw new StanzaError('service-unavailable', 'nobody here answers that')
}

// A domain has neither presence nor a roster.
const accessModels: ReadonlySet<AccessModel> = new Set<AccessModel>(['open', 'authorize', 'whitelist'])

function policyOf(host: ScopedHost, options: PubSubOptions): Policy {
  const limits = { maxItems: options.items, payloadBytes: options.payloadBytes }
  return {
    defaults: readDefaults(options.defaults, [], limits),
    accessModels,
    createsOnPublish: false,
    exposesPublisher: options.exposePublisher,
    maxNodes: options.nodes,
    maxNodesPerCreator: options.nodesPerAccount,
    mayCreate: (jid) => mayCreate(host, options, jid),
    ownsAll: (jid) => host.isAdmin(jid),
    isPresenceSubscriber: () => Promise.resolve(false),
    groupsOf: () => Promise.resolve([]),
    audience: () => [],
  }
}

function mayCreate(host: ScopedHost, { create }: PubSubOptions, jid: Jid): boolean {
  if (host.isAdmin(jid) || create === 'anyone') return true
  return create === 'local' && jid.domain !== '' && host.domain.domain.endsWith(`.${jid.domain}`)
}
