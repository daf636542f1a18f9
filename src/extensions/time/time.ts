// XEP-0202: Entity Time
import { defineExtension } from '../../host/extension.ts'
import { formatDate } from '../../stanza/delay.ts'
import { element } from '../../xml/element.ts'

const namespace = 'urn:xmpp:time'

/** Tells the server's time, in UTC: where it stands is nobody's business. */
export const time = defineExtension({
  name: 'time',
  xep: { number: 202, version: '2.0' },
  setup(host) {
    host.advertise(namespace)
    host.iq.get(namespace, 'time', () =>
      element(
        'time',
        namespace,
        {},
        element('tzo', namespace, {}, '+00:00'),
        element('utc', namespace, {}, formatDate(host.clock.now())),
      ),
    )
  },
})
