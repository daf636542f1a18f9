// What becomes of stanzas for a domain: accounts, a service or the domain itself get them, and who may be told of a refusal is told.
import { Registry } from '../base/registry.ts'
import type { Undo } from '../base/scope.ts'
import type { Jid } from '../jid/jid.ts'
import { errorOf, resultOf } from '../stanza/reply.ts'
import { type Iq, type Message, Presence, type Stanza } from '../stanza/stanza.ts'
import { StanzaError } from '../stanza/stanza-error.ts'
import type { Account } from './account.ts'
import type { Host } from './host.ts'
import { AnswerThen, type IqAnswer } from './iq.ts'
import { notThere } from './not-there.ts'
import { stanzaErrorOf } from './refusal.ts'
import type { Service } from './service.ts'

/** Takes a message or presence to the domain itself, now (`true`) or by and by, or leaves it to others (`false`). */
export type DomainReceiver = (stanza: Message | Presence) => boolean | Promise<void>

/** Where the stanzas for one domain arrive. */
export class Reception {
  /** Who takes messages and presence to the domain itself. */
  readonly atDomain = new Registry<DomainReceiver>()
  readonly #host: Host
  #service: Service | undefined

  constructor(host: Host) {
    this.#host = host
  }

  /** Whether a service answers for the domain instead of accounts. */
  get hasService(): boolean {
    return this.#service !== undefined
  }

  /** @throws Error if another service answers already */
  serve(service: Service): Undo {
    if (this.#service) throw new Error(`${this.#host.domain} has a service already`)
    this.#service = service
    return () => {
      if (this.#service === service) this.#service = undefined
    }
  }

  /** A stanza for the domain, from wherever. Never throws: who may be told of a refusal is told. */
  receive(stanza: Stanza): void | Promise<void> {
    try {
      return this.#dispatch(stanza)?.catch((error: unknown) => this.refuse(stanza, error))
    } catch (error) {
      return this.refuse(stanza, error)
    }
  }

  /**
   * As `receive`, but tells the caller of a refusal, and not who the stanza is from.
   * @throws StanzaError if it is refused
   */
  async deliver(stanza: Stanza): Promise<void> {
    try {
      await this.#dispatch(stanza)
    } catch (error) {
      throw this.toStanzaError(error, stanza)
    }
  }

  /** Gives a stanza that many get to a session here, if nothing on its way has to look at it; answers whether it did. */
  take(stanza: Message | Presence, to: Jid): boolean {
    return this.#service === undefined && this.#host.loaded.get(to.local)?.take(stanza, to) === true
  }

  /**
   * Delivers a message again that a session was given, as `origin`, and never took (XEP-0198 §4): to the account's
   * other sessions or a store, or back to who sent it.
   */
  redeliver(message: Message, origin: Message): Promise<void> {
    const { loaded } = this.#host
    const to = message.to as Jid
    const account = loaded.get(to.local)
    // At once if it can be: what comes next comes behind it.
    const done = account
      ? loaded.during(account, account.redeliver(message, origin))
      : loaded.load(to.bare).then((found) => found && loaded.during(found, found.redeliver(message, origin)))
    return done.catch((error: unknown) => this.refuse(message, error))
  }

  /** Sends the result that a handler answered, now or when it has. */
  answer(iq: Iq, from: Jid, answer: IqAnswer | Promise<IqAnswer>): void | Promise<void> {
    if (answer instanceof Promise) return answer.then((settled) => this.#answerNow(iq, from, settled))
    return this.#answerNow(iq, from, answer)
  }

  /** Answers a stanza with what was thrown, where it may be answered; a bug is logged. */
  refuse(stanza: Stanza, error: unknown): void | Promise<void> {
    const reply = errorOf(stanza, this.toStanzaError(error, stanza), this.#host.domain)
    if (reply) return this.#host.route(reply)
  }

  /** What is thrown by a handler or a step, as the error for a peer; a bug is logged. */
  toStanzaError(error: unknown, stanza: Stanza): StanzaError {
    return stanzaErrorOf(error, stanza, this.#host.log)
  }

  #answerNow(iq: Iq, from: Jid, answer: IqAnswer): void | Promise<void> {
    if (!(answer instanceof AnswerThen)) return this.#host.route(resultOf(iq, from, answer ?? undefined))
    const sent = this.#host.route(resultOf(iq, from, answer.payload))
    if (sent) return sent.then(answer.afterwards)
    return answer.afterwards()
  }

  #dispatch(stanza: Stanza): void | Promise<void> {
    const to = stanza.to as Jid
    if (to.local === '') return this.#receiveForDomain(stanza)
    if (this.#service) return this.#service.receive(stanza)
    const { loaded } = this.#host
    const account = loaded.get(to.local)
    if (account) return this.#receiveFor(account, stanza)
    // Nobody is there to see it; it is not worth a look into the store.
    if (stanza.kind === 'presence' && (stanza.type === 'available' || stanza.type === 'unavailable')) return
    return loaded.load(to.bare).then((found) => {
      if (found) return this.#receiveFor(found, stanza)
      return this.#refuseUnknown(stanza)
    })
  }

  #receiveFor(account: Account, stanza: Stanza): void | Promise<void> {
    const result = account.receive(stanza)
    if (result) return this.#host.loaded.during(account, result)
  }

  /** RFC 6121 §8.5.1: there is no such account. */
  #refuseUnknown(stanza: Stanza): void | Promise<void> {
    if (stanza.kind === 'presence' && stanza.type === 'probe') {
      // §4.3.2: as one that does not show itself to who asks.
      const { id, from, to } = stanza
      return this.#host.route(new Presence('unsubscribed', { from: to?.bare as Jid, to: from.bare, id }))
    }
    if (stanza.kind === 'presence' || (stanza.kind === 'message' && stanza.type === 'headline')) return
    throw notThere()
  }

  #receiveForDomain(stanza: Stanza): void | Promise<void> {
    if (stanza.kind !== 'iq') {
      for (const take of this.atDomain.items) {
        const taken = take(stanza)
        if (taken) return taken === true ? undefined : taken
      }
    }
    if (stanza.kind === 'presence') return
    if (stanza.kind === 'iq') {
      const { domain, iq } = this.#host
      if (!stanza.isRequest) return this.#host.takeAnswer(stanza, domain)
      const handler = iq.find(stanza)
      if (handler) return this.answer(stanza, stanza.to as Jid, handler(stanza))
    }
    if (stanza.kind === 'message' && this.#service?.receiveAtDomain)
      return this.#service.receiveAtDomain(stanza)
    throw new StanzaError('service-unavailable', 'nobody here answers that')
  }
}
