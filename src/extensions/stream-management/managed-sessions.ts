// XEP-0198 §3 to §6: enabling, acknowledging, coming back.
import { Signal } from '../../base/signal.ts'
import type { Delivery } from '../../host/message.ts'
import type { ScopedHost } from '../../host/scoped-host.ts'
import { ClientSession } from '../../session/client.ts'
import type { Stanza } from '../../stanza/stanza.ts'
import type { StreamFeature, XmlStream } from '../../stream/stream.ts'
import { StreamError } from '../../stream/stream-error.ts'
import { type Element, element } from '../../xml/element.ts'
import { Copies } from './copies.ts'
import { EndedSessions } from './ended-sessions.ts'
import { KeptCounts } from './kept-counts.ts'
import { KeptSessions } from './kept-sessions.ts'
import { ManagedSession } from './managed-session.ts'
import type { Unacknowledged } from './outbox.ts'
import { redeliver } from './redeliver.ts'
import { type Answer, type ResumableSessions, Resumption } from './resumption.ts'
import {
  ackElement,
  countTooHigh,
  enabledElement,
  failedElement,
  isTrue,
  parseCounter,
  smNamespace,
} from './sm-elements.ts'

/** How sessions are kept. */
export interface StreamManagementOptions {
  readonly resumeSeconds: number
  readonly maxUnacknowledged: number
  readonly maxUnacknowledgedBytes: number
  readonly location?: string | undefined
}

/** What a session has acknowledged, oldest first. */
export interface Acknowledgement {
  readonly session: ClientSession
  readonly stanzas: readonly Unacknowledged[]
}

/** The managed sessions of one host. */
export class ManagedSessions implements ResumableSessions {
  /** A client has come back, and has been sent what it had missed. */
  readonly resumed = new Signal<ClientSession>()
  /** A client has acknowledged what it was sent. */
  readonly acknowledged = new Signal<Acknowledgement>()
  readonly kept: KeptSessions
  readonly counts: KeptCounts
  readonly #host: ScopedHost
  readonly #options: StreamManagementOptions
  readonly #bySession = new WeakMap<ClientSession, ManagedSession>()
  readonly #resumableById = new Map<string, ManagedSession>()
  readonly #ended = new EndedSessions()
  readonly #resumption: Resumption
  /** By full address; also while a session ends. */
  readonly #byAddress = new Map<string, ManagedSession>()
  readonly #copies = new Copies()
  readonly #logFailure = (error: unknown) => this.#host.log.error('session listener failed', { error })

  constructor(host: ScopedHost, options: StreamManagementOptions) {
    this.#host = host
    this.kept = new KeptSessions(host, this.#copies)
    this.counts = new KeptCounts(host, () => this.kept.sinceStart.run)
    this.#options = options
    const { kept, counts } = this
    this.#resumption = new Resumption(this, { host, kept, counts, ended: this.#ended })
  }

  /** What clients negotiate. */
  get feature(): StreamFeature {
    return {
      name: 'stream management',
      advertise: (stream) => (this.#mayBegin(stream) ? element('sm', smNamespace) : undefined),
      accepts: (nonza) => nonza.namespace === smNamespace,
      receive: (nonza, stream) => this.#receive(nonza, stream),
    }
  }

  // Where it is on already, asking for it again would be an error (XEP-0386 §3.2).
  #mayBegin(stream: XmlStream): boolean {
    const { peer } = stream
    return stream.has('authenticated') && !(peer instanceof ClientSession && this.manages(peer))
  }

  /** Whether a session counts what it is sent. */
  manages(session: ClientSession): boolean {
    return this.#bySession.has(session)
  }

  /** A message was given to the sessions of an account. */
  noteDelivered({ message, account, targets }: Delivery): void {
    if (targets.length > 0) this.kept.sinceStart.noteChange(account.jid)
    if (targets.length < 2 || !targets.some((session) => this.manages(session))) return
    // Who acknowledges nothing has what was written.
    this.#copies.add(message, targets, !targets.every((session) => this.manages(session)))
  }

  /** A message went to nobody: its sender may be a session that is just ending. */
  noteUndelivered({ message }: Delivery): void {
    if (message.type !== 'error' || !message.to?.resource) return
    this.#byAddress.get(message.to.toString())?.noteLostError()
  }

  noteSent(session: ClientSession, stanza: Stanza): void {
    const managed = this.#bySession.get(session)
    if (!managed) return
    managed.noteSent(stanza, this.#host.clock.now())
    const { maxUnacknowledged, maxUnacknowledgedBytes } = this.#options
    const { size, bytes } = managed.outbox
    if (size > maxUnacknowledged || bytes > maxUnacknowledgedBytes) this.#overflow(managed)
  }

  noteHandled(session: ClientSession): void {
    const managed = this.#bySession.get(session)
    if (!managed) return
    managed.noteHandled()
    if (managed.hasSaid && !managed.isCountDue) void this.counts.keep(managed)
  }

  /** A session has sent a message, which its client would send again if it did not know that it was dealt with. */
  noteSaid(session: ClientSession | undefined): void {
    const managed = session && this.#bySession.get(session)
    if (!managed || managed.hasSaid) return
    managed.hasSaid = true
    // Once what keeps the message has been asked for.
    queueMicrotask(() => void this.counts.keep(managed))
  }

  /** Whether a session whose connection is lost waits for its client. */
  keeps(session: ClientSession): boolean {
    const managed = this.#bySession.get(session)
    if (!managed?.isResumable || !this.#resumableById.has(managed.id)) return false
    managed.sleep = this.#host.clock.after(managed.resumeMs, () => session.end())
    return true
  }

  /** The session is over: what it was sent, and nobody has, goes elsewhere before anything else comes. */
  handOver(session: ClientSession): void {
    const managed = this.#bySession.get(session)
    // What waits for the server's next start stays together.
    if (managed && !this.kept.isNoted(session)) managed.handingOver = this.#redeliverLeft(managed)
  }

  /** Everybody has seen the session go: it is forgotten but for its counter, or kept for the server's next start. */
  async end(session: ClientSession): Promise<void> {
    const managed = this.#bySession.get(session)
    if (!managed) return
    managed.sleep?.cancel()
    // What is known at its end includes what is still being kept.
    await session.underway
    this.#bySession.delete(session)
    const address = session.jid.toString()
    if (this.#byAddress.get(address) === managed) this.#byAddress.delete(address)
    const isResumable = this.#resumableById.delete(managed.id)
    if (isResumable) this.#ended.remember(managed)
    const forgotten = this.counts.forget(managed)
    if (isResumable && (await this.kept.save(managed))) return
    await Promise.all([managed.handingOver, this.#redeliverLeft(managed), forgotten])
  }

  #redeliverLeft(managed: ManagedSession): Promise<void> {
    if (managed.outbox.hasError) managed.noteLostError()
    const { session, outbox } = managed
    const left = outbox.takeAll().filter(({ stanza }) => this.#copies.claim(stanza, session))
    return redeliver(this.#host, session.jid, left)
  }

  /** The server is about to stop: sessions that can be resumed wait for its next start. */
  stop(): void {
    for (const { session } of this.#resumableById.values()) this.kept.note(session)
  }

  #receive(nonza: Element, stream: XmlStream): void | Promise<void> {
    switch (nonza.name) {
      case 'enable':
        stream.sendElement(this.enable(nonza, stream))
        break
      case 'resume':
        return this.resume(nonza, stream, (answer) => stream.sendElement(answer))
      case 'r':
        this.#answerRequest(stream)
        break
      case 'a':
        this.acknowledge(this.#managedOf(stream), parseCounter(nonza.attribute('h')))
        break
      default:
        throw new StreamError('unsupported-stanza-type', `unexpected <${nonza.name}>`)
    }
  }

  /** §4: as soon as what came before has been dealt with; what comes meanwhile is read on. */
  #answerRequest(stream: XmlStream): void {
    const managed = this.#managedOf(stream)
    const count = managed.handledInTheEnd
    const acknowledge = () => stream.sendElement(ackElement(managed.told))
    if (managed.mayBeTold(count)) acknowledge()
    else this.#whenKept(managed, count).then(acknowledge, this.#logFailure)
  }

  async #whenKept(managed: ManagedSession, count: number): Promise<void> {
    await this.counts.keep(managed)
    if (managed.mayBeTold(count)) return
    await managed.session.underway
    await this.counts.update(managed)
  }

  /**
   * §3: begins to count; answers what the client is to be told.
   * @throws StreamError if it does so already
   */
  enable(nonza: Element, stream: XmlStream): Element {
    const session = stream.peer
    // §3: after a resource is bound, and once.
    if (!(session instanceof ClientSession)) return failedElement('unexpected-request')
    if (this.#bySession.has(session)) throw new StreamError('policy-violation', 'enabled already')
    const wished = Number(nonza.attribute('max') ?? Number.POSITIVE_INFINITY)
    const most = this.#options.resumeSeconds
    const max = wished >= 0 && wished < most ? Math.floor(wished) : most
    const isResumable = isTrue(nonza.attribute('resume')) && max > 0
    const id = this.#host.ids.id()
    const managed = new ManagedSession(session, stream, { id, isResumable, resumeMs: max * 1000 })
    this.add(managed)
    return enabledElement({ id, isResumable, max, location: this.#options.location })
  }

  /**
   * §5: gives a session back to the client that had it; `answer` is called with what the client is to be told, before
   * anything else is written.
   * @throws StreamError for a count that cannot be
   */
  resume(nonza: Element, stream: XmlStream, answer: Answer): void | Promise<void> {
    const id = nonza.attribute('previd') ?? ''
    const h = parseCounter(nonza.attribute('h'))
    const managed = this.#resumableById.get(id)
    // Somebody else's id is as good as none.
    const isOwn = managed?.session.jid.bare.equals(stream.user) === true
    // §3, §10: not before its client has shown who it is, and not beside another session.
    if (stream.has('bound') || !stream.user) answer(failedElement('unexpected-request'))
    else if (h === undefined) answer(failedElement('bad-request'))
    else if (!managed || !isOwn) return this.#resumption.comeBack({ id, h, stream, answer })
    else {
      // What an ending session had not acknowledged is on its way elsewhere.
      if (!managed.session.hasEnded) this.acknowledge(managed, h)
      return this.#resumption.replace(managed, stream, answer)
    }
  }

  /** A session begins to count. */
  add(managed: ManagedSession): void {
    if (managed.isResumable) this.#resumableById.set(managed.id, managed)
    this.#bySession.set(managed.session, managed)
    this.#byAddress.set(managed.session.jid.toString(), managed)
  }

  /**
   * The client says that it has had `h` stanzas.
   * @throws StreamError if that is no number, or too high
   */
  acknowledge(managed: ManagedSession, h: number | undefined): void {
    if (h === undefined) throw new StreamError('policy-violation', 'an acknowledgement has a number')
    const acknowledged = managed.acknowledge(h)
    if (!acknowledged) throw countTooHigh(h, managed.outbox.sent)
    if (acknowledged.length === 0) return
    for (const { stanza } of acknowledged) this.#copies.acknowledged(stanza)
    this.acknowledged.emit({ session: managed.session, stanzas: acknowledged }, this.#logFailure)
  }

  #managedOf(stream: XmlStream): ManagedSession {
    const session = stream.peer
    const managed = session instanceof ClientSession ? this.#bySession.get(session) : undefined
    if (!managed) throw new StreamError('policy-violation', 'stream management is not enabled')
    return managed
  }

  #overflow(managed: ManagedSession): void {
    if (managed.hasOverflowed) return
    managed.hasOverflowed = true
    const { session, id } = managed
    this.#host.log.warn('too much unacknowledged', { jid: session.jid.toString() })
    // Not to be resumed any more: what waits goes elsewhere as soon as the session has ended.
    this.#resumableById.delete(id)
    // A stanza is just being given to it, and perhaps to others.
    queueMicrotask(() =>
      session.close(new StreamError('resource-constraint', 'too many stanzas are not acknowledged')),
    )
  }
}
