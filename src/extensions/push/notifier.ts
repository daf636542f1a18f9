// XEP-0357 §7: telling services, and what becomes of those that fail.
import { AttemptLimit } from '../../base/attempt-limit.ts'
import type { Account } from '../../host/account.ts'
import type { Delivery } from '../../host/message.ts'
import type { ScopedHost } from '../../host/scoped-host.ts'
import { type Jid, jid } from '../../jid/jid.ts'
import { Iq, type Message } from '../../stanza/stanza.ts'
import { StanzaError, type StanzaErrorCondition } from '../../stanza/stanza-error.ts'
import type { RosterApi } from '../roster/roster.ts'
import { notificationElement, type Summary } from './push-elements.ts'
import type { Registration, Registrations } from './registrations.ts'

/** What may be told, and how often. */
export interface NotifierOptions {
  readonly perMinute: number
  readonly maxFailures: number
  readonly withSender: boolean
  readonly withBody: boolean
  readonly roster: RosterApi | undefined
}

/** What has come for an account and has not been told yet. */
interface News {
  messages: number
  last: Message | undefined
}

// More fits into no notice on a screen.
const maxBodyUnits = 200
// Accounts and registrations of which something is remembered; it is no harm if the oldest are forgotten.
const maxRemembered = 10_000

// What may be over soon; everything else ends a registration at once.
const passing: ReadonlySet<StanzaErrorCondition> = new Set([
  'internal-server-error',
  'remote-server-not-found',
  'remote-server-timeout',
])

/** Notifies for all accounts of a host. */
export class Notifier {
  readonly #host: ScopedHost
  readonly #registrations: Registrations
  readonly #options: NotifierOptions
  readonly #rate: AttemptLimit
  /** Messages that came since somebody was there to see them, by account. */
  readonly #unseenByAccount = new Map<string, number>()
  readonly #newsByAccount = new Map<string, News>()
  readonly #failuresByRegistration = new Map<string, number>()

  constructor(host: ScopedHost, registrations: Registrations, options: NotifierOptions) {
    this.#host = host
    this.#registrations = registrations
    this.#options = options
    this.#rate = new AttemptLimit({ attempts: options.perMinute, windowMs: 60_000 }, host.clock)
  }

  /** A message came for somebody who is not there. The sender does not wait for the services. */
  messageCame({ message, account, isRedelivered }: Delivery): void {
    // Of what had been given to a client that is gone now, services know if they were told anything since.
    if (isRedelivered && this.#unseenByAccount.has(account.jid.local)) return
    this.#tell(account, message)
  }

  /** Somebody asks to see the presence of somebody who is not there. */
  requestCame(account: Account): void {
    this.#tell(account, undefined)
  }

  /** Whether services were told of something that nobody has been there to see yet. */
  hasTold(account: Jid): boolean {
    return this.#unseenByAccount.has(account.local)
  }

  /** Somebody is there to see what comes. */
  forget(account: Jid): void {
    this.#unseenByAccount.delete(account.local)
  }

  #tell(account: Account, message: Message | undefined): void {
    if (this.#registrations.isKnownToHaveNone(account.jid)) return
    const { local } = account.jid
    // What comes before the last of it has been told is told with it.
    const underway = this.#newsByAccount.get(local)
    const news = underway ?? { messages: 0, last: undefined }
    if (message) {
      news.messages += 1
      news.last = message
    }
    if (underway) return
    this.#newsByAccount.set(local, news)
    this.#notify(account, news).catch((error: unknown) => this.#host.log.error('push failed', { error }))
  }

  async #notify(account: Account, news: News): Promise<void> {
    const { registrations, pendingRequests } = await this.#lookUp(account).finally(() =>
      this.#newsByAccount.delete(account.jid.local),
    )
    if (registrations.length === 0) return
    if (news.messages > 0) this.#count(account.jid, news.messages)
    if (!this.#rate.take(account.jid.local)) return
    const summary = this.#summarize(account, news.last, pendingRequests)
    await Promise.all(registrations.map((registration) => this.#publish(account.jid, registration, summary)))
  }

  async #lookUp(account: Account): Promise<{ registrations: Registration[]; pendingRequests: number }> {
    const registrations = await this.#registrations.of(account.jid)
    const isOfUse = registrations.length > 0
    return { registrations, pendingRequests: isOfUse ? await this.#pendingRequests(account) : 0 }
  }

  async #pendingRequests(account: Account): Promise<number> {
    return (await this.#options.roster?.pendingRequests(account)) ?? 0
  }

  #count({ local }: Jid, messages: number): void {
    remember(this.#unseenByAccount, local, (this.#unseenByAccount.get(local) ?? 0) + messages)
  }

  #summarize(account: Account, message: Message | undefined, pendingRequests: number): Summary {
    const { withSender, withBody } = this.#options
    return {
      messageCount: this.#unseenByAccount.get(account.jid.local) ?? 0,
      pendingRequests,
      sender: withSender ? message?.from.toString() : undefined,
      body: withBody && message ? shortened(message.child('body')?.text ?? '') : undefined,
    }
  }

  async #publish(account: Jid, registration: Registration, summary: Summary): Promise<void> {
    const { service, node, options } = registration
    const request = new Iq('set', {
      from: this.#host.domain,
      to: jid(service),
      id: this.#host.ids.id(),
      children: [notificationElement(node, options, summary)],
    })
    try {
      await this.#host.request(request)
      this.#failuresByRegistration.delete(nameOf(account, registration))
    } catch (error) {
      if (!(error instanceof StanzaError)) throw error
      await this.#failed(account, registration, error)
    }
  }

  /** §7.1: whoever refuses is told no more; whoever cannot answer just now, after a while. */
  async #failed(account: Jid, registration: Registration, error: StanzaError): Promise<void> {
    // Somebody has too much to do at present, perhaps we.
    if (error.condition === 'resource-constraint') return
    const name = nameOf(account, registration)
    if (error.type === 'wait' || passing.has(error.condition)) {
      const failures = (this.#failuresByRegistration.get(name) ?? 0) + 1
      remember(this.#failuresByRegistration, name, failures)
      if (failures < this.#options.maxFailures) return
    }
    this.#failuresByRegistration.delete(name)
    await this.#registrations.end(account, registration)
    const { service } = registration
    this.#host.log.info('push-disabled', { account: account.toString(), service, condition: error.condition })
  }
}

function nameOf(account: Jid, { service, node }: Registration): string {
  return `${account.local}\n${service}\n${node}`
}

function remember(counts: Map<string, number>, key: string, count: number): void {
  counts.set(key, count)
  if (counts.size <= maxRemembered) return
  for (const oldest of counts.keys()) {
    counts.delete(oldest)
    return
  }
}

/** Never half a character. */
function shortened(body: string): string {
  return body.slice(0, maxBodyUnits).replace(/[\ud800-\udbff]$/, '')
}
