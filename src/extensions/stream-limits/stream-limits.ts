// XEP-0478: Stream Limits Advertisement
import { defineExtension } from '../../host/extension.ts'
import type { XmlStream } from '../../stream/stream.ts'
import { type Element, element } from '../../xml/element.ts'

const namespace = 'urn:xmpp:stream-limits:0'

/** Tells clients how large a stanza may be and how long they may be silent. */
export const streamLimits = defineExtension({
  name: 'stream-limits',
  xep: { number: 478, version: '0.2.0' },
  setup(host) {
    host.offer({
      name: 'stream limits',
      advertise: limitsOf,
      accepts: () => false,
      receive() {},
    })
  },
})

// §4: they may change whenever features are announced. Who has logged in wants to know what holds once a resource is
// bound, since all that may come before that is small.
function limitsOf({ limits, user }: XmlStream): Element {
  const maxBytes = (user ? limits.xmlAfterLogin : limits.xmlBeforeLogin).elementBytes
  const idleMs = user ? limits.silenceMs : limits.negotiationSilenceMs
  return element(
    'limits',
    namespace,
    {},
    element('max-bytes', namespace, {}, String(maxBytes)),
    // Without a limit there is nothing to tell.
    idleMs > 0 ? element('idle-seconds', namespace, {}, String(Math.floor(idleMs / 1000))) : undefined,
  )
}
