// RFC 6121 §4.2 to §4.5: presence goes to those who may see it, and theirs is asked for.
import { eachInTurn } from '../../base/each-in-turn.ts'
import type { Account } from '../../host/account.ts'
import type { PresenceDelivery } from '../../host/presence.ts'
import type { ScopedHost } from '../../host/scoped-host.ts'
import { type Jid, jid } from '../../jid/jid.ts'
import type { ClientSession } from '../../session/client.ts'
import { parseStanza } from '../../stanza/parse-stanza.ts'
import { Presence } from '../../stanza/stanza.ts'
import { parseDocument } from '../../xml/xml.ts'
import type { AccountRoster } from './account-roster.ts'
import type { Rosters } from './rosters.ts'

/** Sends presence without `to` to everybody who may see it; initial presence also probes. */
export function announce(
  host: ScopedHost,
  rosters: Rosters,
  delivery: PresenceDelivery,
): void | Promise<void> {
  if (delivery.presence.to) return
  const own = rosters.of(delivery.account)
  return own instanceof Promise
    ? own.then((loaded) => announceTo(loaded, host, rosters, delivery))
    : announceTo(own, host, rosters, delivery)
}

function announceTo(
  own: AccountRoster,
  host: ScopedHost,
  rosters: Rosters,
  { presence, account, session, isInitial }: PresenceDelivery,
): void | Promise<void> {
  const shown = eachInTurn(own.entries, ([contact, item]) => {
    if (item.from) return unlessHidden(rosters, account, jid(contact), (to) => host.share(presence, to))
  })
  if (!isInitial || !session) return shown
  const ask = (to: Jid) => host.route(new Presence('probe', { from: session.jid, to }))
  const probe = async () => {
    await eachInTurn(own.entries, ([contact, item]) => {
      // XEP-0191 §3.3: nothing goes to those who are blocked, and so they are not asked either.
      if (item.to) return unlessHidden(rosters, account, jid(contact), ask)
    })
    deliverRequests(own, session)
  }
  return shown ? shown.then(probe) : probe()
}

function unlessHidden(
  rosters: Rosters,
  account: Account,
  contact: Jid,
  send: (to: Jid) => void | Promise<void>,
): void | Promise<void> {
  const isHidden = rosters.isHiddenFrom(account, contact)
  if (isHidden instanceof Promise) return isHidden.then((is) => (is ? undefined : send(contact)))
  if (!isHidden) return send(contact)
}

/** RFC 6121 §3.1.3: requests that were not answered come again with each log-in. */
function deliverRequests(own: AccountRoster, session: ClientSession): void {
  for (const [contact, item] of own.entries) {
    if (!item.isPendingIn || item.request === undefined) continue
    const kept = parseDocument(item.request)
    if ('condition' in kept) continue
    const request = parseStanza(kept, jid(contact))
    if (typeof request !== 'string') session.send(request)
  }
}
