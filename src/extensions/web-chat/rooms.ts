// Which of the domain's services has the rooms.
import type { ScopedHost } from '../../host/scoped-host.ts'
import type { Jid } from '../../jid/jid.ts'
import { Iq } from '../../stanza/stanza.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import { discoInfoElement, discoInfoNamespace } from '../disco/disco.ts'

/** The domain of the first service that says it has rooms (XEP-0045 §6.1), if any does. */
export async function findRooms(host: ScopedHost): Promise<string | undefined> {
  for (const service of host.services) if (await hasRooms(host, service)) return service.domain
  return undefined
}

async function hasRooms(host: ScopedHost, to: Jid): Promise<boolean> {
  const query = discoInfoElement({ identities: [], features: [] })
  const question = new Iq('get', { from: host.domain, to, id: host.ids.id(), children: [query] })
  try {
    const info = (await host.request(question)).child('query', discoInfoNamespace)
    return info?.elements('identity').some((one) => one.attribute('category') === 'conference') ?? false
  } catch (error) {
    if (error instanceof StanzaError) return false
    throw error
  }
}
