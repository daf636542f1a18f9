// XEP-0012: Last Activity, of the server: how long it has been up
import { defineExtension } from '../../host/extension.ts'
import { element } from '../../xml/element.ts'

const namespace = 'jabber:iq:last'

/** Tells how many seconds the host has been up (XEP-0012 §4). */
export const last = defineExtension({
  name: 'last',
  xep: { number: 12, version: '2.0' },
  setup(host) {
    const since = host.clock.now()
    host.advertise(namespace)
    host.iq.get(namespace, 'query', () => {
      const seconds = Math.floor((host.clock.now() - since) / 1000)
      return element('query', namespace, { seconds: String(seconds) })
    })
  },
})
