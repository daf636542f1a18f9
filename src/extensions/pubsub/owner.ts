// XEP-0060 §8.2 to §8.4: what owners do with a node as a whole.
import { formNamespace } from '../../stanza/form.ts'
import { pubsubEventNamespace } from '../../stanza/namespaces.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import { type Element, element } from '../../xml/element.ts'
import { checkOwner } from './access.ts'
import { configForm, configResult, isSameConfig, submittedForm, withForm } from './config-form.ts'
import { announce } from './events.ts'
import { mostItems } from './kept-items.ts'
import { nodeConfigForm } from './namespaces.ts'
import type { Node } from './node.ts'
import type { Request } from './request.ts'
import { deliverPayloads } from './settings/deliver-payloads.ts'
import { notifyConfig } from './settings/notify-config.ts'
import { notifyDelete } from './settings/notify-delete.ts'
import { persistItems } from './settings/persist-items.ts'
import { removeRefused } from './subscriptions.ts'

/** The form with a node's settings. */
export async function getConfiguration(request: Request): Promise<Element> {
  const node = await request.node()
  checkOwner(request.service, node, request.from)
  return request.result({ node: node.name }, configForm(request.service, node.config))
}

/** The form with what new nodes begin with (XEP-0060 §8.3). */
export function getDefaults(request: Request): Element {
  return request.result({}, configForm(request.service, request.service.policy.defaults))
}

/** Settings that an owner has chosen. */
export async function setConfiguration(request: Request): Promise<void> {
  const { service } = request
  const node = await request.node()
  checkOwner(service, node, request.from)
  const submitted = submittedForm(request.action, nodeConfigForm)
  if (!submitted) throw new StanzaError('bad-request', 'there is no form')
  // XEP-0060 §8.2.4: a form that is cancelled changes nothing.
  if (request.action.child('x', formNamespace)?.attribute('type') === 'cancel') return
  const config = withForm(service, node.config, submitted)
  if (isSameConfig(config, node.config)) return
  await service.nodes.configure(node, config)
  await applyConfig(request, node)
  if (!config.get(notifyConfig)) return
  const content = config.get(deliverPayloads) ? configResult(service, config) : undefined
  const event = element('configuration', pubsubEventNamespace, { node: node.name }, content)
  await announce(service, node, event, request.slow)
}

/** `<delete/>`, perhaps in favour of another node. */
export async function deleteNode(request: Request): Promise<void> {
  const { service } = request
  const node = await request.node()
  checkOwner(service, node, request.from)
  const uri = request.action.child('redirect')?.attribute('uri')
  if (uri !== undefined && (uri === '' || uri.length > maxUriLength)) {
    throw new StanzaError('not-acceptable', 'that is no address of another node')
  }
  await service.nodes.remove(node, uri)
  request.changed({ node: node.name, isEmptied: true })
  if (!node.config.get(notifyDelete)) return
  const redirect = uri === undefined ? undefined : element('redirect', pubsubEventNamespace, { uri })
  const event = element('delete', pubsubEventNamespace, { node: node.name }, redirect)
  await announce(service, node, event, request.slow)
}

const maxUriLength = 2048

/** What no longer fits goes: items, and those who may not be subscribed any more (XEP-0060 §8.2.5). */
async function applyConfig({ service, slow }: Request, node: Node): Promise<void> {
  const most = node.config.get(persistItems) ? mostItems(service, node) : 0
  if (node.itemCount > most) await service.nodes.trim(node, most)
  slow.push(...(await removeRefused(service, node)))
}
