// XEP-0060 §4.5, §6.1.3, §6.5.9: who may subscribe to a node and read its items.
import type { Jid } from '../../jid/jid.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import type { Affiliation } from './affiliation.ts'
import type { Node } from './node.ts'
import type { PubSubService } from './pubsub-service.ts'
import { refusal } from './refusal.ts'
import { accessModel } from './settings/access-model.ts'
import { publishModel } from './settings/publish-model.ts'
import { rosterGroups } from './settings/roster-groups.ts'

/** Refuses by throwing what the service is to answer, unless somebody may subscribe (XEP-0060 §6.1.3). */
export async function checkAccess(service: PubSubService, node: Node, jid: Jid): Promise<void> {
  const affiliation = service.affiliationOf(node, jid)
  if (isShutOut(affiliation)) throw new StanzaError('forbidden', 'you may not read this node')
  if (affiliation !== 'none') return
  switch (node.config.get(accessModel)) {
    case 'presence':
      if (await service.policy.isPresenceSubscriber(jid)) return
      throw refusal(
        'not-authorized',
        'presence-subscription-required',
        'this is for those who may see presence',
      )
    case 'roster':
      if (await isInGroup(service, node, jid)) return
      throw refusal('not-authorized', 'not-in-roster-group', 'this is for certain groups of contacts')
    case 'whitelist':
      throw refusal('not-allowed', 'closed-node', 'this is for those who are listed')
  }
}

/** The same for reading items, for which one may have to be subscribed (XEP-0060 §6.5.9). */
export async function checkReading(service: PubSubService, node: Node, jid: Jid): Promise<void> {
  await checkAccess(service, node, jid)
  const affiliation = service.affiliationOf(node, jid)
  const isListed = affiliation === 'owner' || affiliation === 'publisher' || affiliation === 'member'
  if (!isListed && node.config.get(accessModel) === 'authorize' && !node.isSubscribed(jid)) {
    throw refusal('not-authorized', 'not-subscribed', 'this is for those who are subscribed')
  }
}

/** Whether a subscriber, or somebody of the audience, may be sent events now. */
export async function mayReceive(service: PubSubService, node: Node, jid: Jid): Promise<boolean> {
  const model = node.config.get(accessModel)
  const affiliation = service.affiliationOf(node, jid)
  if (isShutOut(affiliation)) return false
  // The usual case waits for nothing: an approved subscription or an open node.
  if (model === 'open' || affiliation === 'owner') return true
  if (model === 'authorize' && node.isSubscribed(jid)) return true
  return checkReading(service, node, jid).then(
    () => true,
    (error: unknown) => {
      if (error instanceof StanzaError) return false
      throw error
    },
  )
}

/**
 * Refuses by throwing, unless somebody may publish (XEP-0060 §7.1.3.1).
 */
export function checkPublishing(service: PubSubService, node: Node, jid: Jid): void {
  const affiliation = service.affiliationOf(node, jid)
  if (affiliation === 'owner' || affiliation === 'publisher' || affiliation === 'publish-only') return
  const model = node.config.get(publishModel)
  if (affiliation !== 'outcast') {
    if (model === 'open') return
    if (model === 'subscribers' && node.isSubscribed(jid)) return
  }
  throw new StanzaError('forbidden', 'you may not publish here')
}

/** Refuses by throwing, unless somebody owns the node. */
export function checkOwner(service: PubSubService, node: Node, jid: Jid): void {
  if (service.affiliationOf(node, jid) !== 'owner') {
    throw new StanzaError('forbidden', 'only owners do that')
  }
}

/** Whether an affiliation keeps somebody from a node's items, whatever its access model (XEP-0060 §4.1). */
export function isShutOut(affiliation: Affiliation): boolean {
  return affiliation === 'outcast' || affiliation === 'publish-only'
}

async function isInGroup({ policy }: PubSubService, node: Node, jid: Jid): Promise<boolean> {
  const allowed = node.config.get(rosterGroups)
  if (allowed.length === 0) return false
  const groups = await policy.groupsOf(jid)
  return groups.some((group) => allowed.includes(group))
}
