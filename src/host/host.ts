// One domain: its accounts or its service, its lines, its iq table, its extensions.
import type { Clock } from '../base/clock.ts'
import type { Ids } from '../base/ids.ts'
import type { Log } from '../base/log.ts'
import { Registry } from '../base/registry.ts'
import { Signal } from '../base/signal.ts'
import { type Jid, parseJid } from '../jid/jid.ts'
import type { ClientSession } from '../session/client.ts'
import type { Iq, Message, Presence, Stanza } from '../stanza/stanza.ts'
import { StanzaError } from '../stanza/stanza-error.ts'
import type { Files } from '../storage/files.ts'
import { type Store, storeOfDomain } from '../storage/storage.ts'
import type { LoginStep } from '../stream/sasl/login-step.ts'
import type { Mechanism } from '../stream/sasl/mechanism.ts'
import type { StreamDomain, StreamFeature, StreamUser, XmlStream } from '../stream/stream.ts'
import { StreamError } from '../stream/stream-error.ts'
import { Account } from './account.ts'
import { accountEnds } from './account-ends.ts'
import type { AccountIqRest } from './account-entrance.ts'
import { Accounts } from './accounts.ts'
import { Advertised } from './advertised.ts'
import { openSession } from './bind.ts'
import { type ConflictPolicy, defaultHostLimits, type HostLimits, type HostParts } from './host-parts.ts'
import { type IqPassage, type IqPhase, IqTable, iqPhases } from './iq.ts'
import { Line } from './line.ts'
import { LoadedAccounts } from './loaded-accounts.ts'
import { ExtensionLoader } from './loader.ts'
import {
  addMessageRules,
  type Delivery,
  type ReceivedPhase,
  receivedPhases,
  type SentPhase,
  sentPhases,
} from './message.ts'
import { type Outgoing, type OutgoingPhase, outgoingPhases, type SessionKeeper } from './outgoing.ts'
import {
  addPresenceRules,
  type PresenceDelivery,
  type PresenceReceivedPhase,
  type PresenceSentPhase,
  presenceReceivedPhases,
  presenceSentPhases,
} from './presence.ts'
import { Reception } from './reception.ts'
import { Requests } from './requests.ts'
import type { Destination, Router } from './router.ts'
import { Settlement } from './settlement.ts'
import { Web } from './web.ts'

/** One domain that is served here. */
export class Host implements Destination, StreamDomain {
  readonly domain: Jid
  readonly clock: Clock
  readonly log: Log
  readonly ids: Ids
  readonly limits: HostLimits
  readonly conflict: ConflictPolicy
  readonly store: Store
  readonly files: Files
  readonly accounts: Accounts
  readonly extensions: ExtensionLoader
  readonly services: () => Jid[]

  readonly iq = new IqTable()
  readonly accountIq = new IqTable<AccountIqRest>()
  readonly advertised = new Advertised()
  readonly accountAdvertised = new Advertised()
  readonly sent = new Line<SentPhase, Delivery>(sentPhases)
  readonly received = new Line<ReceivedPhase, Delivery, Message, Account>(receivedPhases)
  readonly presenceSent = new Line<PresenceSentPhase, PresenceDelivery>(presenceSentPhases)
  readonly presenceReceived = new Line<PresenceReceivedPhase, PresenceDelivery, Presence, Account>(
    presenceReceivedPhases,
  )
  readonly iqSent = new Line<IqPhase, IqPassage>(iqPhases)
  readonly iqReceived = new Line<IqPhase, IqPassage>(iqPhases)
  /** Where stanzas for the domain arrive. */
  readonly reception = new Reception(this)
  /** What messages wait for before they count as dealt with. */
  readonly settlement = new Settlement((message, error) => this.reception.refuse(message, error))
  readonly outgoing = new Line<OutgoingPhase, Outgoing, Stanza, ClientSession>(outgoingPhases)
  readonly sessionKeepers = new Registry<SessionKeeper>()
  /** Told of every stanza of a session that has been dealt with. */
  readonly handledListeners = new Registry<(session: ClientSession) => void>()
  /** SASL mechanisms beside the core's. */
  readonly offeredMechanisms = new Registry<Mechanism>()
  /** What clients may ask for together with logging in. */
  readonly offeredSteps = new Registry<LoginStep>()
  /** What is offered to clients beside the core's. */
  readonly offered = new Registry<StreamFeature>()
  /** What is mounted on the HTTP server for this domain. */
  readonly web: Web
  /** The accounts that are in memory. */
  readonly loaded: LoadedAccounts
  readonly sessionOpened = new Signal<ClientSession>()
  /** Told at once, before anything else comes to the account; nobody has seen the session go yet. */
  readonly sessionOver = new Signal<ClientSession>()
  readonly sessionEnded = new Signal<ClientSession>()
  readonly accountRemoved = new Signal<Jid>()
  readonly stopping = new Signal<void>()

  /** What extensions do once all that are loaded together with them are there. */
  readonly afterLoading = new Registry<() => void>()

  readonly #router: Router
  readonly #requests: Requests
  #admins: ReadonlySet<string>

  constructor(parts: HostParts) {
    this.domain = parts.domain
    this.clock = parts.clock
    this.log = parts.log.child({ host: parts.domain.toString() })
    this.ids = parts.ids
    this.limits = { ...defaultHostLimits, ...parts.limits }
    this.conflict = parts.conflict ?? 'replace'
    this.files = parts.files
    this.store = storeOfDomain(parts.storage, parts.domain.toString())
    this.services = parts.services ?? (() => [])
    this.web = new Web(parts.webUrl ?? (() => undefined))
    this.#router = parts.router
    this.#requests = new Requests(this.clock, this.limits)
    this.#admins = namesOf(parts.admins ?? [])
    this.accounts = new Accounts({
      domain: this.domain,
      store: this.store,
      clock: this.clock,
      ids: this.ids,
      createOnLogin: parts.createOnLogin ?? false,
      auth: parts.auth,
      ends: accountEnds(this),
    })
    this.loaded = new LoadedAccounts(async (address) =>
      (await this.accounts.exists(address)) ? new Account(address, this) : undefined,
    )
    this.extensions = new ExtensionLoader(this)
    addMessageRules(this.sent, this.received, this.domain)
    addPresenceRules(this.presenceSent, this.presenceReceived, this)
  }

  get streamFeatures(): readonly StreamFeature[] {
    return this.offered.items
  }

  get mechanisms(): readonly Mechanism[] {
    return this.offeredMechanisms.items
  }

  get loginSteps(): readonly LoginStep[] {
    return this.offeredSteps.items
  }

  get credentials(): Accounts {
    return this.accounts
  }

  /** Whether a service answers for this domain instead of accounts. */
  get hasService(): boolean {
    return this.reception.hasService
  }

  /** Whether `domain`, prepared, is one of this server's. */
  isServedHere(domain: string): boolean {
    return this.#router.find(domain) !== undefined
  }

  /** Whether a service of this server answers for a domain. */
  isService(domain: string): boolean {
    return this.#router.find(domain)?.hasService === true
  }

  /** Whether somebody is a guest of this host. */
  hasGuest(account: Jid): boolean {
    return this.accounts.isGuest(account)
  }

  /** Whether somebody is a guest of any host of this server. */
  isGuest(jid: Jid): boolean {
    return this.#router.find(jid.domain)?.hasGuest?.(jid) === true
  }

  isAdmin(jid: Jid): boolean {
    return this.#admins.has(jid.bare.toString())
  }

  /** Bare addresses of those who administer the host. */
  get admins(): Jid[] {
    return [...this.#admins].map((admin) => parseJid(admin) as Jid)
  }

  /** Replaces those who administer the host. */
  setAdmins(admins: readonly Jid[]): void {
    this.#admins = namesOf(admins)
  }

  /** Binds a session (RFC 6120 §7). */
  open(stream: XmlStream, user: Jid, resource: string | undefined): StreamUser | Promise<StreamUser> {
    const account = this.loaded.get(user.local)
    if (account) return this.#openFor(account, stream, resource)
    return this.loaded.load(user).then((found) => {
      if (!found) throw new StanzaError('not-allowed', 'the account is gone')
      return this.#openFor(found, stream, resource)
    })
  }

  /** Sends a stanza on its way to its `to`. */
  route(stanza: Stanza): void | Promise<void> {
    if (stanza.to?.domain === this.domain.domain) return this.reception.receive(stanza)
    return this.#router.route(stanza)
  }

  /** Sends a stanza that many get, and has no `to` of its own, to one of them. */
  share(stanza: Message | Presence, to: Jid): void | Promise<void> {
    return this.#router.share(stanza, to)
  }

  /** A stanza for this domain, from wherever. */
  receive(stanza: Stanza): void | Promise<void> {
    return this.reception.receive(stanza)
  }

  /** Gives a stanza that many get to a session here; answers whether it did. */
  take(stanza: Message | Presence, to: Jid): boolean {
    return this.reception.take(stanza, to)
  }

  /**
   * Sends a request, `from` the domain's or an account's bare address, and resolves with the result.
   * Rejects with the `StanzaError` that comes instead: the peer's own, `remote-server-timeout` after `timeoutMs`
   * milliseconds, or `resource-constraint` where too many requests wait already.
   */
  async request(iq: Iq, timeoutMs: number): Promise<Iq> {
    const answer = this.#requests.open(iq, timeoutMs)
    this.route(iq)?.catch((error: unknown) => this.log.error('request failed', { error }))
    return answer
  }

  /** Takes the answer that came to `own`, the domain's or an account's bare address, if the host waits for it. */
  takeAnswer(iq: Iq, own: Jid): void {
    this.#requests.take(iq, own)
  }

  /** Reads what the host keeps; call it before anything is sent to it. */
  async start(): Promise<void> {
    await this.accounts.open()
  }

  /** Tells extensions that the server is about to stop, and waits for them; sessions are still open. */
  async stop(): Promise<void> {
    await this.stopping.emitAndWait(undefined, (error) => this.log.error('stopping failed', { error }))
  }

  /** Ends every session; resolves when those who saw them know. */
  async endSessions(error: StreamError): Promise<void> {
    for (const account of this.loaded.all) {
      account.endSessions(error)
      await account.settled()
    }
    this.#requests.close()
  }

  /** What was shown when logging in may have become worthless before there is a session that could be ended. */
  #openFor(account: Account, stream: XmlStream, resource: string | undefined): StreamUser {
    if (!stream.loginHolds(account.jid)) throw new StreamError('not-authorized', 'log in again')
    return openSession(this, account, stream, resource)
  }
}

function namesOf(addresses: readonly Jid[]): ReadonlySet<string> {
  return new Set(addresses.map((address) => address.bare.toString()))
}
