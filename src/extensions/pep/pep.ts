// XEP-0163: Personal Eventing Protocol
import { defineExtension } from '../../host/extension.ts'
import { pubsubNamespace } from '../../stanza/namespaces.ts'
import { disco } from '../disco/disco.ts'
import { entityCaps } from '../entity-caps/entity-caps.ts'
import {
  answer,
  featuresOf,
  isDecision,
  listNodes,
  nodeInfo,
  nodeItems,
  pubsubOwnerNamespace,
  receiveDecision,
  removeAllNodes,
} from '../pubsub/pubsub.ts'
import { roster } from '../roster/roster.ts'
import { AccountNodes } from './account-nodes.ts'
import { Arrivals } from './arrivals.ts'
import { pepOptions } from './options.ts'
import { OwnNodes } from './own-nodes.ts'

export type { AccountNodeChange } from './account-nodes.ts'
export type { OwnItem, OwnNodes, Publication } from './own-nodes.ts'

/** What only accounts do among services (XEP-0163 §6.1). */
const features = [
  'access-presence',
  'auto-create',
  'auto-subscribe',
  'filtered-notifications',
  'last-published',
  'presence-subscribe',
  // XEP-0060 §9
  'pubsub-on-a-jid',
]

/** Lets accounts publish what their contacts want to know, and keep what their own clients share. */
export const pep = defineExtension({
  name: 'pep',
  xep: { number: 163, version: '1.2.2' },
  needs: { disco, roster, entityCaps },
  options: pepOptions,
  setup(host, { disco, roster, entityCaps }, options): OwnNodes {
    const nodes = new AccountNodes(host, roster, entityCaps, options)
    const mostClients = options.clientsFollowed
    const arrivals = new Arrivals(host, { nodes, caps: entityCaps, roster, mostClients })
    host.account.identify({ category: 'pubsub', type: 'pep' })
    for (const feature of featuresOf(features)) host.account.advertise(feature)
    for (const namespace of [pubsubNamespace, pubsubOwnerNamespace]) {
      host.account.openIq.get(namespace, 'pubsub', (iq, account) => answer(nodes.of(account), iq))
      host.account.openIq.set(namespace, 'pubsub', (iq, account) => answer(nodes.of(account), iq))
    }
    host.keep(
      disco.addAccountItems(async (iq, account) => {
        return (await listNodes(nodes.of(account), iq, {}, options.nodesPerAccount)).items
      }),
    )
    host.keep(
      disco.addAccountNodes({
        info: (node, iq, account) => nodeInfo(nodes.of(account), node, iq),
        items: (node, iq, account) => nodeItems(nodes.of(account), node, iq),
      }),
    )
    host.presenceSent.announce((delivery) => {
      if (!delivery.presence.to) arrivals.note(delivery)
    })
    // Before the roster answers the probe, and nobody after it hears of it.
    host.presenceReceived.check(
      (delivery) => {
        if (delivery.presence.type === 'probe') arrivals.noteProbe(delivery)
      },
      ({ type }) => type !== 'probe',
    )
    host.presenceReceived.deliver(
      (delivery) => arrivals.note(delivery),
      (presence, account) => arrivals.isNoNews(presence, account),
    )
    // XEP-0060 §8.6: owners answer their own account.
    host.sent.check(({ message, account }) => {
      if (!message.to?.equals(account.jid) || !isDecision(message)) return
      return receiveDecision(nodes.of(account), message).then(() => 'stop' as const)
    })
    host.accountRemoved((account) => removeAllNodes(host.store, account.local))
    return new OwnNodes(nodes, options.items)
  },
})
