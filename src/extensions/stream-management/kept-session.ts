// XEP-0198 §5: a session as it outlives a restart of the server.
import { type Jid, parseJid } from '../../jid/jid.ts'
import type { ClientSession } from '../../session/client.ts'
import { parseStanza } from '../../stanza/parse-stanza.ts'
import { type Stanza, stanzaNamespace } from '../../stanza/stanza.ts'
import type { Value } from '../../storage/storage.ts'
import { parseDocument } from '../../xml/xml.ts'
import type { Unacknowledged } from './outbox.ts'
import { counterSpan } from './sm-elements.ts'

/** What another extension knows of a session, and brings back with it. */
export interface SessionPart {
  /** Names the part in what is kept. */
  readonly name: string
  /** `undefined` for nothing. */
  save(session: ClientSession): Value | undefined | Promise<Value | undefined>
  /** The session is back; what it is sent now comes behind what it had missed. */
  restore(session: ClientSession, saved: Value): void
}

/** A stanza in what is kept. */
export type KeptStanza = {
  readonly text: string
  /** Milliseconds since 1970. */
  readonly when: number
  /** Under which key another store has it, too. */
  readonly key?: string
  /** Another session of the account had it. */
  readonly isTaken?: boolean
}

/** What is kept of a session. */
export type KeptSession = {
  /** The account, without its domain. */
  readonly user: string
  /** `undefined` if it cannot be resumed, and only its counter is known. */
  readonly resource?: string
  /** The number of the server's run at the end of which it was kept. */
  readonly run?: number
  /** Milliseconds since 1970. */
  readonly until: number
  readonly resumeMs: number
  readonly handled: number
  /** An error is among the stanzas, or was never among them: what was handled is not known to have been kept. */
  readonly isInDoubt?: boolean
  readonly sent: number
  readonly presence?: string
  readonly stanzas: readonly KeptStanza[]
  readonly parts: { readonly [name: string]: Value }
}

/** Whether a client can have had `h` stanzas: no more than were sent, no fewer than it had acknowledged. */
export function canHaveHad({ sent, stanzas }: KeptSession, h: number): boolean {
  return (sent - h + counterSpan) % counterSpan <= stanzas.length
}

/** How many stanzas had been sent before the oldest that is kept. */
export function sentBefore({ sent, stanzas }: KeptSession): number {
  return (sent - stanzas.length + counterSpan) % counterSpan
}

/** The stanza as it was; `undefined` if this is none. */
export function stanzaOf(text: string): Stanza | undefined {
  const element = parseDocument(text, { namespaces: { '': stanzaNamespace } })
  if ('condition' in element) return undefined
  const from = parseJid(element.attribute('from') ?? '')
  const stanza = from && parseStanza(element, from)
  return typeof stanza === 'string' ? undefined : stanza
}

/** What has to go elsewhere if the session is not resumed: what no other store has, and nobody had. */
export function orphansOf(kept: KeptSession): readonly Unacknowledged[] {
  return kept.stanzas
    .filter(({ key, isTaken }) => key === undefined && !isTaken)
    .map(({ text, when }) => ({ stanza: stanzaOf(text), when }))
    .filter((item): item is Unacknowledged => item.stanza !== undefined)
}

/** The bare address of the account, in `domain`. */
export function accountOf(kept: KeptSession, domain: Jid): Jid {
  return parseJid(`${kept.user}@${domain}`) as Jid
}
