// XEP-0352 §3.2: which clients are inactive, and what is held back from them.
import type { StepResult } from '../../host/line.ts'
import type { ClientSession } from '../../session/client.ts'
import type { Stanza } from '../../stanza/stanza.ts'
import { HeldBack } from './held-back.ts'
import { waitingKeyOf } from './waiting-key.ts'

/** How much may be held back from one client. */
export interface HoldingLimits {
  readonly maxHeld: number
  readonly maxBytes: number
}

/** The clients of one host that are inactive. */
export class ClientStates {
  readonly #limits: HoldingLimits
  readonly #heldBySession = new Map<ClientSession, HeldBack>()

  constructor(limits: HoldingLimits) {
    this.#limits = limits
  }

  isActive(session: ClientSession): boolean {
    return !this.#heldBySession.has(session)
  }

  deactivate(session: ClientSession): void {
    if (this.isActive(session)) this.#heldBySession.set(session, new HeldBack())
  }

  /** Ends holding back, and sends what was. */
  activate(session: ClientSession): void {
    const held = this.#heldBySession.get(session)
    if (!held) return
    this.#heldBySession.delete(session)
    for (const stanza of held.takeAll()) session.send(stanza)
  }

  activateAll(): void {
    for (const session of [...this.#heldBySession.keys()]) this.activate(session)
  }

  /** The session is over; what it was not sent has no meaning any more. */
  forget(session: ClientSession): void {
    this.#heldBySession.delete(session)
  }

  /** Says `'stop'` to a stanza that can wait. Before one that cannot, all that waits is sent, so that the order stays. */
  holdBack(stanza: Stanza, session: ClientSession): StepResult {
    const held = this.#heldBySession.get(session)
    if (!held) return
    const key = waitingKeyOf(stanza, session.jid)
    if (key === undefined) {
      this.#flush(session, held)
      return
    }
    held.add(key, stanza)
    if (held.size > this.#limits.maxHeld || held.bytes > this.#limits.maxBytes) this.#flush(session, held)
    return 'stop'
  }

  #flush(session: ClientSession, held: HeldBack): void {
    if (held.size === 0) return
    // Without the entry nothing holds them back again.
    this.#heldBySession.delete(session)
    for (const stanza of held.takeAll()) session.send(stanza)
    this.#heldBySession.set(session, held)
  }
}
