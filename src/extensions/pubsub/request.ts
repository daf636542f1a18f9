// A request to a service: what is asked, of which node, by whom.
import type { Jid } from '../../jid/jid.ts'
import type { Iq } from '../../stanza/stanza.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import { type AttributeInput, type Element, element, type Node as XmlNode } from '../../xml/element.ts'
import type { Slow } from './events.ts'
import type { Node } from './node.ts'
import type { ChangeParts } from './node-change.ts'
import type { PubSubService } from './pubsub-service.ts'
import { refusal } from './refusal.ts'

/** One request on its way through a service. */
export class Request {
  readonly service: PubSubService
  readonly iq: Iq
  /** `<pubsub/>`. */
  readonly pubsub: Element
  /** What is asked: the element inside. */
  readonly action: Element
  /** The extension that asks in the owner's name, if one does. */
  readonly origin: string | undefined
  /** Who is slow to take events; who made the request waits for them, and the node does not. */
  readonly slow: Slow = []
  /** What is sent behind the result. */
  readonly afterwards: (() => void)[] = []

  constructor(service: PubSubService, iq: Iq, pubsub: Element, action: Element, origin?: string) {
    this.service = service
    this.iq = iq
    this.pubsub = pubsub
    this.action = action
    this.origin = origin
  }

  get from(): Jid {
    return this.iq.from
  }

  /** The name of the node that is asked about; `undefined` where none is given. */
  get nodeName(): string | undefined {
    const name = this.action.attribute('node')
    return name === '' ? undefined : name
  }

  /**
   * The node that is asked about.
   * @throws StanzaError item-not-found, gone, or bad-request with `nodeid-required`
   */
  async node(): Promise<Node> {
    const name = this.nodeName
    if (name === undefined) throw nodeIdRequired()
    const node = await this.service.nodes.find(name)
    if (!node) throw new StanzaError('item-not-found', 'there is no such node')
    return node
  }

  /** Items named in the request; more than `itemsPerRequest` are refused. */
  elements(name: string): Element[] {
    const found = this.action.elements(name)
    const most = this.service.limits.itemsPerRequest
    if (found.length > most) throw new StanzaError('policy-violation', `at most ${most} at a time`)
    return found
  }

  /** Tells those who keep the same elsewhere; who made the request waits for them, and the node does not. */
  changed(change: ChangeParts): void {
    const { service, origin } = this
    const kept = service.changed?.({ published: [], retracted: [], isEmptied: false, ...change, origin })
    if (kept) this.slow.push(kept)
  }

  /** `<pubsub/>` of an answer around an element like the one that asked. */
  result(attributes: AttributeInput, ...children: (XmlNode | undefined)[]): Element {
    const { namespace } = this.pubsub
    return element('pubsub', namespace, {}, element(this.action.name, namespace, attributes, ...children))
  }
}

/** A request without the name of a node that needs one. */
export function nodeIdRequired(): StanzaError {
  return refusal('bad-request', 'nodeid-required', 'the request names no node')
}

/** Whether an element stands behind the one that asks, and leaves out attributes that this one has. */
export function isBehind(
  { pubsub, action }: Request,
  element: Element,
  attributes: readonly string[],
): boolean {
  const all = pubsub.elements()
  return (
    all.indexOf(element) > all.indexOf(action) &&
    attributes.every((name) => element.attribute(name) === undefined)
  )
}
