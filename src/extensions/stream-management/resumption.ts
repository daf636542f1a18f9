// XEP-0198 §5: gives sessions back to the clients that had them.
import type { Signal } from '../../base/signal.ts'
import type { ScopedHost } from '../../host/scoped-host.ts'
import type { Jid } from '../../jid/jid.ts'
import type { ClientSession } from '../../session/client.ts'
import type { XmlStream } from '../../stream/stream.ts'
import { StreamError } from '../../stream/stream-error.ts'
import type { Element } from '../../xml/element.ts'
import { bindAgain, restoreParts, restorePresence, restoreStanzas } from './comeback.ts'
import type { EndedSessions } from './ended-sessions.ts'
import type { KeptCounts } from './kept-counts.ts'
import { canHaveHad, type KeptSession, sentBefore } from './kept-session.ts'
import type { KeptSessions } from './kept-sessions.ts'
import { ManagedSession } from './managed-session.ts'
import { failedElement, resumedElement } from './sm-elements.ts'

/** Tells the client what came of what it asked for. */
export type Answer = (element: Element) => void

/** The sessions that are in memory. */
export interface ResumableSessions {
  /** A client has come back, and has been sent what it had missed. */
  readonly resumed: Signal<ClientSession>
  add(managed: ManagedSession): void
  acknowledge(managed: ManagedSession, h: number): void
  keeps(session: ClientSession): boolean
}

/** What is known of the others. */
export interface ResumptionParts {
  readonly host: ScopedHost
  readonly kept: KeptSessions
  readonly counts: KeptCounts
  readonly ended: EndedSessions
}

/** A client wants the session of an id, of which it has had `h` stanzas. */
interface Wish {
  readonly id: string
  readonly h: number
  readonly stream: XmlStream
  readonly answer: Answer
}

/** Lets clients come back. */
export class Resumption {
  readonly #sessions: ResumableSessions
  readonly #host: ScopedHost
  readonly #kept: KeptSessions
  readonly #counts: KeptCounts
  readonly #ended: EndedSessions
  readonly #logFailure = (error: unknown) => this.#host.log.error('session listener failed', { error })

  constructor(sessions: ResumableSessions, { host, kept, counts, ended }: ResumptionParts) {
    this.#sessions = sessions
    this.#host = host
    this.#kept = kept
    this.#counts = counts
    this.#ended = ended
  }

  /** The session is over, or was kept when the server stopped, or never was. */
  async comeBack({ id, h, stream, answer }: Wish): Promise<void> {
    const user = stream.user as Jid
    const kept = await this.#kept.take(id, user.local)
    if (kept) await this.#dropCount(id)
    const isCurrent = kept !== undefined && (await this.#kept.sinceStart.isCurrent(kept))
    if (isCurrent && kept.resource !== undefined && canHaveHad(kept, h)) {
      const session = await bindAgain(this.#host, stream, user, kept.resource)
      if (session) return this.#restore({ id, h, stream, answer }, kept, session)
    }
    const known = kept && !kept.isInDoubt ? kept.handled : this.#ended.handledIn(id)
    const handled = known ?? (kept ? undefined : await this.#counts.take(id, user.local))
    answer(failedElement('item-not-found', handled))
    if (kept) await this.#kept.abandon(kept)
  }

  async #restore({ id, h, stream, answer }: Wish, kept: KeptSession, session: ClientSession): Promise<void> {
    const { handled, resumeMs } = kept
    const sent = sentBefore(kept)
    const managed = new ManagedSession(session, stream, { id, isResumable: true, resumeMs, handled, sent })
    this.#sessions.add(managed)
    for (const { stanza, when } of restoreStanzas(this.#kept, kept, session)) managed.outbox.add(stanza, when)
    // Before its presence is shown: what it has is not given to it from a store.
    this.#sessions.acknowledge(managed, h)
    restoreParts(this.#kept, kept, session)
    // The connection may have gone meanwhile; then the client comes back once more.
    if (stream.adopt(session)) this.#goOn(managed, stream, answer)
    else this.#lose(session)
    await restorePresence(this.#host, kept, session)
  }

  #lose(session: ClientSession): void {
    session.detach()
    this.#sessions.keeps(session)
  }

  /** §5: the new stream takes the place of the old one, which may not know yet that it is dead. */
  async replace(managed: ManagedSession, stream: XmlStream, answer: Answer): Promise<void> {
    const { session, stream: old } = managed
    session.detach()
    old.close(new StreamError('conflict', 'resumed on another connection'))
    // What came last over the old stream counts; otherwise the client would send it again.
    await session.underway
    await this.#updateCount(managed)
    if (managed.stream !== old) return this.replace(managed, stream, answer)
    if (session.hasEnded) answer(failedElement('item-not-found', managed.handledForSure))
    else if (stream.adopt(session)) this.#goOn(managed, stream, answer)
    else if (!managed.sleep) this.#sessions.keeps(session)
  }

  /** What could not be removed with the session would be told to its client after the next kill. */
  async #dropCount(id: string): Promise<void> {
    try {
      await this.#counts.drop(id)
    } catch (error) {
      this.#logFailure(error)
    }
  }

  /** What cannot be kept is told all the same: the client is there to take it. */
  async #updateCount(managed: ManagedSession): Promise<void> {
    try {
      await this.#counts.update(managed)
    } catch (error) {
      this.#logFailure(error)
    }
  }

  #goOn(managed: ManagedSession, stream: XmlStream, answer: Answer): void {
    const { session } = managed
    answer(resumedElement(managed.id, managed.handled))
    managed.resume(stream)
    this.#host.log.info('resumed', { jid: session.jid.toString(), address: stream.remoteAddress })
    this.#sessions.resumed.emit(session, this.#logFailure)
  }
}
