// XEP-0198 §5: what a session knows of its contacts, over a restart of the server.
import type { ScopedHost } from '../../host/scoped-host.ts'
import { type Jid, jid, parseJid } from '../../jid/jid.ts'
import type { ClientSession } from '../../session/client.ts'
import { Presence } from '../../stanza/stanza.ts'
import type { Value } from '../../storage/storage.ts'
import type { SessionPart } from '../stream-management/stream-management.ts'
import type { Rosters } from './rosters.ts'

/** Resources of contacts that are remembered for one session. */
const maxSeen = 1000

/** Keeps whether a session follows the roster, and which of its contacts it sees. */
export function rosterPart(host: ScopedHost, rosters: Rosters): SessionPart {
  return {
    name: 'roster',
    async save(session) {
      const seen = session.isAvailable ? await seenBy(host, rosters, session) : []
      return { isInterested: rosters.isInterested(session), seen }
    },
    restore(session, saved) {
      const { isInterested, seen } = saved as { isInterested?: boolean; seen?: readonly Value[] }
      if (isInterested) rosters.addInterested(session)
      for (const address of seen ?? []) tellIfGone(host, session, parseJid(String(address)))
    },
  }
}

/** The other resources of its account, and those of contacts here, whose presence a session is shown. */
async function seenBy(host: ScopedHost, rosters: Rosters, { jid: own }: ClientSession): Promise<string[]> {
  const account = host.accountOf(own)
  if (!account) return []
  const others = [account]
  for (const [address, item] of (await rosters.of(account)).entries) {
    const contact = item.to ? jid(address) : undefined
    const other = contact?.domain === host.domain.domain ? host.accountOf(contact) : undefined
    if (other && (await rosters.isViewer(other, own.bare))) others.push(other)
  }
  const addresses = others.flatMap(({ availableSessions }) => availableSessions.map((other) => other.jid))
  return addresses
    .filter((address) => !address.equals(own))
    .slice(0, maxSeen)
    .map(String)
}

/** Those who are there again are seen when the session shows its own presence. */
function tellIfGone(host: ScopedHost, session: ClientSession, contact: Jid | undefined): void {
  if (!contact || host.accountOf(contact)?.sessionsByResource.get(contact.resource)?.isAvailable) return
  session.send(new Presence('unavailable', { from: contact, to: session.jid }))
}
