// What happens to a stanza just before it is written to a client, whoever it is from.
import type { ClientSession } from '../session/client.ts'
import type { Stanza } from '../stanza/stanza.ts'

/** `hold` may keep a stanza back for later (`'stop'`); `record` sees what is written. Steps here must not wait. */
export const outgoingPhases = ['hold', 'record'] as const
export type OutgoingPhase = (typeof outgoingPhases)[number]

/** A stanza about to be written. */
export interface Outgoing {
  readonly stanza: Stanza
  readonly session: ClientSession
}

/** Says whether a session whose connection is lost waits for its client to come back. */
export type SessionKeeper = (session: ClientSession) => boolean
