// RFC 6120 §5: STARTTLS.
import { type Element, element } from '../../xml/element.ts'
import type { StreamPolicy } from '../limits.ts'
import type { StreamFeature } from '../stream.ts'

const tlsNamespace = 'urn:ietf:params:xml:ns:xmpp-tls'

/** The feature `starttls`, offered where the transport can begin TLS. */
export function startTls(policy: StreamPolicy): StreamFeature {
  const required = policy.requiresTls ? element('required', tlsNamespace) : undefined
  const advertised = element('starttls', tlsNamespace, {}, required)
  return {
    name: 'starttls',
    // RFC 6120 §6.3.4: no TLS after SASL.
    forbids: ['tls', 'authenticated'],
    advertise: (stream) => (stream.canStartTls ? advertised : undefined),
    accepts: (element: Element) => element.is('starttls', tlsNamespace),
    receive(_element, stream) {
      if (stream.canStartTls) {
        stream.sendElement(element('proceed', tlsNamespace))
        stream.startTls()
      } else {
        // RFC 6120 §5.4.2.2: a failure ends the stream.
        stream.sendElement(element('failure', tlsNamespace))
        stream.close()
      }
    },
  }
}
