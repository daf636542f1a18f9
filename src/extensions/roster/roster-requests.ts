// RFC 6121 §2.2 to §2.5: getting the roster, changing it, removing from it.
import type { Account } from '../../host/account.ts'
import { presenceLater } from '../../host/presence.ts'
import type { ScopedHost } from '../../host/scoped-host.ts'
import { type Jid, jid } from '../../jid/jid.ts'
import { type Iq, Presence } from '../../stanza/stanza.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import { type Element, element } from '../../xml/element.ts'
import { AccountRoster, type RosterCollection } from './account-roster.ts'
import { type ItemRequest, itemElement, noItem, type RosterItem, rosterNamespace } from './roster-item.ts'
import type { Rosters } from './rosters.ts'

/** The whole roster, or nothing if the client has this version (RFC 6121 §2.6.3). */
export function rosterResult(own: AccountRoster, iq: Iq): Element | undefined {
  if (own.isCurrent(iq.payload?.attribute('ver'))) return undefined
  const items = [...own.entries]
    .filter(([, item]) => item.isListed)
    .map(([contact, item]) => itemElement(contact, item))
  return element('query', rosterNamespace, { ver: own.version }, ...items)
}

/**
 * Adds a contact, changes its name and groups, or removes it (RFC 6121 §2.3 to §2.5); resolves with the version that this
 * makes.
 * @throws StanzaError item-not-found for one that is to be removed and is not there
 */
export function changeContact(rosters: Rosters, own: AccountRoster, request: ItemRequest): Promise<number> {
  const { contact, isRemoval, name, groups } = request
  const before = own.get(contact.toString())
  if (isRemoval && !before.isListed) throw new StanzaError('item-not-found', 'no such contact')
  return rosters.change(own, contact, isRemoval ? noItem : { ...before, name, groups, isListed: true })
}

/** Ends the subscriptions with a contact that was removed (RFC 6121 §2.5.2). */
export async function endSubscriptions(
  host: ScopedHost,
  account: Account,
  contact: Jid,
  item: RosterItem,
): Promise<void> {
  const tell = (type: 'unsubscribe' | 'unsubscribed') =>
    host.route(new Presence(type, { from: account.jid, to: contact, id: host.ids.id() }))
  if (item.to || item.isPendingOut) await tell('unsubscribe')
  if (item.from) await tellUnavailable(host, account, contact)
  if (item.from || item.isPendingIn) await tell('unsubscribed')
}

/** The account is being removed: everybody it had to do with is told, and the roster is forgotten. */
export async function endRoster(
  host: ScopedHost,
  rosters: Rosters,
  collection: RosterCollection,
  address: Jid,
): Promise<void> {
  const own = await AccountRoster.load(address.local, collection)
  const account = host.accountOf(address)
  for (const [contact, item] of own.entries) {
    const to = jid(contact)
    // §3.2.2: who sees it sees it go before it may not see it any more.
    if (item.from && account) await tellUnavailable(host, account, to)
    if (item.from || item.isPendingIn) await host.route(new Presence('unsubscribed', { from: address, to }))
    if (item.to || item.isPendingOut) await host.route(new Presence('unsubscribe', { from: address, to }))
  }
  await collection.clear(address.local)
  if (account) rosters.forget(account)
}

/** RFC 6121 §3.2.2: who may not see the account any more sees it go. */
export async function tellUnavailable(host: ScopedHost, account: Account, contact: Jid): Promise<void> {
  for (const session of account.availableSessions) {
    await host.route(new Presence('unavailable', { from: session.jid, to: contact }))
  }
}

/** RFC 6121 §3.1.5: who may see the account from now on sees it. */
export async function tellAvailable(host: ScopedHost, account: Account, contact: Jid): Promise<void> {
  for (const presence of shownLater(host, account)) await host.route(presence.with({ to: contact }))
}

/** The presence of all the sessions, as who was not there when it was sent sees it. */
export function shownLater(host: ScopedHost, account: Account): Presence[] {
  return [...account.availableSessions].flatMap((session) => presenceLater(session, host.domain) ?? [])
}
