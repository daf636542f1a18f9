// RFC 6121 §4: presence of accounts here, as far as it needs no roster.
import type { Clock } from '../base/clock.ts'
import type { Jid } from '../jid/jid.ts'
import type { ClientSession } from '../session/client.ts'
import { delay, withoutDelayBy } from '../stanza/delay.ts'
import { Presence } from '../stanza/stanza.ts'
import { StanzaError } from '../stanza/stanza-error.ts'
import type { Account } from './account.ts'
import type { Line } from './line.ts'

/** What happens to presence that an account here sends, in order. `announce` has what goes to everybody. */
export const presenceSentPhases = ['check', 'stamp', 'subscribe', 'announce'] as const
/** What happens to presence that an account here receives, in order. */
export const presenceReceivedPhases = ['check', 'subscribe', 'deliver'] as const

export type PresenceSentPhase = (typeof presenceSentPhases)[number]
export type PresenceReceivedPhase = (typeof presenceReceivedPhases)[number]

/** Presence on its way through an account. */
export class PresenceDelivery {
  presence: Presence
  readonly account: Account
  /** The session that sent it; on the received line `undefined`. */
  readonly session: ClientSession | undefined
  /** On the sent line: what the session's presence to everybody was before. */
  readonly before: Presence | undefined

  constructor(presence: Presence, account: Account, session?: ClientSession, before?: Presence) {
    this.presence = presence
    this.account = account
    this.session = session
    this.before = before
  }

  /** Whether a session has just become available (RFC 6121 §4.2). */
  get isInitial(): boolean {
    return this.before === undefined && this.presence.type === 'available' && this.presence.to === undefined
  }
}

/** The RFC's own rules as steps of the two lines. */
export function addPresenceRules(
  sent: Line<PresenceSentPhase, PresenceDelivery>,
  received: Line<PresenceReceivedPhase, PresenceDelivery, Presence, Account>,
  { clock, domain }: { readonly clock: Clock; readonly domain: Jid },
): void {
  sent.add('stamp', (delivery) => {
    const { presence } = delivery
    const children = withoutDelayBy(presence.children, domain)
    // XEP-0203 §3: only we say what we have kept, and since when.
    if (children !== presence.children) delivery.presence = presence.with({ children })
  })
  sent.add('announce', ({ presence, session }) => {
    if (presence.type === 'available' && !presence.to) session?.show(presence, clock.now())
  })
  sent.add('announce', (delivery) => announceToOwn(delivery, domain))
  received.add('deliver', deliverPresence, always)
}

/** The session that a stanza is for is found without the line. */
function always(): boolean {
  return true
}

/** RFC 6121 §4.2.2, §4.4.2, §4.5.2: to the account's own available sessions, the sender included. */
function announceToOwn({ presence, account, session, before }: PresenceDelivery, domain: Jid): void {
  if (presence.to || !session) return
  for (const other of account.sessionsByResource.values()) {
    if (other.isAvailable || other === session) other.send(presence.with({ to: other.jid }))
  }
  if (before !== undefined || presence.type !== 'available') return
  for (const other of account.sessionsByResource.values()) {
    const shown = other === session ? undefined : presenceLater(other, domain)
    if (shown) session.send(shown.with({ to: session.jid }))
  }
}

/** A session's presence as who was not there when it was sent sees it (RFC 6121 §4.3.2.1); `undefined` of one that is away. */
export function presenceLater({ presence, presenceAt }: ClientSession, domain: Jid): Presence | undefined {
  return presence?.with({ children: [...presence.children, delay(domain, presenceAt)] })
}

function deliverPresence({ presence, account }: PresenceDelivery): void {
  // RFC 6121 §8.5.2.1.2, §8.5.3.1: probes are the server's to answer.
  if (account.isBeingErased || presence.type === 'probe') return
  const resource = presence.to?.resource
  if (resource) {
    account.sessionsByResource.get(resource)?.send(presence)
    return
  }
  // RFC 6121 §8.5.2.1.2: to a bare address, all available resources.
  for (const session of account.sessionsByResource.values()) {
    if (session.isAvailable) session.send(presence)
  }
}

/**
 * What a service is told of a session that could not be reached: not that it left, but that it had to (XEP-0045
 * §14.1.2). `undefined` for one that ended otherwise.
 */
export function failureOf({ jid, fault }: ClientSession, to: Jid): Presence | undefined {
  if (fault?.condition !== 'resource-constraint' && fault?.condition !== 'connection-timeout')
    return undefined
  const condition = fault.condition === 'resource-constraint' ? fault.condition : 'remote-server-timeout'
  return new Presence('error', { from: jid, to, children: [new StanzaError(condition).toElement()] })
}

/** The presence of a session that is gone without having said so. */
export function unavailableOf(session: ClientSession): Presence {
  return new Presence('unavailable', { from: session.jid })
}

/** Presence that answers for an account that has no session: it is not there; under the `id` of what it answers. */
export function absenceOf(account: Jid, to: Jid, id?: string): Presence {
  return new Presence('unavailable', { from: account, to, id })
}
