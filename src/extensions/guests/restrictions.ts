// XEP-0175 §3: what guests may not do.
import type { Account } from '../../host/account.ts'
import type { ScopedHost } from '../../host/scoped-host.ts'
import type { Jid } from '../../jid/jid.ts'
import type { Iq } from '../../stanza/stanza.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'

/** Namespaces of requests to one's own account that leave something behind in it. */
const lasting: ReadonlySet<string> = new Set([
  'http://jabber.org/protocol/pubsub',
  'http://jabber.org/protocol/pubsub#owner',
  'jabber:iq:private',
  'jabber:iq:register',
  'jabber:iq:roster',
  'urn:xmpp:blocking',
  'urn:xmpp:push:0',
  'vcard-temp',
])

const subscribing: ReadonlySet<string> = new Set(['subscribe', 'subscribed', 'unsubscribe', 'unsubscribed'])

/** Refuses guests what would reach other servers, or would last longer than they stay. */
export function restrictGuests(host: ScopedHost): void {
  host.sent.check(({ message, account }) => {
    if (isGuest(host, account)) refuseElsewhere(host, message.to)
  })
  host.presenceSent.check(({ presence, account }) => {
    if (!isGuest(host, account)) return
    refuseElsewhere(host, presence.to)
    if (subscribing.has(presence.type)) throw new StanzaError('not-allowed', 'guests have no contacts')
  })
  host.presenceReceived.check(
    ({ presence, account }) => {
      if (isGuest(host, account) && subscribing.has(presence.type)) return 'stop'
    },
    ({ type }) => !subscribing.has(type),
  )
  host.iqSent.check(({ iq, account }) => {
    if (!isGuest(host, account)) return
    refuseElsewhere(host, iq.to)
    if (isToItself(iq, account) && iq.type === 'set' && lasting.has(iq.payload?.namespace ?? ''))
      throw new StanzaError('not-allowed', 'nothing is kept for guests')
  })
}

function isGuest(host: ScopedHost, account: Account): boolean {
  return host.accounts.isGuest(account.jid)
}

function isToItself({ to }: Iq, account: Account): boolean {
  return (
    to === undefined || to.bare.equals(account.jid) || (to.domain === account.jid.domain && to.local === '')
  )
}

function refuseElsewhere(host: ScopedHost, to: Jid | undefined): void {
  if (to && !host.isServedHere(to.domain))
    throw new StanzaError('not-allowed', 'guests cannot write to other servers')
}
