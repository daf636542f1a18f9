// XEP-0199: XMPP Ping
import { defineExtension } from '../../host/extension.ts'

const namespace = 'urn:xmpp:ping'

/** Says that one is there. */
export const ping = defineExtension({
  name: 'ping',
  xep: { number: 199, version: '2.0.1' },
  setup(host) {
    host.advertise(namespace)
    host.account.advertise(namespace)
    host.iq.get(namespace, 'ping', () => {})
    host.account.iq.get(namespace, 'ping', () => {})
  },
})
