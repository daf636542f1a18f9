// XEP-0060 §10: what is supported, as disco#info says it.
import { pubsubNamespace } from '../../stanza/namespaces.ts'

const always = [
  'config-node',
  'config-node-max',
  'create-and-configure',
  'create-nodes',
  'delete-items',
  'delete-nodes',
  'instant-nodes',
  'item-ids',
  'manage-subscriptions',
  'member-affiliation',
  'meta-data',
  'modify-affiliations',
  'multi-items',
  'outcast-affiliation',
  'persistent-items',
  'publish',
  'publish-node-full',
  'publish-only-affiliation',
  'publish-options',
  'publisher-affiliation',
  'purge-nodes',
  'retract-items',
  'retrieve-affiliations',
  'retrieve-default',
  'retrieve-default-sub',
  'retrieve-items',
  'retrieve-subscriptions',
  'subscribe',
  'subscription-notifications',
  'subscription-options',
]

/** The features of a service, with those that only it has. */
export function featuresOf(more: readonly string[]): string[] {
  const named = [...always, ...more].map((feature) => `${pubsubNamespace}#${feature}`)
  return [pubsubNamespace, ...named, 'http://jabber.org/protocol/rsm']
}
