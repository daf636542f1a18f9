// RFC 6121 §4.3.2: somebody asks for the presence of an account.
import type { StepResult } from '../../host/line.ts'
import type { PresenceDelivery } from '../../host/presence.ts'
import { absenceOf } from '../../host/presence.ts'
import type { ScopedHost } from '../../host/scoped-host.ts'
import { Presence } from '../../stanza/stanza.ts'
import { shownLater } from './roster-requests.ts'
import type { Rosters } from './rosters.ts'

/**
 * Answers with the presence of every available session, to those who may see it. Only the client that has asked is told:
 * its account's others know already.
 */
export async function answerProbe(
  host: ScopedHost,
  rosters: Rosters,
  { presence, account }: PresenceDelivery,
): Promise<StepResult> {
  const asker = presence.from
  const contact = asker.bare
  const own = await rosters.of(account)
  if (!own.get(contact.toString()).from && !contact.equals(account.jid)) {
    // Not waited for: who asks may be waiting for this account.
    void host.route(new Presence('unsubscribed', { from: account.jid, to: contact }))
    return 'stop'
  }
  const shown = shownLater(host, account)
  if (shown.length === 0) void host.route(absenceOf(account.jid, asker))
  for (const own of shown) void host.route(own.with({ to: asker }))
  return 'stop'
}
