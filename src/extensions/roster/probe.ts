// RFC 6121 §4.3.2: somebody asks for the presence of an account.

import { absenceOf } from '../../host/account.ts'
import type { StepResult } from '../../host/line.ts'
import type { PresenceDelivery } from '../../host/presence.ts'
import type { ScopedHost } from '../../host/scoped-host.ts'
import { Presence } from '../../stanza/stanza.ts'
import type { Rosters } from './rosters.ts'

/** Answers with the presence of every available session, to those who may see it. */
export async function answerProbe(
  host: ScopedHost,
  rosters: Rosters,
  { presence, account }: PresenceDelivery,
): Promise<StepResult> {
  const contact = presence.from.bare
  const own = await rosters.of(account)
  if (!own.get(contact.toString()).from && !contact.equals(account.jid)) {
    // Not waited for: who asks may be waiting for this account.
    void host.route(new Presence('unsubscribed', { from: account.jid, to: contact }))
    return 'stop'
  }
  const sessions = account.availableSessions
  if (sessions.length === 0) void host.route(absenceOf(account.jid, presence.from))
  for (const session of sessions) {
    if (session.presence) void host.route(session.presence.with({ to: presence.from }))
  }
  return 'stop'
}
