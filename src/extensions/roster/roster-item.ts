// RFC 6121 §2.1.2: an item of a roster, kept and on the wire.
import { type Jid, parseJid } from '../../jid/jid.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import { type Element, element } from '../../xml/element.ts'
import { type SubscriptionState, subscriptionOf } from './subscription-states.ts'

export const rosterNamespace = 'jabber:iq:roster'

/** What an account keeps about one contact. */
export interface RosterItem extends SubscriptionState {
  readonly name: string
  readonly groups: readonly string[]
  /** The account has the contact in its roster; otherwise only a request of the contact is kept here. */
  readonly isListed: boolean
  /** The contact's `subscribe` as text, while `isPendingIn`. */
  readonly request: string | undefined
}

/** What is known of a contact that nothing is known of. */
export const noItem: RosterItem = {
  name: '',
  groups: [],
  isListed: false,
  to: false,
  from: false,
  isPendingOut: false,
  isPendingIn: false,
  isApproved: false,
  request: undefined,
}

/** Bounds of what a client may write into an item. */
export interface ItemLimits {
  readonly nameLength: number
  readonly groups: number
}

/** A roster item as it is kept: only what differs from `noItem`. */
export type KeptItem = {
  readonly name?: string
  readonly groups?: readonly string[]
  readonly isListed?: boolean
  readonly to?: boolean
  readonly from?: boolean
  readonly isPendingOut?: boolean
  readonly isPendingIn?: boolean
  readonly isApproved?: boolean
  readonly request?: string
  /** Under the empty key: the roster's version. */
  readonly version?: number
}

export function keepItem(item: RosterItem): KeptItem {
  const kept: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(item)) {
    if (value !== noItem[key as keyof RosterItem] && !(Array.isArray(value) && value.length === 0))
      kept[key] = value
  }
  return kept
}

export function itemOf(kept: KeptItem): RosterItem {
  return { ...noItem, ...kept }
}

/** `<item/>` for a result or a push (RFC 6121 §2.1.2). */
export function itemElement(contact: string, item: RosterItem): Element {
  return element(
    'item',
    rosterNamespace,
    {
      jid: contact,
      name: item.name === '' ? undefined : item.name,
      subscription: subscriptionOf(item),
      ask: item.isPendingOut ? 'subscribe' : undefined,
      approved: item.isApproved ? 'true' : undefined,
    },
    ...item.groups.map((group) => element('group', rosterNamespace, {}, group)),
  )
}

/** `<item/>` of a push that says an item is gone (RFC 6121 §2.5.2). */
export function removedElement(contact: string): Element {
  return element('item', rosterNamespace, { jid: contact, subscription: 'remove' })
}

/** What a client asks to be changed. */
export interface ItemRequest {
  readonly contact: Jid
  readonly isRemoval: boolean
  readonly name: string
  readonly groups: readonly string[]
}

/**
 * Reads the `<query/>` of a roster set of `account` (RFC 6121 §2.3.3, §2.4.3).
 * @throws StanzaError bad-request, not-acceptable, or not-allowed for the account itself
 */
export function parseItemRequest(query: Element, account: Jid, limits: ItemLimits): ItemRequest {
  const items = query.elements('item')
  const item = items[0]
  if (!item || items.length > 1) throw new StanzaError('bad-request', 'a roster set has exactly one item')
  const contact = parseJid(item.attribute('jid') ?? '')
  // Presence is asked of bare addresses, and comes from all of their resources (§3.1.1).
  if (!contact?.isBare) throw new StanzaError('bad-request', 'the item has no bare address')
  const isRemoval = item.attribute('subscription') === 'remove'
  // What an earlier version has kept can still be removed.
  if (contact.equals(account) && !isRemoval)
    throw new StanzaError('not-allowed', 'nobody is their own contact')
  const name = item.attribute('name') ?? ''
  if (name.length > limits.nameLength) throw new StanzaError('not-acceptable', 'the name is too long')
  return { contact, isRemoval, name, groups: parseGroups(item, limits) }
}

function parseGroups(item: Element, limits: ItemLimits): string[] {
  const groups = item.elements('group').map((group) => group.text)
  if (groups.length > limits.groups) throw new StanzaError('not-acceptable', 'too many groups')
  if (new Set(groups).size < groups.length) throw new StanzaError('bad-request', 'a group is named twice')
  for (const group of groups) {
    if (group === '') throw new StanzaError('not-acceptable', 'a group has no name')
    if (group.length > limits.nameLength)
      throw new StanzaError('not-acceptable', 'the name of a group is too long')
  }
  return groups
}
