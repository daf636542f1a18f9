// XEP-0060 §6.1.7, XEP-0163 §4.3.3: what was published last, for somebody who has come.
import type { Jid } from '../../jid/jid.ts'
import { mayReceive } from './access.ts'
import { sendItem } from './events.ts'
import { expireItems } from './kept-items.ts'
import type { PubSubService } from './pubsub-service.ts'
import { deliverNotifications } from './settings/deliver-notifications.ts'
import { sendLast } from './settings/send-last.ts'

/** Sends somebody the last item of every node that is set to do so and that they want. */
export async function sendLastItems(
  service: PubSubService,
  to: Jid,
  wants: (node: string) => boolean,
): Promise<void> {
  await service.nodes.open()
  const names = [...service.nodes.heads].filter(
    ({ name, config }) =>
      wants(name) && config.get(sendLast) === 'on_sub_and_presence' && config.get(deliverNotifications),
  )
  for (const { name } of names) await service.nodes.run(name, () => sendLastOf(service, name, to))
}

async function sendLastOf(service: PubSubService, name: string, to: Jid): Promise<void> {
  const node = service.nodes.has(name) ? await service.nodes.find(name) : undefined
  if (!node || !(await mayReceive(service, node, to))) return
  await expireItems(service, node)
  const last = await service.nodes.items.last(node)
  // Not waited for: whoever is slow does not keep others from the node.
  if (last) void sendItem(service, node, last, to)
}
