// XEP-0060 §11: errors with a condition of their own beside the general one.
import { StanzaError, type StanzaErrorCondition, type StanzaErrorType } from '../../stanza/stanza-error.ts'
import { element } from '../../xml/element.ts'
import { pubsubErrorsNamespace } from './namespaces.ts'

/** The conditions of XEP-0060 (schema of pubsub#errors) that are used here. */
export type PubSubCondition =
  | 'closed-node'
  | 'invalid-jid'
  | 'invalid-options'
  | 'invalid-payload'
  | 'item-required'
  | 'item-forbidden'
  | 'jid-required'
  | 'max-items-exceeded'
  | 'max-nodes-exceeded'
  | 'node-full'
  | 'nodeid-required'
  | 'not-in-roster-group'
  | 'not-subscribed'
  | 'payload-too-big'
  | 'payload-required'
  | 'pending-subscription'
  | 'precondition-not-met'
  | 'presence-subscription-required'
  | 'too-many-subscriptions'
  | 'unsupported'
  | 'unsupported-access-model'

/** What is not supported, as it would be called in disco#info. */
export interface RefusalDetails {
  readonly feature?: string
  readonly type?: StanzaErrorType
}

/** A refusal with a condition of XEP-0060. */
export function refusal(
  condition: StanzaErrorCondition,
  specific: PubSubCondition,
  text: string,
  { feature, type }: RefusalDetails = {},
): StanzaError {
  const application = element(specific, pubsubErrorsNamespace, { feature })
  return new StanzaError(condition, text, type ? { application, type } : { application })
}

/** The refusal of what takes items that are kept, of a node that keeps none. */
export function noPersistentItems(): StanzaError {
  return refusal('feature-not-implemented', 'unsupported', 'this node keeps no items', {
    feature: 'persistent-items',
  })
}

/** The refusal of a request whose parts contradict each other, or come in the wrong order. */
export function misplaced(name: string): StanzaError {
  return new StanzaError('bad-request', `<${name}/> comes behind what it is about, and names nothing itself`)
}
