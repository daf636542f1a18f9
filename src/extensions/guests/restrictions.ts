// XEP-0175 §3: what guests may not do.
import type { Account } from '../../host/account.ts'
import type { ScopedHost } from '../../host/scoped-host.ts'
import type { Jid } from '../../jid/jid.ts'
import { formNamespace, parseForm } from '../../stanza/form.ts'
import { mucOwnerNamespace } from '../../stanza/namespaces.ts'
import type { Iq } from '../../stanza/stanza.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import type { Element } from '../../xml/element.ts'

/** Namespaces of requests that leave something behind, in one's own account or at a service. */
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
    if (iq.type === 'set' && isLasting(iq)) throw new StanzaError('not-allowed', 'nothing is kept for guests')
  })
}

function isGuest(host: ScopedHost, account: Account): boolean {
  return host.accounts.isGuest(account.jid)
}

/** Relationships with services (§3) too: guests could not be told from who comes later. */
function isLasting({ payload }: Iq): boolean {
  if (!payload) return false
  return payload.namespace === mucOwnerNamespace ? configuresRoom(payload) : lasting.has(payload.namespace)
}

/** XEP-0045 §10.1.2: a room as it is by itself goes with its last occupant, another one need not. */
function configuresRoom(query: Element): boolean {
  const form = query.child('x', formNamespace)
  return form !== undefined && parseForm(form).values.size > 0
}

function refuseElsewhere(host: ScopedHost, to: Jid | undefined): void {
  if (to && !host.isServedHere(to.domain))
    throw new StanzaError('not-allowed', 'guests cannot write to other servers')
}
