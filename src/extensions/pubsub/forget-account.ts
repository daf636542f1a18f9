// What nodes know of an account ends with it: whoever has the name next is a stranger to them.
import type { Jid } from '../../jid/jid.ts'
import type { Node } from './node.ts'
import { type Changes, putAffiliation, putSubscription } from './node-store.ts'
import type { PubSubService } from './pubsub-service.ts'

/**
 * Ends what an account that is being removed is to the nodes of a service, one node after the other. An outcast stays one: else
 * one would be let in by removing oneself. A node that has lost its last owner is left to those who run the service.
 */
export async function forgetAccount({ nodes }: PubSubService, account: Jid): Promise<void> {
  for (const name of (await nodes.store.namesFor(account)) ?? []) {
    await nodes.run(name, async () => {
      const node = nodes.has(name) ? await nodes.find(name) : undefined
      const changes = node && letGo(node, account)
      if (node && changes && changes.size > 0) await nodes.store.changeLists(node, changes)
      if (node?.affiliationOf(account) !== 'outcast') await nodes.store.forgetName(account, name)
    })
  }
}

function letGo(node: Node, account: Jid): Changes {
  const changes: Changes = new Map()
  const affiliation = node.affiliationOf(account)
  if (affiliation !== 'none' && affiliation !== 'outcast') {
    node.affiliations.delete(account.toString())
    putAffiliation(changes, node, account)
  }
  for (const [address, { jid }] of node.subscriptions) {
    if (!jid.bare.equals(account)) continue
    node.subscriptions.delete(address)
    putSubscription(changes, node, address)
  }
  return changes
}
