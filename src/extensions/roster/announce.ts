// RFC 6121 §4.2 to §4.5: presence goes to those who may see it, and theirs is asked for.
import type { StepResult } from '../../host/line.ts'
import type { PresenceDelivery } from '../../host/presence.ts'
import type { ScopedHost } from '../../host/scoped-host.ts'
import { jid } from '../../jid/jid.ts'
import type { ClientSession } from '../../session/client.ts'
import { parseStanza } from '../../stanza/parse-stanza.ts'
import { Presence } from '../../stanza/stanza.ts'
import { parseDocument } from '../../xml/xml.ts'
import type { AccountRoster } from './account-roster.ts'
import type { Rosters } from './rosters.ts'

/** Sends presence without `to` to everybody who may see it; initial presence also probes. */
export async function announce(
  host: ScopedHost,
  rosters: Rosters,
  delivery: PresenceDelivery,
): Promise<StepResult> {
  const { presence, account, session } = delivery
  if (presence.to) return
  const own = await rosters.of(account)
  for (const [contact, item] of own.entries) {
    if (!item.from) continue
    const to = jid(contact)
    if (!(await rosters.isHiddenFrom(account, to))) await host.route(presence.with({ to }))
  }
  if (!delivery.isInitial || !session) return
  for (const [contact, item] of own.entries) {
    if (!item.to) continue
    const to = jid(contact)
    // XEP-0191 §3.3: nothing goes to those who are blocked, and so they are not asked either.
    if (await rosters.isHiddenFrom(account, to)) continue
    await host.route(new Presence('probe', { from: session.jid, to }))
  }
  deliverRequests(own, session)
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
