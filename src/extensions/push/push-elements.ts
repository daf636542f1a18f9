// XEP-0357 §5 to §8: what clients ask, and what services are told.
import { type Jid, parseJid } from '../../jid/jid.ts'
import { form, formNamespace, parseForm } from '../../stanza/form.ts'
import { publishOptionsForm, pubsubNamespace } from '../../stanza/namespaces.ts'
import type { Iq, Message } from '../../stanza/stanza.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import { type Element, element } from '../../xml/element.ts'

export const pushNamespace = 'urn:xmpp:push:0'

/** Which service is told, at which of its nodes; without a node all of the service's. */
export interface Target {
  readonly service: Jid
  readonly node: string | undefined
}

/** What a client wants to be sent along: fields with their values. */
export type PublishOptions = readonly (readonly [name: string, values: readonly string[]])[]

/** What a client asks to be told, and with which options. */
export interface Enabled extends Target {
  readonly options: PublishOptions
}

/** What has come, in short. */
export interface Summary {
  readonly messageCount: number
  readonly pendingRequests: number
  readonly sender?: string | undefined
  readonly body?: string | undefined
}

// The two are kept under a key, which has its own bound.
const maxTargetBytes = 2048

/**
 * §5: a request to be notified.
 * @throws StanzaError bad-request, jid-malformed or not-acceptable
 */
export function parseEnabled(iq: Iq, maxBytes: number): Enabled {
  const target = parseDisabled(iq)
  const { service, node = '' } = target
  if (Buffer.byteLength(service + node) > maxTargetBytes) {
    throw new StanzaError('not-acceptable', `address and node have at most ${maxTargetBytes} bytes`)
  }
  const given = iq.payload?.child('x', formNamespace)
  if (!given) return { ...target, options: [] }
  const { formType, values } = parseForm(given)
  if (formType !== publishOptionsForm)
    throw new StanzaError('bad-request', `the form is no ${publishOptionsForm}`)
  const options = [...values]
  if (Buffer.byteLength(JSON.stringify(options)) > maxBytes) {
    throw new StanzaError('not-acceptable', `the form has at most ${maxBytes} bytes`)
  }
  return { ...target, options }
}

/**
 * §6: a request not to be notified any more.
 * @throws StanzaError bad-request or jid-malformed
 */
export function parseDisabled(iq: Iq): Target {
  const text = iq.payload?.attribute('jid')
  if (text === undefined) throw new StanzaError('bad-request', 'a service has an address')
  const service = parseJid(text)
  if (!service) throw new StanzaError('jid-malformed', 'that is no address')
  return { service, node: iq.payload?.attribute('node') }
}

/** §8: what a service says of the end of a registration of `account`, if the message says so. */
export function readRevocation(message: Message, account: Jid): Target | undefined {
  const pubsub = message.child('pubsub', pubsubNamespace)
  const affiliation = pubsub?.child('affiliation')
  if (affiliation?.attribute('affiliation') !== 'none') return undefined
  if (affiliation.attribute('jid') !== account.toString()) return undefined
  // Without a node it could be about anything that the service does.
  const node = pubsub?.attribute('node')
  return node === undefined ? undefined : { service: message.from, node }
}

/** §7: the payload of what is published at a service. */
export function notificationElement(node: string, options: PublishOptions, summary: Summary): Element {
  const notification = element('notification', pushNamespace, {}, summaryForm(summary))
  const item = element('item', pubsubNamespace, {}, notification)
  return element(
    'pubsub',
    pubsubNamespace,
    {},
    element('publish', pubsubNamespace, { node: node === '' ? undefined : node }, item),
    options.length > 0 ? element('publish-options', pubsubNamespace, {}, optionsForm(options)) : undefined,
  )
}

function summaryForm({ messageCount, pendingRequests, sender, body }: Summary): Element {
  const field = (name: string, value: string | undefined) =>
    value === undefined ? [] : [{ var: name, values: [value] }]
  return form({
    type: 'result',
    formType: 'urn:xmpp:push:summary',
    fields: [
      ...field('message-count', String(messageCount)),
      ...field('last-message-sender', sender),
      ...field('last-message-body', body),
      ...field('pending-subscription-count', String(pendingRequests)),
    ],
  })
}

function optionsForm(options: PublishOptions): Element {
  const fields = options.map(([name, values]) => ({ var: name, values }))
  return form({ type: 'submit', formType: publishOptionsForm, fields })
}
