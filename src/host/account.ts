// One local user: sessions, and the way of stanzas to and from them.
import type { Jid } from '../jid/jid.ts'
import type { ClientSession } from '../session/client.ts'
import type { Iq, Message, Presence, Stanza } from '../stanza/stanza.ts'
import { StanzaError } from '../stanza/stanza-error.ts'
import type { StreamError } from '../stream/stream-error.ts'
import { DirectedPresences } from './directed-presence.ts'
import type { Host } from './host.ts'
import { bounceUntaken, Delivery } from './message.ts'
import { notThere } from './not-there.ts'
import { failureOf, PresenceDelivery, unavailableOf } from './presence.ts'

/** An account that exists. Owned by one process; everything that changes it runs here, in order. */
export class Account {
  /** The bare address. */
  readonly jid: Jid
  readonly sessionsByResource: ReadonlyMap<string, ClientSession>
  /** Stanzas for it that are being dealt with; counted by the host. */
  underway = 0
  /** Whether it is being removed: who has asked for that is not shown contacts going. */
  isBeingErased = false
  readonly #host: Host
  readonly #sessions = new Map<string, ClientSession>()
  readonly #directed = new DirectedPresences()
  // An account whose sessions are quiet has none of the collections below: there may be a great many of these.
  /** What a session has sent and is still on its way. */
  #sendingBySession: Map<ClientSession, Promise<void>> | undefined
  /** What still goes through a line for this account; later stanzas wait behind it. */
  #pending: Promise<void> | undefined
  #closing: Set<Promise<void>> | undefined
  /** Sessions that are over, and have not been seen to go by everybody. */
  #leavingByResource: Map<string, Promise<void>> | undefined

  constructor(jid: Jid, host: Host) {
    this.jid = jid
    this.#host = host
    this.sessionsByResource = this.#sessions
  }

  /** Sessions that have sent initial presence. */
  get availableSessions(): ClientSession[] {
    return [...this.#sessions.values()].filter((session) => session.isAvailable)
  }

  get isIdle(): boolean {
    return this.#sessions.size === 0 && this.underway === 0 && !this.#closing?.size
  }

  /** Adds a bound session. */
  open(session: ClientSession): void {
    this.#sessions.set(session.jid.resource, session)
  }

  /** A stanza that one of the account's own sessions sent. */
  send(stanza: Stanza, session: ClientSession): void | Promise<void> {
    const result = this.#send(stanza, session)
    if (result) this.#noteSending(session, result)
    return result
  }

  /**
   * A stanza for this account, from wherever. Messages and presence one at a time, in order of arrival;
   * an iq does not wait, since a handler that is under way may itself be waiting for the answer to one.
   */
  receive(stanza: Stanza): void | Promise<void> {
    switch (stanza.kind) {
      case 'iq':
        return this.#receiveIq(stanza)
      case 'message':
        return this.#receiveMessage(new Delivery(stanza, this, undefined))
      case 'presence':
        return this.#receivePresence(new PresenceDelivery(stanza, this))
    }
  }

  /** Gives a stanza that many get to whom it is for, if nothing on its way has to look at it; answers whether it did. */
  take(stanza: Message | Presence, to: Jid): boolean {
    if (this.#pending) return false
    if (to.resource === '') return stanza.kind === 'presence' && this.#show(stanza, to)
    const session = this.#sessions.get(to.resource)
    if (!session) return false
    const isThrough =
      stanza.kind === 'message'
        ? this.#host.received.passes(stanza, this)
        : this.#host.presenceReceived.passes(stanza, this)
    if (isThrough) session.sendShared(stanza, to)
    return isThrough
  }

  /** RFC 6121 §8.5.2.1.2: presence for the bare address `to` goes to all available resources. */
  #show(presence: Presence, to: Jid): boolean {
    const isOnlyShown = presence.type === 'available' || presence.type === 'unavailable'
    if (!isOnlyShown || this.isBeingErased || !this.#host.presenceReceived.passes(presence, this))
      return false
    for (const session of this.#sessions.values()) if (session.isAvailable) session.sendShared(presence, to)
    return true
  }

  /** Receives a message again that one of the sessions was given, as `origin`, and never took. */
  async redeliver(message: Message, origin: Message): Promise<void> {
    await this.#receiveMessage(new Delivery(message, this, undefined, origin))
  }

  /** Ends the sessions for good: nobody comes back to them. */
  endSessions(error: StreamError): void {
    for (const session of [...this.#sessions.values()]) {
      session.close(error)
      session.end()
    }
  }

  /** Resolves when nothing is under way for this account. */
  async settled(): Promise<void> {
    while (this.#pending || this.#closing?.size)
      await Promise.allSettled([this.#pending, ...(this.#closing ?? [])])
  }

  /** Forgets a session that is over, after telling those who saw its presence (RFC 6121 §4.5.2, §4.6.3). */
  close(session: ClientSession): Promise<void> {
    const closing: Promise<void> = this.#close(session).finally(() => this.#closing?.delete(closing))
    this.#closing ??= new Set()
    this.#closing.add(closing)
    return closing
  }

  async #close(session: ClientSession): Promise<void> {
    const { resource } = session.jid
    if (this.#sessions.get(resource) === session) this.#sessions.delete(resource)
    this.#host.sessionOver.emit(session, (error) =>
      this.#host.log.error('session listener failed', { error }),
    )
    const leaving = this.#leave(session).catch((error: unknown) =>
      this.#host.log.error('leaving failed', { error }),
    )
    this.#leavingByResource ??= new Map()
    this.#leavingByResource.set(resource, leaving)
    await leaving
    if (this.#leavingByResource.get(resource) === leaving) this.#leavingByResource.delete(resource)
    await this.#host.sessionEnded.emitAndWait(session, (error) =>
      this.#host.log.error('session listener failed', { error }),
    )
  }

  async #leave(session: ClientSession): Promise<void> {
    // What it sent last comes before its leaving, and so does the leaving of who had its resource before.
    await Promise.allSettled([
      this.#sendingBySession?.get(session),
      this.#leavingByResource?.get(session.jid.resource),
    ])
    try {
      await this.#becomeUnavailable(unavailableOf(session), session)
    } finally {
      this.#directed.forget(session)
    }
  }

  /** Whether a session has shown its presence to anybody of its own accord, as to a room. */
  hasDirectedPresence(session: ClientSession): boolean {
    return this.#directed.isShownByItself(session)
  }

  /** The addresses at the bare address `bare` to which a session has shown its presence of its own accord: in a room its nicks. */
  directedPresenceAt(session: ClientSession, bare: Jid): readonly Jid[] {
    return this.#directed.at(session, bare)
  }

  /** Those who are meant, and were shown presence by a session of its own accord, see it end now (RFC 6121 §4.6.4). */
  async withdrawDirectedPresence(isMeant: (to: Jid) => boolean): Promise<void> {
    for (const session of this.#directed.sessions) {
      for (const to of this.#directed.take(session, isMeant))
        await this.#host.route(unavailableOf(session).with({ to }))
    }
  }

  #send(stanza: Stanza, session: ClientSession): void | Promise<void> {
    switch (stanza.kind) {
      case 'message':
        return this.#sendMessage(stanza, session)
      case 'presence':
        return this.#sendPresence(stanza, session)
      case 'iq':
        return this.#sendIq(stanza, session)
    }
  }

  #noteSending(session: ClientSession, result: Promise<void>): void {
    this.#sendingBySession ??= new Map()
    this.#sendingBySession.set(session, result)
    const forget = () => {
      if (this.#sendingBySession?.get(session) !== result) return
      this.#sendingBySession.delete(session)
      if (this.#sendingBySession.size === 0) this.#sendingBySession = undefined
    }
    result.then(forget, forget)
  }

  #enqueue(result: Promise<void>): Promise<void> {
    const done = result.finally(() => {
      if (this.#pending === settled) this.#pending = undefined
    })
    // The next stanza waits for this one's end, not for its success.
    const settled: Promise<void> = done.then(undefined, () => {})
    this.#pending = settled
    return done
  }

  #receivePresence(delivery: PresenceDelivery): void | Promise<void> {
    const line = this.#host.presenceReceived
    const result = this.#pending
      ? this.#pending.then(() => ignoreResult(line.run(delivery)))
      : ignoreResult(line.run(delivery))
    if (result) return this.#enqueue(result)
  }

  #receiveMessage(delivery: Delivery): void | Promise<void> {
    const result = this.#pending
      ? this.#pending.then(() => this.#runReceived(delivery))
      : this.#runReceived(delivery)
    if (result) return this.#enqueue(result).then(() => this.#host.settlement.await(delivery))
    return this.#host.settlement.await(delivery)
  }

  #sendMessage(message: Message, session: ClientSession): void | Promise<void> {
    // RFC 6120 §10.3.1: without `to`, to one's own account.
    const addressed = message.to ? message : message.with({ to: this.jid })
    const delivery = new Delivery(addressed, this, session)
    const goOn = (): void | Promise<void> => {
      void this.#host.settlement.await(delivery)
      return this.#host.route(delivery.message)
    }
    const passed = this.#host.sent.run(delivery)
    if (passed === true) return goOn()
    if (passed === false) return
    return passed.then((isThrough) => (isThrough ? goOn() : undefined))
  }

  #runReceived(delivery: Delivery): void | Promise<void> {
    const passed = this.#host.received.run(delivery)
    if (passed === true) return bounceUntaken(delivery)
    if (passed === false) return
    return passed.then((isThrough) => (isThrough ? bounceUntaken(delivery) : undefined))
  }

  #sendPresence(presence: Presence, session: ClientSession): void | Promise<void> {
    // Whoever had the resource before is seen to go first; otherwise that would seem to be this one's end.
    const leaving = this.#leavingByResource?.get(session.jid.resource)
    return leaving
      ? leaving.then(() => this.#showPresence(presence, session))
      : this.#showPresence(presence, session)
  }

  #showPresence(presence: Presence, session: ClientSession): void | Promise<void> {
    if (presence.to) return this.#sendDirected(presence, presence.to, session)
    if (presence.type === 'unavailable') return this.#becomeUnavailable(presence, session)
    if (presence.type !== 'available') {
      throw new StanzaError('bad-request', `presence of type ${presence.type} needs a \`to\``)
    }
    return ignoreResult(
      this.#host.presenceSent.run(new PresenceDelivery(presence, this, session, session.presence)),
    )
  }

  #sendDirected(presence: Presence, to: Jid, session: ClientSession): void | Promise<void> {
    const delivery = new PresenceDelivery(presence, this, session, session.presence)
    const passed = this.#host.presenceSent.run(delivery)
    const goOn = (): void | Promise<void> => {
      // Who is not shown it is not told of its end either.
      if (presence.type === 'available' || presence.type === 'unavailable') {
        this.#directed.note(session, presence, this.#host.limits.directedPresence)
      }
      return this.#host.route(delivery.presence.to ? delivery.presence : delivery.presence.with({ to }))
    }
    if (passed === true) return goOn()
    if (passed === false) return
    return passed.then((isThrough) => (isThrough ? goOn() : undefined))
  }

  async #becomeUnavailable(presence: Presence, session: ClientSession): Promise<void> {
    const before = session.presence
    session.show(undefined, this.#host.clock.now())
    try {
      if (before) await this.#host.presenceSent.run(new PresenceDelivery(presence, this, session, before))
    } finally {
      for (const to of this.#directed.take(session)) {
        const failure =
          session.hasEnded && this.#host.isService(to.domain) ? failureOf(session, to) : undefined
        if (failure) await this.#host.route(failure)
        await this.#host.route(presence.with({ to }))
      }
    }
  }

  #sendIq(iq: Iq, session: ClientSession): void | Promise<void> {
    const passed = this.#host.iqSent.run({ iq, account: this })
    if (passed === true) return this.#passOn(iq, session)
    if (passed === false) return
    return passed.then((isThrough) => (isThrough ? this.#passOn(iq, session) : undefined))
  }

  // RFC 6120 §10.3.3: without `to`, the server answers on behalf of the account.
  #passOn(iq: Iq, session: ClientSession): void | Promise<void> {
    return iq.to ? this.#host.route(iq) : this.#answer(iq, session)
  }

  #receiveIq(iq: Iq): void | Promise<void> {
    const passed = this.#host.iqReceived.run({ iq, account: this })
    if (passed === true) return this.#takeIq(iq)
    if (passed === false) return
    return passed.then((isThrough) => (isThrough ? this.#takeIq(iq) : undefined))
  }

  #takeIq(iq: Iq): void | Promise<void> {
    const resource = iq.to?.resource
    if (!resource) return this.#answer(iq, this.#ownSession(iq.from))
    const session = this.#sessions.get(resource)
    // RFC 6121 §8.5.3.2.3
    if (!session) {
      if (iq.isRequest) throw notThere()
      return
    }
    session.send(iq)
  }

  #ownSession(from: Jid): ClientSession | undefined {
    return from.bare.equals(this.jid) ? this.#sessions.get(from.resource) : undefined
  }

  #answer(iq: Iq, session: ClientSession | undefined): void | Promise<void> {
    if (!iq.isRequest) return this.#host.takeAnswer(iq, this.jid)
    const handler = this.#host.accountIq.find(iq)
    if (!handler) throw notThere()
    return this.#host.reception.answer(iq, iq.to ?? this.jid, handler(iq, this, session))
  }
}

function ignoreResult(result: boolean | Promise<boolean>): void | Promise<void> {
  if (typeof result !== 'boolean') return result.then(() => {})
}
