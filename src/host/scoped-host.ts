// The host as one extension sees it: whatever is registered here ends when the extension is unloaded.
import type { Clock } from '../base/clock.ts'
import type { Ids } from '../base/ids.ts'
import type { Log } from '../base/log.ts'
import type { Scope, Undo } from '../base/scope.ts'
import type { Jid } from '../jid/jid.ts'
import type { ClientSession } from '../session/client.ts'
import type { Iq, Message, Presence, Stanza } from '../stanza/stanza.ts'
import type { Files } from '../storage/files.ts'
import type { Store } from '../storage/storage.ts'
import type { LoginStep } from '../stream/sasl/login-step.ts'
import type { Mechanism } from '../stream/sasl/mechanism.ts'
import type { StreamFeature, XmlStream } from '../stream/stream.ts'
import type { Element } from '../xml/element.ts'
import type { Account } from './account.ts'
import { type AccountEntrance, accountEntrance, type IqEntrance } from './account-entrance.ts'
import type { Accounts } from './accounts.ts'
import type { Advertised, Identity } from './advertised.ts'
import type { Host } from './host.ts'
import type { IqPassage, IqPhase } from './iq.ts'
import { type LineEntrance, lineEntrance } from './line.ts'
import type { Delivery, ReceivedPhase, SentPhase } from './message.ts'
import type { Outgoing, OutgoingPhase, SessionKeeper } from './outgoing.ts'
import type { PresenceDelivery, PresenceReceivedPhase, PresenceSentPhase } from './presence.ts'
import type { DomainReceiver } from './reception.ts'
import type { Service } from './service.ts'
import type { WebEntrance } from './web.ts'

/** What an extension's `setup` gets. */
export class ScopedHost {
  readonly log: Log
  /** Requests to the bare domain. */
  readonly iq: IqEntrance<[]>
  readonly account: AccountEntrance
  /** Messages that accounts here send. */
  readonly sent: LineEntrance<SentPhase, Delivery>
  /** Messages that accounts here receive. */
  readonly received: LineEntrance<ReceivedPhase, Delivery, Message, Account>
  /** Presence that accounts here send. */
  readonly presenceSent: LineEntrance<PresenceSentPhase, PresenceDelivery>
  /** Presence that accounts here receive. */
  readonly presenceReceived: LineEntrance<PresenceReceivedPhase, PresenceDelivery, Presence, Account>
  /** Iqs that accounts here send, to others or to themselves. */
  readonly iqSent: LineEntrance<IqPhase, IqPassage>
  /** Iqs that accounts here receive. */
  readonly iqReceived: LineEntrance<IqPhase, IqPassage>
  /** Whatever is written to clients here. */
  readonly outgoing: LineEntrance<OutgoingPhase, Outgoing, Stanza, ClientSession>
  /** What this domain shows on the web. */
  readonly web: WebEntrance
  readonly #host: Host
  readonly #scope: Scope

  constructor(host: Host, scope: Scope, extension: string) {
    this.#host = host
    this.#scope = scope
    this.log = host.log.child({ extension })
    this.iq = {
      get: (namespace, name, handler) => scope.keep(host.iq.add('get', namespace, name, handler)),
      set: (namespace, name, handler) => scope.keep(host.iq.add('set', namespace, name, handler)),
    }
    this.account = accountEntrance(host, scope)
    this.web = {
      get url() {
        return host.web.url
      },
      mount: (path, setup, options) => scope.keep(host.web.mount(path, setup, options)),
    }
    this.sent = lineEntrance(host.sent, scope)
    this.received = lineEntrance(host.received, scope)
    this.presenceSent = lineEntrance(host.presenceSent, scope)
    this.presenceReceived = lineEntrance(host.presenceReceived, scope)
    this.outgoing = lineEntrance(host.outgoing, scope)
    this.iqSent = lineEntrance(host.iqSent, scope)
    this.iqReceived = lineEntrance(host.iqReceived, scope)
  }

  get domain(): Jid {
    return this.#host.domain
  }

  get clock(): Clock {
    return this.#host.clock
  }

  get ids(): Ids {
    return this.#host.ids
  }

  /** Stores of this host; a name is the extension's own, or shared on purpose. */
  get store(): Store {
    return this.#host.store
  }

  /** Where files are kept, of all hosts of the server; under names that nobody can guess. */
  get files(): Files {
    return this.#host.files
  }

  get accounts(): Accounts {
    return this.#host.accounts
  }

  /** An account that is loaded, that is, has sessions or something under way. */
  accountOf(address: Jid): Account | undefined {
    return this.#host.loaded.get(address.local)
  }

  /** Disco information of the domain as registered. */
  get advertised(): Advertised {
    return this.#host.advertised
  }

  /** Whether `domain`, prepared, is one of this server's. */
  isServedHere(domain: string): boolean {
    return this.#host.isServedHere(domain)
  }

  /** Whether somebody is a guest of this server, and has no account (XEP-0175). */
  isGuest(jid: Jid): boolean {
    return this.#host.isGuest(jid)
  }

  /** Whether `jid`'s account administers this host. */
  isAdmin(jid: Jid): boolean {
    return this.#host.isAdmin(jid)
  }

  /** Bare addresses of those who administer this host. */
  get admins(): Jid[] {
    return this.#host.admins
  }

  /** Domains of this server that answer for themselves and belong to this host, in order. */
  get services(): Jid[] {
    return this.#host.services()
  }

  /** Lists `feature` in the disco#info of the domain. */
  advertise(feature: string): Undo {
    return this.keep(this.#host.advertised.feature(feature))
  }

  /** Adds an identity to the disco#info of the domain. */
  identify(identity: Identity): Undo {
    return this.keep(this.#host.advertised.identity(identity))
  }

  /** Adds a form to the disco#info of the domain (XEP-0128). */
  describe(make: () => Element | undefined): Undo {
    return this.keep(this.#host.advertised.form(make))
  }

  /** Offers a stream feature to clients of this host. */
  offer(feature: StreamFeature): Undo {
    return this.keep(this.#host.offered.add(feature))
  }

  /** Offers a SASL mechanism to clients of this host, beside the core's. */
  offerMechanism(mechanism: Mechanism): Undo {
    return this.keep(this.#host.offeredMechanisms.add(mechanism))
  }

  /** Lets clients of this host ask for something together with logging in (XEP-0388); done in order of loading. */
  offerAtLogin(step: LoginStep): Undo {
    return this.keep(this.#host.offeredSteps.add(step))
  }

  /** Makes `service` take what is sent to `local@domain`: the domain has no accounts then. */
  serve(service: Service): Undo {
    return this.keep(this.#host.reception.serve(service))
  }

  /** Has messages and presence to the domain itself offered to `receiver`. */
  receiveAtDomain(receiver: DomainReceiver): Undo {
    return this.keep(this.#host.reception.atDomain.add(receiver))
  }

  /** Sends a stanza on its way to its `to`. */
  route(stanza: Stanza): void | Promise<void> {
    return this.#host.route(stanza)
  }

  /** Tells who sent a stanza that it failed, where one is told of that; what is no `StanzaError` is logged. */
  refuse(stanza: Stanza, error: unknown): void | Promise<void> {
    return this.#host.reception.refuse(stanza, error)
  }

  /**
   * Sends a stanza that many get to one of them: the same one for all, without a `to`. It is written once, and where
   * nothing on its way has to look at it, it is not even copied.
   */
  share(stanza: Message | Presence, to: Jid): void | Promise<void> {
    return this.#host.share(stanza, to)
  }

  /**
   * Sends a request, `from` the domain's or an account's bare address, and resolves with the result.
   * Rejects with the `StanzaError` that comes instead: the peer's own, `remote-server-timeout` after `timeoutMs`
   * milliseconds, or `resource-constraint` where too many requests wait already.
   */
  request(iq: Iq, timeoutMs = 30_000): Promise<Iq> {
    return this.#host.request(iq, timeoutMs)
  }

  /** Asks `keeper` about sessions whose connection is lost. */
  keepSessions(keeper: SessionKeeper): Undo {
    return this.keep(this.#host.sessionKeepers.add(keeper))
  }

  /** A stanza of a session has been dealt with. */
  handled(listener: (session: ClientSession) => void): Undo {
    return this.keep(this.#host.handledListeners.add(listener))
  }

  /** A message that its account received cannot be kept; its sender is told that it was refused. */
  unkept(listener: (delivery: Delivery) => void): Undo {
    return this.keep(this.#host.settlement.unkept.add(listener))
  }

  /**
   * Binds a resource for a client that has authenticated and is not asked for one (RFC 6120 §7); `stream` is still
   * to be given to the session.
   * @throws StanzaError if the host refuses
   */
  async bind(stream: XmlStream, user: Jid, resource: string): Promise<ClientSession> {
    return (await this.#host.open(stream, user, resource)) as ClientSession
  }

  /** Delivers a message again that a session was given, as `origin`, and never took. */
  redeliver(message: Message, origin: Message): Promise<void> {
    return this.#host.reception.redeliver(message, origin)
  }

  /** A session has been bound. */
  sessionOpened(listener: (session: ClientSession) => void): Undo {
    return this.keep(this.#host.sessionOpened.add(listener))
  }

  /**
   * Calls `listener` for each session as soon as it is over, before anything else comes to its account. Nobody has
   * seen it go yet.
   */
  sessionOver(listener: (session: ClientSession) => void): Undo {
    return this.keep(this.#host.sessionOver.add(listener))
  }

  /** A session is over; its unavailable presence has been sent. */
  sessionEnded(listener: (session: ClientSession) => void): Undo {
    return this.keep(this.#host.sessionEnded.add(listener))
  }

  /**
   * An account is being removed, of this host or, for a service, of the one that it belongs to, with all that is the
   * account's; who keeps something of it elsewhere lets go now.
   */
  accountRemoved(listener: (account: Jid) => void | Promise<void>): Undo {
    return this.keep(this.#host.accountRemoved.add(listener))
  }

  /** The server is about to stop; streams are still open. Called before anything is closed. */
  stopping(listener: () => void | Promise<void>): Undo {
    return this.keep(this.#host.stopping.add(listener))
  }

  /**
   * Runs `check` whenever all extensions that are loaded together are there, this one among them. What it throws is why
   * they cannot be loaded.
   */
  afterLoading(check: () => void): Undo {
    return this.keep(this.#host.afterLoading.add(check))
  }

  /** Ends `undo` with this extension. */
  keep(undo: Undo): Undo {
    return this.#scope.keep(undo)
  }
}
