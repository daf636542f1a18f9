// RFC 6121 §8.5.3.1: requests to a client by those who may not know that it is there.
import type { IqPassage } from '../../host/iq.ts'
import { notThere } from '../../host/not-there.ts'
import type { ScopedHost } from '../../host/scoped-host.ts'
import type { Rosters } from './rosters.ts'

/** Refuses requests of strangers to a client as if it were not there; services here, and rooms it is in, are none. */
export function refuseStrangers(
  host: ScopedHost,
  rosters: Rosters,
  { iq, account }: IqPassage,
): Promise<void> | undefined {
  const { from, to } = iq
  if (!iq.isRequest || !to?.resource || from.bare.equals(account.jid)) return
  if (from.local === '' && host.isServedHere(from.domain)) return
  const session = account.sessionsByResource.get(to.resource)
  // Where there is none, the answer is the same.
  if (!session || account.directedPresenceAt(session, from.bare).length > 0) return
  return rosters.isViewer(account, from.bare).then((isViewer) => {
    if (!isViewer) throw notThere()
  })
}
