// RFC 6120 §4.9: stream errors.
import { type Element, element } from '../xml/element.ts'

export const streamsNamespace = 'urn:ietf:params:xml:ns:xmpp-streams'

/** The conditions of RFC 6120 §4.9.3, in its order. */
export const streamErrorConditions = [
  'bad-format',
  'bad-namespace-prefix',
  'conflict',
  'connection-timeout',
  'host-gone',
  'host-unknown',
  'improper-addressing',
  'internal-server-error',
  'invalid-from',
  'invalid-namespace',
  'invalid-xml',
  'not-authorized',
  'not-well-formed',
  'policy-violation',
  'remote-connection-failed',
  'reset',
  'resource-constraint',
  'restricted-xml',
  'see-other-host',
  'system-shutdown',
  'undefined-condition',
  'unsupported-encoding',
  'unsupported-feature',
  'unsupported-stanza-type',
  'unsupported-version',
] as const

export type StreamErrorCondition = (typeof streamErrorConditions)[number]

/** What may be said beside condition and text. */
export interface StreamErrorDetails {
  /** An application's own condition (RFC 6120 §4.9.4). */
  readonly application?: Element
  /** Where to go instead, for `see-other-host` (RFC 6120 §4.9.3.19). */
  readonly address?: string
  readonly cause?: unknown
}

/** Thrown, or given to `XmlStream.close`, to end a stream. */
export class StreamError extends Error {
  override readonly name = 'StreamError'
  readonly condition: StreamErrorCondition
  readonly details: StreamErrorDetails

  constructor(condition: StreamErrorCondition, text = '', details: StreamErrorDetails = {}) {
    super(text, { cause: details.cause })
    this.condition = condition
    this.details = details
  }

  /** What stands inside `<stream:error/>`: the condition, its text, the application's condition. */
  toElements(): Element[] {
    const elements = [element(this.condition, streamsNamespace, {}, this.details.address)]
    if (this.message !== '')
      elements.push(element('text', streamsNamespace, { 'xml:lang': 'en' }, this.message))
    if (this.details.application) elements.push(this.details.application)
    return elements
  }
}
