// XEP-0060 §7.2 and §8.5: taking items back, one or all.
import { parseBoolean } from '../../stanza/form.ts'
import { pubsubEventNamespace } from '../../stanza/namespaces.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import { element } from '../../xml/element.ts'
import { checkOwner, checkPublishing } from './access.ts'
import { announce, itemsEvent, retractEvent } from './events.ts'
import type { Node } from './node.ts'
import { noPersistentItems, refusal } from './refusal.ts'
import type { Request } from './request.ts'
import { notifyRetract } from './settings/notify-retract.ts'
import { persistItems } from './settings/persist-items.ts'

/** `<retract/>`: owners any item, publishers their own (XEP-0060 §4.1: a publish-only entity none). */
export async function retract(request: Request): Promise<void> {
  const { service } = request
  const node = await request.node()
  checkPublishing(service, node, request.from)
  checkPersistent(node)
  const ids = idsOf(request)
  for (const id of ids) await checkOwn(request, node, id)
  // XEP-0060 §12.16: a batch is taken back as a whole or not at all.
  await service.nodes.items.remove(node, ids)
  request.changed({ node: node.name, retracted: ids })
  const isForced = parseBoolean(request.action.attribute('notify') ?? '') === true
  if (!isForced && !node.config.get(notifyRetract)) return
  const event = itemsEvent(node, ...ids.map(retractEvent))
  await announce(service, node, event, request.slow)
}

/** `<purge/>`: all items. */
export async function purge(request: Request): Promise<void> {
  const { service } = request
  const node = await request.node()
  checkOwner(service, node, request.from)
  checkPersistent(node)
  await service.nodes.purge(node)
  request.changed({ node: node.name, isEmptied: true })
  if (!node.config.get(notifyRetract)) return
  const event = element('purge', pubsubEventNamespace, { node: node.name })
  await announce(service, node, event, request.slow)
}

// XEP-0060 §7.2.3.5, §8.5.3.4
function checkPersistent(node: Node): void {
  if (node.config.get(persistItems)) return
  throw noPersistentItems()
}

function idsOf(request: Request): string[] {
  const ids = request.elements('item').map((item) => item.attribute('id') ?? '')
  if (ids.length === 0 || ids.includes('')) {
    throw refusal('bad-request', 'item-required', 'the request does not say which item')
  }
  return [...new Set(ids)]
}

async function checkOwn({ service, from }: Request, node: Node, id: string): Promise<void> {
  const item = await service.nodes.items.find(node, id)
  if (!item) throw new StanzaError('item-not-found', 'there is no such item')
  const affiliation = service.affiliationOf(node, from)
  if (affiliation === 'owner') return
  const isOwn = item.publisher === from.bare.toString() && affiliation !== 'publish-only'
  if (!isOwn) throw new StanzaError('forbidden', 'others published that')
}
