// What a node's settings say of the items it keeps.
import type { Node } from './node.ts'
import type { PubSubService } from './pubsub-service.ts'
import { itemExpire } from './settings/item-expire.ts'
import { maxItems } from './settings/max-items.ts'

/** How many items a node keeps. */
export function mostItems({ limits }: PubSubService, node: Node): number {
  const wanted = node.config.get(maxItems)
  return wanted === 'max' ? limits.items : Math.min(wanted, limits.items)
}

/** Removes items whose time is over (`pubsub#item_expire`). Nobody is told: everybody could know. */
export async function expireItems(service: PubSubService, node: Node): Promise<void> {
  const seconds = node.config.get(itemExpire)
  if (seconds > 0) await service.nodes.items.removeOlder(node, service.clock.now() - seconds * 1000)
}
