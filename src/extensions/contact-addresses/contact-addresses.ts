// XEP-0157: Contact Addresses for XMPP Services
import { texts } from '../../base/options.ts'
import { defineExtension } from '../../host/extension.ts'
import { form } from '../../stanza/form.ts'

/** Tells where the people behind the server are reached. */
export const contactAddresses = defineExtension({
  name: 'contact-addresses',
  xep: { number: 157, version: '1.1.1' },
  options: {
    abuse: texts([], 'where to report abuse: mailto:, xmpp: or https: addresses'),
    admin: texts([], 'where to reach the administrators'),
    feedback: texts([], 'where to send feedback'),
    sales: texts([], 'where to ask about offers'),
    security: texts([], 'where to report a weakness'),
    status: texts([], 'where to read whether something is out of order'),
    support: texts([], 'where to find help'),
  },
  setup(host, _apis, options) {
    const fields = Object.entries(options)
      .filter(([, addresses]) => addresses.length > 0)
      .map(([kind, values]) => ({ var: `${kind}-addresses`, type: 'list-multi' as const, values }))
    if (fields.length === 0) return
    host.describe(() => form({ type: 'result', formType: 'http://jabber.org/network/serverinfo', fields }))
  },
})
