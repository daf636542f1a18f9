// XEP-0050: rooms as people write them into forms.
import type { ScopedHost } from '../../host/scoped-host.ts'
import { Jid, parseJid } from '../../jid/jid.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'

/**
 * A room of this service by its address or its localpart.
 * @throws StanzaError not-acceptable if it is no such address, or one of another service
 */
export function roomAddress(host: ScopedHost, text: string): Jid {
  const { domain } = host.domain
  const jid = text.includes('@') ? parseJid(text) : Jid.of(text, domain)
  if (!jid || jid.domain !== domain || jid.local === '' || !jid.isBare) {
    throw new StanzaError('not-acceptable', `${text.slice(0, 100)} is no room of ${domain}`)
  }
  return jid
}
