// RFC 5056, XEP-0440: what ties a log-in to the TLS connection on which it happens.
import { type Element, element } from '../../xml/element.ts'
import type { XmlStream } from '../stream.ts'

/** Types of channel binding that clients are told of, strongest first. */
const bindingTypes = ['tls-exporter', 'tls-server-end-point'] as const

/** A type of channel binding that clients are told of. */
export type BindingType = (typeof bindingTypes)[number]

/**
 * What `channelBinding` of a transport can be asked for. Of `tls-unique` (RFC 5929 §3) nobody is told; clients that know
 * no other take it without asking.
 */
export type ChannelBindingType = BindingType | 'tls-unique'

const namespace = 'urn:xmpp:sasl-cb:0'

/** The types that a stream has data for. */
export function bindingsOf(stream: XmlStream): readonly BindingType[] {
  return bindingTypes.filter((type) => stream.channelBinding(type) !== undefined)
}

/** The data of the type that a client names; `undefined` if there is none. */
export function bindingData(stream: XmlStream, type: string): Uint8Array | undefined {
  if (type !== 'tls-unique' && !bindingTypes.some((known) => known === type)) return undefined
  return stream.channelBinding(type as ChannelBindingType)
}

/** `<sasl-channel-binding/>` for a stream; `undefined` if there is nothing to bind to. */
export function bindingsElement(stream: XmlStream): Element | undefined {
  const types = bindingsOf(stream)
  if (types.length === 0) return undefined
  return element(
    'sasl-channel-binding',
    namespace,
    {},
    ...types.map((type) => element('channel-binding', namespace, { type })),
  )
}
