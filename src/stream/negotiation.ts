// RFC 6120 §4.3: what is offered on a stream, what is taken, and what is refused.
import { stanzaNamespace } from '../stanza/stanza.ts'
import type { Element } from '../xml/element.ts'
import { serialize } from '../xml/serialize.ts'
import type { StreamPolicy } from './limits.ts'
import type { StreamFact, StreamFeature, XmlStream } from './stream.ts'
import { StreamError } from './stream-error.ts'

const none: readonly StreamFact[] = []

/** The features of a stream: the core's and those of the domain. */
export class Negotiation {
  readonly #features: readonly StreamFeature[]
  readonly #policy: StreamPolicy

  /** `features` in the order in which they are advertised. */
  constructor(features: readonly StreamFeature[], policy: StreamPolicy) {
    this.#features = features
    this.#policy = policy
  }

  /** Lets features find out what they need to know before they are advertised on `stream`. */
  prepare(stream: XmlStream): void | Promise<void> {
    let pending: Promise<void>[] | undefined
    for (const feature of this.#features) {
      const prepared =
        feature.prepare && this.#isUsable(feature, stream) ? feature.prepare(stream) : undefined
      if (prepared) pending = [...(pending ?? []), prepared]
    }
    if (pending) return Promise.all(pending).then(() => {})
  }

  /** `<stream:features/>` as it is for `stream` now. */
  featuresText(stream: XmlStream): string {
    let text = '<stream:features>'
    for (const features of [this.#features, ofDomain(stream)]) {
      for (const feature of features) {
        const advertised = this.#isUsable(feature, stream) ? feature.advertise(stream) : undefined
        if (advertised) text += serialize(advertised, stanzaNamespace)
      }
    }
    return `${text}</stream:features>`
  }

  /** The feature that takes `element`, if one does. */
  featureFor(element: Element, stream: XmlStream): StreamFeature | undefined {
    for (const feature of this.#features)
      if (feature.accepts(element, stream) && this.#isUsable(feature, stream)) return feature
    for (const feature of ofDomain(stream))
      if (feature.accepts(element, stream) && this.#isUsable(feature, stream)) return feature
    return undefined
  }

  /** Why `element`, which nobody takes, ends the stream. */
  refusalOf(element: Element, stream: XmlStream): StreamError {
    if (this.#policy.requiresTls && !stream.isSecure)
      return new StreamError('policy-violation', 'begin TLS first')
    if (element.namespace !== stanzaNamespace)
      return new StreamError('unsupported-stanza-type', `unexpected <${element.name}>`)
    // RFC 6120 §4.9.3.12: stanzas before login, or before there is a resource to send them from.
    return new StreamError('not-authorized', 'log in and bind a resource first')
  }

  #isUsable({ needs = none, forbids = none }: StreamFeature, stream: XmlStream): boolean {
    // RFC 6120 §5.3.1: where TLS is required, nothing but what ends with TLS comes before it.
    if (this.#policy.requiresTls && !stream.isSecure && !forbids.includes('tls')) return false
    for (const fact of needs) if (!stream.has(fact)) return false
    for (const fact of forbids) if (stream.has(fact)) return false
    return true
  }
}

function ofDomain(stream: XmlStream): readonly StreamFeature[] {
  return stream.domain?.streamFeatures ?? []
}
