// RFC 6121 §4.3.2, §4.6.6: somebody asks for the presence of an account.
import type { Account } from '../../host/account.ts'
import type { StepResult } from '../../host/line.ts'
import type { PresenceDelivery } from '../../host/presence.ts'
import { absenceOf } from '../../host/presence.ts'
import type { ScopedHost } from '../../host/scoped-host.ts'
import type { Jid } from '../../jid/jid.ts'
import type { ClientSession } from '../../session/client.ts'
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
  const contact = presence.from.bare
  const own = await rosters.of(account)
  const isSeen = own.get(contact.toString()).from || contact.equals(account.jid)
  // Not waited for: who asks may be waiting for this account.
  for (const answer of answersTo(presence, account, isSeen ? host : undefined)) void host.route(answer)
  return 'stop'
}

/** What is said to who asks; `host` only where the presence of the account is shown. */
function answersTo(probe: Presence, account: Account, host: ScopedHost | undefined): Presence[] {
  const { id, from: asker, to } = probe
  if (!host) {
    const shown = shownDirectly(account, asker, to?.resource ?? '')
    if (shown.length > 0) return shown.map((session) => mere(session, asker))
    return [new Presence('unsubscribed', { from: account.jid, to: asker.bare, id })]
  }
  if (to?.resource) {
    // §4.3.2: of no other resource, and no more than that it is there.
    const session = account.sessionsByResource.get(to.resource)
    return [session?.isAvailable ? mere(session, asker) : absenceOf(to, asker, id)]
  }
  const shown = shownLater(host, account)
  return shown.length > 0 ? shown.map((own) => own.with({ to: asker })) : [absenceOf(account.jid, asker, id)]
}

/** §4.6.6: the sessions, all or the one that is meant, that have shown themselves to who asks. */
function shownDirectly(account: Account, asker: Jid, resource: string): ClientSession[] {
  return [...account.sessionsByResource.values()].filter(
    (session) =>
      (resource === '' || session.jid.resource === resource) &&
      account.directedPresenceAt(session, asker.bare).some((to) => to.isBare || to.equals(asker)),
  )
}

/** That a session is there, and nothing else. */
function mere(session: ClientSession, to: Jid): Presence {
  return new Presence('available', { from: session.jid, to, id: session.presence?.id })
}
