// The rosters of the accounts that are loaded, and the sessions that follow them.
import { Registry } from '../../base/registry.ts'
import type { Undo } from '../../base/scope.ts'
import type { Account } from '../../host/account.ts'
import { PerAccount } from '../../host/per-account.ts'
import type { ScopedHost } from '../../host/scoped-host.ts'
import { type Jid, jid } from '../../jid/jid.ts'
import type { ClientSession } from '../../session/client.ts'
import { Iq, type Presence, type Stanza } from '../../stanza/stanza.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import { type Element, element } from '../../xml/element.ts'
import { AccountRoster, type RosterCollection } from './account-roster.ts'
import { itemElement, noItem, type RosterItem, removedElement, rosterNamespace } from './roster-item.ts'

/** Says whether a subscriber does not see an account's presence for now. */
export type HidingRule = (account: Account, contact: Jid) => boolean | Promise<boolean>

/** Says whether an account has agreed beforehand to a request to see its presence, as by an invitation (XEP-0379 §3.4). */
export type ApprovalRule = (account: Account, request: Presence) => boolean | Promise<boolean>

/** Bounds of one account's roster. */
export interface RosterLimits {
  readonly maxItems: number
  /** Strangers whose requests wait for an answer. */
  readonly maxRequests: number
  /** Bytes of a request; of a longer one only who asks is kept. */
  readonly maxRequestBytes: number
}

/** Rosters by account; a roster goes when its account is unloaded. */
export class Rosters {
  readonly #host: ScopedHost
  readonly #collection: RosterCollection
  readonly limits: RosterLimits
  readonly #rosters = new PerAccount((account) => AccountRoster.load(account.jid.local, this.#collection))
  readonly #hidingRules = new Registry<HidingRule>()
  readonly #approvalRules = new Set<ApprovalRule>()
  /** RFC 6121 §2.2: sessions that have asked for the roster get its changes. */
  readonly #interested = new WeakSet<ClientSession>()

  readonly #onPush: (account: Account) => void

  /** `onPush` is told of each account of which sessions are told a change. */
  constructor(
    host: ScopedHost,
    collection: RosterCollection,
    limits: RosterLimits,
    onPush: (account: Account) => void,
  ) {
    this.#host = host
    this.#onPush = onPush
    this.#collection = collection
    this.limits = limits
  }

  /** The roster, at once if it has been read: the usual case. */
  of(account: Account): AccountRoster | Promise<AccountRoster> {
    return this.#rosters.of(account)
  }

  /** Whatever is asked for next of the account's roster is read anew. */
  forget(account: Account): void {
    this.#rosters.forget(account)
  }

  /** The bare addresses of all who may see an account's presence. */
  async subscribers(account: Account): Promise<Jid[]> {
    const own = await this.of(account)
    return [...own.entries].filter(([, item]) => item.from).map(([contact]) => jid(contact))
  }

  /** How many wait for an answer to their request to see an account's presence. */
  async pendingRequests(account: Account): Promise<number> {
    let count = 0
    for (const [, item] of (await this.of(account)).entries) if (item.isPendingIn) count += 1
    return count
  }

  /** The bare addresses of those from whom presence is not hidden for now. */
  async viewers(account: Account): Promise<Jid[]> {
    const subscribers = await this.subscribers(account)
    if (this.#hidingRules.items.length === 0) return subscribers
    const areHidden = await Promise.all(subscribers.map((contact) => this.isHiddenFrom(account, contact)))
    return subscribers.filter((_contact, index) => !areHidden[index])
  }

  /** Whether somebody may see an account's presence, and it is not hidden from them. */
  async isViewer(account: Account, contact: Jid): Promise<boolean> {
    if (!(await this.of(account)).get(contact.toString()).from) return false
    return !(await this.isHiddenFrom(account, contact))
  }

  /** Hides presence from subscribers for whom `rule` says so. */
  hide(rule: HidingRule): Undo {
    return this.#hidingRules.add(rule)
  }

  /** Whether a subscriber does not see the account's presence for now. */
  isHiddenFrom(account: Account, contact: Jid): boolean | Promise<boolean> {
    return isAny(this.#hidingRules.items, account, contact)
  }

  /** Answers requests to see presence for the account where `rule` says so. */
  approve(rule: ApprovalRule): Undo {
    this.#approvalRules.add(rule)
    return () => this.#approvalRules.delete(rule)
  }

  /** Whether the account has agreed beforehand to a request. */
  async isAgreedTo(account: Account, request: Presence): Promise<boolean> {
    for (const rule of this.#approvalRules) if (await rule(account, request)) return true
    return false
  }

  isInterested(session: ClientSession): boolean {
    return this.#interested.has(session)
  }

  addInterested(session: ClientSession): void {
    this.#interested.add(session)
  }

  /** Sends a stanza to every interested session of an account. */
  sendToInterested(account: Account, stanza: Stanza): void {
    for (const session of account.sessionsByResource.values()) {
      if (this.#interested.has(session)) session.send(stanza)
    }
  }

  /**
   * Changes what is kept about a contact; resolves when it is kept, with the version of the roster that this makes: then it
   * has to be pushed, or passed over.
   * @throws StanzaError resource-constraint where the roster is full, or too many requests wait already
   */
  async change(own: AccountRoster, contact: Jid, item: RosterItem): Promise<number> {
    const key = contact.toString()
    const before = own.get(key)
    const { maxItems, maxRequests } = this.limits
    if (item.isListed && !before.isListed && own.count(true) >= maxItems) {
      throw new StanzaError('resource-constraint', `more than ${maxItems} contacts`)
    }
    // Strangers take no room that the account's own contacts may need.
    if (!item.isListed && before === noItem && own.count(false) >= maxRequests) {
      throw new StanzaError('resource-constraint', 'too many requests wait for an answer')
    }
    return own.set(key, item)
  }

  /** A change that clients do not see. */
  passOver(own: AccountRoster, version: number): void {
    own.tell(version, () => {})
  }

  /** RFC 6121 §2.1.6: tells the interested sessions of one contact, as it is now, once they know of the changes before `version`. */
  push(account: Account, own: AccountRoster, contact: Jid, version: number): void {
    own.tell(version, (text) => this.#push(account, own, contact, text))
  }

  #push(account: Account, own: AccountRoster, contact: Jid, version: string): void {
    this.#onPush(account)
    const key = contact.toString()
    const kept = own.get(key)
    const item = kept.isListed ? itemElement(key, kept) : removedElement(key)
    const query: Element = element('query', rosterNamespace, { ver: version }, item)
    for (const session of account.sessionsByResource.values()) {
      if (!this.#interested.has(session)) continue
      session.send(
        new Iq('set', { from: account.jid, to: session.jid, id: this.#host.ids.id(), children: [query] }),
      )
    }
  }
}

function isAny(
  rules: readonly HidingRule[],
  account: Account,
  contact: Jid,
  first = 0,
): boolean | Promise<boolean> {
  for (let index = first; index < rules.length; index += 1) {
    const hides = rules[index]?.(account, contact)
    if (hides instanceof Promise)
      return hides.then((does) => does || isAny(rules, account, contact, index + 1))
    if (hides) return true
  }
  return false
}
