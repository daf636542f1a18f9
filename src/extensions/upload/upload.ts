// XEP-0363: HTTP File Upload
import { flag, integer, texts } from '../../base/options.ts'
import { defineExtension } from '../../host/extension.ts'
import { form } from '../../stanza/form.ts'
import type { Stanza } from '../../stanza/stanza.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import { disco } from '../disco/disco.ts'
import { serveUploads } from './serve.ts'
import { namespace, parseRequest, purposeNamespace, slotElement } from './slot.ts'
import { Uploads } from './uploads.ts'

const mebi = 1024 * 1024
const path = '/upload'

/** Takes files that accounts send, and gives them to everybody who knows their address, on a domain of its own. */
export const upload = defineExtension({
  name: 'upload',
  xep: { number: 363, version: '1.2.0' },
  needs: { disco },
  options: {
    maxBytes: integer(100 * mebi, 'of one file', { min: 1 }),
    profileMaxBytes: integer(2 * mebi, 'of one file for a profile, such as an avatar', { min: 1 }),
    bytesPerDay: integer(1024 * mebi, 'that one account may send in 24 hours', { min: 1 }),
    filesPerDay: integer(1000, 'that one account may send in 24 hours', { min: 1 }),
    bytesPerAccount: integer(10 * 1024 * mebi, 'that are kept for one account at a time', { min: 1 }),
    filesPerAccount: integer(10_000, 'that are kept for one account at a time', { min: 1 }),
    slotsPerAccount: integer(20, 'that one account may have open at a time', { min: 1 }),
    slotSeconds: integer(300, 'in which a file must have begun to come', { min: 10 }),
    keepDays: integer(30, 'for which files in messages are kept; 0 for as long as the account is there'),
    keepProfileDays: integer(
      0,
      'for which files for profiles are kept; 0 for as long as the account is there',
    ),
    takesPermanent: flag(
      false,
      'whether files are taken that are to be kept as long as the account is there',
    ),
    types: texts([], 'of files that are taken, such as “image/png” or “image/*”; none listed for all'),
  },
  setup(host, _apis, options) {
    const uploads = new Uploads(host, options)
    host.identify({ category: 'store', type: 'file', name: 'HTTP File Upload' })
    host.advertise(namespace)
    for (const purpose of uploads.purposes) host.advertise(`${purposeNamespace}#${purpose}`)
    host.describe(() => limitForm(options.maxBytes))
    host.iq.get(namespace, 'request', async (iq) => {
      // Everything here is said to people of this server, and kept for them.
      if (iq.from.local === '' || !host.isServedHere(iq.from.domain) || host.isGuest(iq.from))
        throw new StanzaError('forbidden', 'for accounts of this server')
      const { url } = host.web
      if (url === undefined) throw new StanzaError('service-unavailable', 'there is no web server')
      const slot = await uploads.promise(iq.from.bare, parseRequest(iq))
      return slotElement(`${url}${path}/${slot.id}/${encodeURIComponent(slot.name)}`)
    })
    host.web.mount(path, (app) => serveUploads(app, uploads))
    host.accountRemoved((account) => uploads.removeAll(account))
    host.keep(uploads.startExpiry())
    host.serve({ receive: refuse })
  },
})

/** §3: how large a file may be (XEP-0128). */
function limitForm(maxBytes: number) {
  return form({
    type: 'result',
    formType: namespace,
    fields: [{ var: 'max-file-size', values: [String(maxBytes)] }],
  })
}

function refuse(stanza: Stanza): void {
  if (stanza.kind === 'presence') return
  throw new StanzaError('service-unavailable', 'nobody is there')
}
