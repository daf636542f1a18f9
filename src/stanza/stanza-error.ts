// RFC 6120 §8.3: stanza errors.
import type { Jid } from '../jid/jid.ts'
import { type Element, element } from '../xml/element.ts'

export const stanzasNamespace = 'urn:ietf:params:xml:ns:xmpp-stanzas'

/** What the sender may do about it (RFC 6120 §8.3.2). */
export type StanzaErrorType = 'auth' | 'cancel' | 'continue' | 'modify' | 'wait'

/** The conditions of RFC 6120 §8.3.3, each with the type that goes with it. */
export const typeByCondition = {
  'bad-request': 'modify',
  conflict: 'cancel',
  'feature-not-implemented': 'cancel',
  forbidden: 'auth',
  gone: 'cancel',
  'internal-server-error': 'cancel',
  'item-not-found': 'cancel',
  'jid-malformed': 'modify',
  'not-acceptable': 'modify',
  'not-allowed': 'cancel',
  'not-authorized': 'auth',
  'policy-violation': 'modify',
  'recipient-unavailable': 'wait',
  redirect: 'modify',
  'registration-required': 'auth',
  'remote-server-not-found': 'cancel',
  'remote-server-timeout': 'wait',
  'resource-constraint': 'wait',
  'service-unavailable': 'cancel',
  'subscription-required': 'auth',
  'undefined-condition': 'cancel',
  'unexpected-request': 'wait',
} as const satisfies Record<string, StanzaErrorType>

export type StanzaErrorCondition = keyof typeof typeByCondition

/** What may be said beside condition and text. */
export interface StanzaErrorDetails {
  /** Where the standard type of the condition does not fit. */
  readonly type?: StanzaErrorType
  /** Who refuses (RFC 6120 §8.3.1). */
  readonly by?: Jid
  /** An application's own condition (RFC 6120 §8.3.4). */
  readonly application?: Element
  /** What of the request could not be done, sent back beside the error (RFC 6120 §8.3.1). */
  readonly returned?: Element
  /** Text inside the condition: the new address of `gone` or `redirect`. */
  readonly address?: string
  readonly cause?: unknown
}

/** Thrown to refuse a stanza; the dispatcher makes the reply of it. */
export class StanzaError extends Error {
  override readonly name = 'StanzaError'
  readonly condition: StanzaErrorCondition
  readonly type: StanzaErrorType
  readonly details: StanzaErrorDetails

  constructor(condition: StanzaErrorCondition, text = '', details: StanzaErrorDetails = {}) {
    super(text, { cause: details.cause })
    this.condition = condition
    this.type = details.type ?? typeByCondition[condition]
    this.details = details
  }

  /** The `<error/>` element, in the namespace of stanzas. */
  toElement(): Element {
    return element(
      'error',
      'jabber:client',
      { type: this.type, by: this.details.by?.toString() },
      element(this.condition, stanzasNamespace, {}, this.details.address),
      this.message === '' ? undefined : element('text', stanzasNamespace, {}, this.message),
      this.details.application,
    )
  }
}

/** The error inside a stanza of type `error`; `undefined-condition` where it has none of the RFC's (§8.3.3.21). */
export function parseStanzaError(error: Element | undefined): StanzaError {
  for (const child of error?.elements() ?? []) {
    if (child.namespace !== stanzasNamespace || !isCondition(child.name)) continue
    const type = error?.attribute('type')
    const text = error?.child('text', stanzasNamespace)?.text ?? ''
    return new StanzaError(child.name, text, isErrorType(type) ? { type } : {})
  }
  return new StanzaError('undefined-condition')
}

function isCondition(name: string): name is StanzaErrorCondition {
  return Object.hasOwn(typeByCondition, name)
}

const errorTypes: ReadonlySet<string> = new Set(['auth', 'cancel', 'continue', 'modify', 'wait'])

function isErrorType(type: string | undefined): type is StanzaErrorType {
  return type !== undefined && errorTypes.has(type)
}
