// XEP-0198 §5: a client comes back to a session that was kept while the server was started again.
import type { ScopedHost } from '../../host/scoped-host.ts'
import type { Jid } from '../../jid/jid.ts'
import type { ClientSession } from '../../session/client.ts'
import type { Stanza } from '../../stanza/stanza.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import type { XmlStream } from '../../stream/stream.ts'
import { type KeptSession, stanzaOf } from './kept-session.ts'
import type { KeptSessions } from './kept-sessions.ts'

/** Binds the resource that the session had; `undefined` if the host refuses. */
export async function bindAgain(
  host: ScopedHost,
  stream: XmlStream,
  user: Jid,
  resource: string,
): Promise<ClientSession | undefined> {
  try {
    return await host.bind(stream, user, resource)
  } catch (error) {
    if (error instanceof StanzaError) return undefined
    throw error
  }
}

/** Brings back what other extensions knew of the session. */
export function restoreParts({ parts }: KeptSessions, kept: KeptSession, session: ClientSession): void {
  for (const part of parts) {
    const saved = kept.parts[part.name]
    if (saved !== undefined) part.restore(session, saved)
  }
}

/** The stanzas that the client had not acknowledged; those that another store has are its to forget again. */
export function* restoreStanzas(
  { keepers }: KeptSessions,
  { stanzas }: KeptSession,
  session: ClientSession,
): Generator<{ readonly stanza: Stanza; readonly when: number }> {
  for (const { text, when, key } of stanzas) {
    const stanza = stanzaOf(text)
    if (!stanza) continue
    if (key !== undefined && stanza.kind === 'message')
      for (const keeper of keepers) keeper.restored(session, key, stanza)
    yield { stanza, when }
  }
}

/** Shows the presence that the session had: those who saw it go see it come, and what waits is given. */
export async function restorePresence(
  host: ScopedHost,
  kept: KeptSession,
  session: ClientSession,
): Promise<void> {
  const presence = kept.presence === undefined ? undefined : stanzaOf(kept.presence)
  if (presence) await host.accountOf(session.jid)?.send(presence, session)
}
