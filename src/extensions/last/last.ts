// XEP-0012: Last Activity
import type { Account } from '../../host/account.ts'
import { defineExtension } from '../../host/extension.ts'
import type { ScopedHost } from '../../host/scoped-host.ts'
import type { Iq } from '../../stanza/stanza.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import type { KeyValue } from '../../storage/storage.ts'
import { type Element, element } from '../../xml/element.ts'
import { type RosterApi, roster } from '../roster/roster.ts'

const namespace = 'jabber:iq:last'

/** How an account was left: when, in milliseconds since 1970, and with which words. */
type Leaving = { readonly when: number; readonly status: string }

/** Tells how long the host has been up, and contacts how long an account has been away. */
export const last = defineExtension({
  name: 'last',
  xep: { number: 12, version: '2.0' },
  needs: { roster },
  setup(host, apis) {
    const leavings: KeyValue<Leaving> = host.store.keyValue('last')
    const since = host.clock.now()
    host.advertise(namespace)
    host.account.advertise(namespace)
    // §5: of the server itself.
    host.iq.get(namespace, 'query', () => answer(host.clock.now() - since))
    host.account.openIq.get(namespace, 'query', (iq, account) =>
      tellLeaving(host, leavings, apis.roster, iq, account),
    )
    // §4: who may not see an account's presence does not learn from a client either whether it is there.
    host.iqReceived.check(({ iq, account }) => {
      if (iq.type !== 'get' || !iq.to?.resource || !iq.payload?.is('query', namespace)) return
      return refuseStrangers(apis.roster, iq, account)
    })
    host.presenceSent.announce(({ presence, account }) => {
      if (presence.type !== 'unavailable' || presence.to) return
      // The end of an account that has been removed leaves nothing behind.
      if (host.accountOf(account.jid) !== account) return
      const status = presence.child('status')?.text ?? ''
      // Not waited for: that it is lost with the power is no harm.
      leavings
        .set(account.jid.local, { when: host.clock.now(), status })
        .catch((error: unknown) => host.log.warn('last activity not kept', { error }))
    })
    host.accountRemoved((account) => leavings.set(account.local, undefined))
  },
})

async function refuseStrangers(roster: RosterApi, iq: Iq, account: Account): Promise<void> {
  const { from, to } = iq
  if (from.bare.equals(account.jid)) return
  const asked = to && account.sessionsByResource.get(to.resource)
  // It has shown itself to them, or to a room that they are in.
  if (asked && account.directedPresenceAt(asked, from.bare).length > 0) return
  if (!(await roster.isSubscriber(account.jid, from))) throw new StanzaError('forbidden')
}

// §4: of an account, for itself and for those who may see its presence.
async function tellLeaving(
  host: ScopedHost,
  leavings: KeyValue<Leaving>,
  roster: RosterApi,
  iq: Iq,
  account: Account,
): Promise<Element> {
  const isOwn = iq.from.bare.equals(account.jid)
  if (!isOwn && !(await roster.isSubscriber(account.jid, iq.from))) throw new StanzaError('forbidden')
  if (account.availableSessions.length > 0) return answer(0)
  const leaving = await leavings.get(account.jid.local)
  if (!leaving) throw new StanzaError('item-not-found', 'that account has never been left')
  return answer(host.clock.now() - leaving.when, leaving.status)
}

function answer(ms: number, status?: string): Element {
  return element('query', namespace, { seconds: String(Math.max(0, Math.floor(ms / 1000))) }, status)
}
