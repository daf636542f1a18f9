// RFC 6120 §6: SASL, as every client knows it.
import { type Element, element } from '../../xml/element.ts'
import type { Authenticator, SaslProfile } from '../sasl/authenticator.ts'
import { encodeBase64 } from '../sasl/base64.ts'
import type { KnownHashes } from '../sasl/known-hashes.ts'
import type { StreamFeature, XmlStream } from '../stream.ts'
import { StreamError } from '../stream-error.ts'

const saslNamespace = 'urn:ietf:params:xml:ns:xmpp-sasl'

const profile: SaslProfile = {
  // A new header comes, and is looked at then.
  isBoundToHeader: false,
  challenge: (stream, data) =>
    stream.sendElement(element('challenge', saslNamespace, {}, encodeBase64(data))),
  failure: (stream, condition) =>
    stream.sendElement(element('failure', saslNamespace, {}, element(condition, saslNamespace))),
  success(stream, { user, data = '' }) {
    stream.sendElement(element('success', saslNamespace, {}, encodeBase64(data)))
    stream.authenticate(user)
  },
}

/** The feature `mechanisms`. */
export function sasl(authenticator: Authenticator, known: KnownHashes): StreamFeature {
  return {
    name: 'sasl',
    // RFC 6120 §6.4.1: who has authenticated does not do so again.
    forbids: ['authenticated'],
    prepare: (stream) => known.prepare(stream),
    advertise: (stream) => advertised(authenticator.offered(stream)),
    accepts: (element) => element.namespace === saslNamespace,
    receive: (element, stream) => receive(element, stream, authenticator),
  }
}

function advertised(names: readonly string[]): Element | undefined {
  if (names.length === 0) return undefined
  return element(
    'mechanisms',
    saslNamespace,
    {},
    ...names.map((name) => element('mechanism', saslNamespace, {}, name)),
  )
}

function receive(message: Element, stream: XmlStream, authenticator: Authenticator): void | Promise<void> {
  switch (message.name) {
    case 'auth':
      return authenticator.begin(stream, profile, authenticator.offered(stream), {
        mechanism: message.attribute('mechanism'),
        message: message.text === '' ? undefined : contentOf(message),
        request: message,
      })
    case 'response':
      return authenticator.respond(stream, profile, contentOf(message))
    case 'abort':
      return authenticator.abort(stream, profile)
    default:
      throw new StreamError('unsupported-stanza-type', `unexpected <${message.name}>`)
  }
}

// RFC 6120 §6.4.2: `=` for nothing.
function contentOf({ text }: Element): string {
  return text === '=' ? '' : text
}
