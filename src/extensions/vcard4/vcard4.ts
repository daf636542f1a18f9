// XEP-0292: vCard4 Over XMPP
import type { Account } from '../../host/account.ts'
import { defineExtension } from '../../host/extension.ts'
import { notThere } from '../../host/not-there.ts'
import type { Element } from '../../xml/element.ts'
import { type AccountNodeChange, type OwnNodes, pep } from '../pep/pep.ts'
import { type VcardApi, type VcardChange, vcard } from '../vcard/vcard.ts'
import { toOldCard, toVcard4 } from './conversion.ts'
import { vcard4Namespace } from './properties.ts'

const name = 'vcard4'
const node = 'urn:xmpp:vcard4'
/** §4.1: XEP-0222, for everybody. */
const settings = { 'pubsub#access_model': 'open', 'pubsub#persist_items': 'true' }

/** Keeps a vCard in both its forms, and answers requests for the newer one that know nothing of nodes. */
export const vcard4 = defineExtension({
  name,
  xep: { number: 292, version: '0.12.0' },
  needs: { pep, vcard },
  setup(host, { pep, vcard }) {
    host.account.advertise(vcard4Namespace)
    host.account.openIq.get(vcard4Namespace, 'vcard', async (_iq, account, session) => {
      // Nobody gets here what the node would not give them.
      const isForAll = (await pep.accessOf(account, node)) === 'open'
      const found = session || isForAll ? await pep.item(account, node) : undefined
      if (found?.payload) return found.payload
      throw notThere()
    })
    host.account.iq.set(vcard4Namespace, 'vcard', async (iq, _session, account) => {
      const given = iq.payload as Element
      await publish(pep, account, given)
      await convert(pep, vcard, account, given)
    })
    host.keep(pep.changed((change) => followNode(pep, vcard, change)))
    host.keep(vcard.changed((change) => followCard(pep, change)))
  },
})

async function followNode(pep: OwnNodes, vcard: VcardApi, change: AccountNodeChange): Promise<void> {
  const payload = change.published.at(-1)?.payload
  if (change.node !== node || change.origin === name || payload?.namespace !== vcard4Namespace) return
  await convert(pep, vcard, change.account, payload)
}

async function convert(pep: OwnNodes, vcard: VcardApi, account: Account, given: Element): Promise<void> {
  // The older form is for everybody: what is not does not become so.
  if ((await pep.accessOf(account, node)) !== 'open') return
  await vcard.set(account, toOldCard(given, await vcard.get(account.jid)), name)
}

async function followCard(pep: OwnNodes, { account, vcard, origin }: VcardChange): Promise<void> {
  // A picture alone changes nothing that would be said here.
  if (origin !== undefined) return
  const before = await pep.item(account, node)
  await publish(pep, account, toVcard4(vcard, before?.payload), before?.id)
}

function publish(pep: OwnNodes, account: Account, payload: Element, id = 'current'): Promise<void> {
  return pep.publish(account, { node, id, payload, settings }, name)
}
