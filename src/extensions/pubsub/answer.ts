// XEP-0060: which request is answered by what.
import { AnswerThen, type IqAnswer } from '../../host/iq.ts'
import { pubsubNamespace } from '../../stanza/namespaces.ts'
import type { Iq } from '../../stanza/stanza.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import type { Element } from '../../xml/element.ts'
import { create } from './create.ts'
import { items } from './items.ts'
import { pubsubOwnerNamespace } from './namespaces.ts'
import { getOwnAffiliations, getOwnSubscriptions } from './own-lists.ts'
import { deleteNode, getConfiguration, getDefaults, setConfiguration } from './owner.ts'
import { getAffiliations, getSubscriptions, setAffiliations, setSubscriptionsByOwner } from './owner-lists.ts'
import { lookAhead, publish } from './publish.ts'
import type { PubSubService } from './pubsub-service.ts'
import { refusal } from './refusal.ts'
import { Request } from './request.ts'
import { purge, retract } from './retract.ts'
import { getDefaultOptions, getOptions, setOptions, subscribe, unsubscribe } from './subscribe.ts'

// biome-ignore lint/suspicious/noConfusingVoidType: an empty result is a function without return
type Answer = Element | undefined | void
/** Answers a request; `name` is the node's, made up where none was given. */
type Handler = (request: Request, name: string) => Answer | Promise<Answer>

/** Publishing without a node, which is refused; with one it is begun before others have ended, see `answerOf`. */
const beginPublish: Handler = async (request) => (await publish(request))()

/** By namespace and type; the first of these elements inside `<pubsub/>` says what is asked. */
const handlers: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, Handler>>>>>> = {
  [pubsubNamespace]: {
    get: {
      items,
      subscriptions: getOwnSubscriptions,
      affiliations: getOwnAffiliations,
      options: getOptions,
      default: getDefaultOptions,
    },
    set: { create, publish: beginPublish, retract, subscribe, unsubscribe, options: setOptions },
  },
  [pubsubOwnerNamespace]: {
    get: {
      configure: getConfiguration,
      default: getDefaults,
      subscriptions: getSubscriptions,
      affiliations: getAffiliations,
    },
    set: {
      configure: setConfiguration,
      delete: deleteNode,
      purge,
      subscriptions: setSubscriptionsByOwner,
      affiliations: setAffiliations,
    },
  },
}

/**
 * Answers `<pubsub/>` of either namespace; each node deals with one request at a time. `origin` is the extension that
 * asks in the owner's name, if one does.
 * @throws StanzaError
 */
export async function answer(service: PubSubService, iq: Iq, origin?: string): Promise<IqAnswer> {
  const pubsub = iq.payload as Element
  const { action, handler } = find(iq, pubsub)
  const request = new Request(service, iq, pubsub, action, origin)
  await service.nodes.open()
  const name = request.nodeName ?? (action.name === 'create' ? service.ids.id() : undefined)
  const payload = await answerOf(request, handler, name)
  await Promise.all(request.slow)
  return new AnswerThen(payload ?? undefined, () => {
    for (const action of request.afterwards) action()
  })
}

function answerOf(request: Request, handler: Handler, name: string | undefined): Answer | Promise<Answer> {
  const { nodes } = request.service
  if (name === undefined) return handler(request, '')
  if (handler !== beginPublish) return nodes.run(name, async () => handler(request, name))
  const ahead = lookAhead(request)
  return nodes.pipe(name, () => publish(request, ahead).finally(() => ahead?.known.end(ahead)))
}

function find(iq: Iq, pubsub: Element): { action: Element; handler: Handler } {
  const byName = handlers[pubsub.namespace]?.[iq.type] ?? {}
  for (const action of pubsub.elements()) {
    if (action.namespace !== pubsub.namespace || !Object.hasOwn(byName, action.name)) continue
    return { action, handler: byName[action.name] as Handler }
  }
  const [asked] = pubsub.elements()
  if (!asked) throw new StanzaError('bad-request', 'nothing is asked')
  throw refusal('feature-not-implemented', 'unsupported', 'that is not done here', { feature: asked.name })
}
