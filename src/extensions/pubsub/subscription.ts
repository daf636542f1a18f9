// XEP-0060 §4.2 and §6.3: somebody's subscription to a node, with its options.
import type { Jid } from '../../jid/jid.ts'
import { type Field, form, parseBoolean, type SubmittedForm } from '../../stanza/form.ts'
import type { Element } from '../../xml/element.ts'
import { subscribeOptionsForm } from './namespaces.ts'
import { refusal } from './refusal.ts'

/** A subscription that exists; `none` is the lack of one. */
export interface Subscription {
  /** As it was subscribed: bare, or with a resource. */
  readonly jid: Jid
  readonly state: 'subscribed' | 'pending'
  /** Tells this subscription from later ones of the same address, where owners are asked about it. */
  readonly subid: string
  /** Whether events are to be sent; without it the subscription is only a right to read. */
  readonly isDelivered: boolean
}

/** The form with which a subscriber sets options; with no subscription, the defaults (XEP-0060 §6.4). */
export function subscriptionForm(subscription?: Subscription): Element {
  const deliver: Field = {
    var: 'pubsub#deliver',
    type: 'boolean',
    label: 'Whether to send event notifications',
    values: [(subscription?.isDelivered ?? true) ? '1' : '0'],
  }
  return form({ type: 'form', formType: subscribeOptionsForm, fields: [deliver] })
}

/**
 * A subscription as the submitted options have it; options nobody knows are passed over.
 * @throws StanzaError bad-request with `invalid-options` (XEP-0060 §6.3.5)
 */
export function withOptions(subscription: Subscription, submitted: SubmittedForm): Subscription {
  if (submitted.formType !== undefined && submitted.formType !== subscribeOptionsForm) throw invalid()
  const values = submitted.values.get('pubsub#deliver')
  if (!values) return subscription
  const isDelivered = values.length === 1 ? parseBoolean(values[0] as string) : undefined
  if (isDelivered === undefined) throw invalid()
  return { ...subscription, isDelivered }
}

function invalid() {
  return refusal('bad-request', 'invalid-options', 'these options cannot be set')
}
