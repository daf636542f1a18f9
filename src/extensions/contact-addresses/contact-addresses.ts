// XEP-0157: Contact Addresses for XMPP Services
import { uris } from '../../base/options.ts'
import { defineExtension } from '../../host/extension.ts'
import { form } from '../../stanza/form.ts'

/** Tells where the people behind the server are reached. */
export const contactAddresses = defineExtension({
  name: 'contact-addresses',
  xep: { number: 157, version: '1.1.1' },
  options: {
    abuse: uris('where to report abuse: mailto:, xmpp: or https: addresses'),
    admin: uris('where to reach the administrators'),
    feedback: uris('where to send feedback'),
    sales: uris('where to ask about offers'),
    security: uris('where to report a weakness'),
    status: uris('where to read whether something is out of order'),
    support: uris('where to find help'),
  },
  setup(host, _apis, options) {
    const fields = Object.entries(options)
      .filter(([, addresses]) => addresses.length > 0)
      .map(([kind, values]) => ({ var: `${kind}-addresses`, type: 'list-multi' as const, values }))
    if (fields.length === 0) return
    host.describe(() => form({ type: 'result', formType: 'http://jabber.org/network/serverinfo', fields }))
  },
})
