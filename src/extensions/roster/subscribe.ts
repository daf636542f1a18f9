// RFC 6121 §3: subscription stanzas on their way out and in.
import type { Account } from '../../host/account.ts'
import type { StepResult } from '../../host/line.ts'
import type { PresenceDelivery } from '../../host/presence.ts'
import { absenceOf } from '../../host/presence.ts'
import type { ScopedHost } from '../../host/scoped-host.ts'
import type { Jid } from '../../jid/jid.ts'
import { Presence } from '../../stanza/stanza.ts'
import { serialize } from '../../xml/serialize.ts'
import type { AccountRoster } from './account-roster.ts'
import { noItem, type RosterItem } from './roster-item.ts'
import { tellAvailable, tellUnavailable } from './roster-requests.ts'
import type { Rosters } from './rosters.ts'
import { inbound, outbound, type SubscriptionType, type Transition } from './subscription-states.ts'

const subscriptionTypes: ReadonlySet<string> = new Set([
  'subscribe',
  'subscribed',
  'unsubscribe',
  'unsubscribed',
])

function isSubscriptionType(type: string): type is SubscriptionType {
  return subscriptionTypes.has(type)
}

/** A session of the account sends presence: changes the roster if it is about a subscription. */
export function handleOutbound(
  host: ScopedHost,
  rosters: Rosters,
  delivery: PresenceDelivery,
): StepResult | Promise<StepResult> {
  const { presence } = delivery
  if (!presence.to || !isSubscriptionType(presence.type)) return
  return sendSubscription(host, rosters, delivery, presence.to.bare, presence.type)
}

async function sendSubscription(
  host: ScopedHost,
  rosters: Rosters,
  delivery: PresenceDelivery,
  contact: Jid,
  type: SubscriptionType,
): Promise<StepResult> {
  const { account } = delivery
  if (contact.equals(account.jid)) return 'stop'
  const own = await rosters.of(account)
  const before = own.get(contact.toString())
  const { state, goesOn } = outbound(before, type)
  // What asks or agrees lists the contact (§3.1.2, §3.1.5, §3.4.2); what takes back does not.
  const isListed = before.isListed || type === 'subscribe' || type === 'subscribed'
  const after = { ...before, ...state, isListed, request: state.isPendingIn ? before.request : undefined }
  if (differ(before, after)) {
    const version = await rosters.change(own, contact, after)
    // To deny a request changes nothing that clients see.
    if (after.isListed && (isSeen(before, after) || !before.isListed))
      rosters.push(account, own, contact, version)
    else rosters.passOver(own, version)
  }
  // §3.1.2: between the two accounts, so from and to are bare.
  delivery.presence = delivery.presence.with({ from: account.jid, to: contact })
  if (!goesOn) return 'stop'
  if (before.from === after.from) return
  // §3.2.2: the contact sees the account go as long as it sees it.
  if (!after.from) await tellUnavailable(host, account, contact)
  await host.route(delivery.presence)
  if (after.from) {
    await tellAvailable(host, account, contact)
    // Both see each other now; who has just agreed looks anew (§4.3).
    if (after.to) await host.route(new Presence('probe', { from: account.jid, to: contact }))
  }
  return 'stop'
}

/** Presence for the account: changes the roster if it is about a subscription. */
export function handleInbound(
  host: ScopedHost,
  rosters: Rosters,
  delivery: PresenceDelivery,
): StepResult | Promise<StepResult> {
  const { presence, account } = delivery
  if (!isSubscriptionType(presence.type)) return
  const resource = presence.to?.resource
  // §8.5.3.2.2: what is not a request means nothing to a resource that is not there.
  if (resource && presence.type !== 'subscribe' && !account.sessionsByResource.has(resource)) return 'stop'
  return receiveSubscription(host, rosters, delivery, presence.type)
}

async function receiveSubscription(
  host: ScopedHost,
  rosters: Rosters,
  delivery: PresenceDelivery,
  type: SubscriptionType,
): Promise<StepResult> {
  const { account, presence } = delivery
  const contact = presence.from.bare
  const own = await rosters.of(account)
  const isAgreed = type === 'subscribe' && (await isAgreedTo(rosters, account, own, presence))
  const before = own.get(contact.toString())
  const transition = inbound(isAgreed ? { ...before, isApproved: true } : before, type)
  const after = {
    ...afterInbound(before, transition, presence, rosters.limits.maxRequestBytes),
    // XEP-0379 §3.4: whoever was invited is a contact, and is asked in turn.
    ...(isAgreed ? { isListed: true, isPendingOut: !before.to } : {}),
  }
  const version = differ(before, after) ? await rosters.change(own, contact, after) : undefined
  delivery.presence = presence.with({ from: contact, to: account.jid })
  // §3.1.6, §3.2.3, §3.3.3: the answer goes to interested resources, and before the push.
  if (transition.goesOn && type !== 'subscribe') rosters.sendToInterested(account, delivery.presence)
  if (version !== undefined) {
    if (after.isListed && isSeen(before, after)) rosters.push(account, own, contact, version)
    else rosters.passOver(own, version)
  }
  // Not waited for: the contact's account may be waiting for this one.
  if (transition.isAnswered) void answerSubscribe(host, account, contact, presence.id, !before.from)
  else if (type === 'subscribe') {
    // Until there is an answer, the contact sees nobody: clients in the field wait to be told so.
    void host.route(absenceOf(account.jid, contact))
  }
  if (isAgreed && after.isPendingOut)
    void host.route(new Presence('subscribe', { from: account.jid, to: contact, id: host.ids.id() }))
  if (before.from && !after.from) void tellUnavailable(host, account, contact)
  return transition.goesOn && type === 'subscribe' ? undefined : 'stop'
}

/** Whether somebody who is still a stranger asks with what the account has given away. */
async function isAgreedTo(
  rosters: Rosters,
  account: Account,
  own: AccountRoster,
  request: Presence,
): Promise<boolean> {
  const { from, isApproved } = own.get(request.from.bare.toString())
  return !from && !isApproved && (await rosters.isAgreedTo(account, request))
}

function afterInbound(
  before: RosterItem,
  { state }: Transition,
  presence: Presence,
  maxBytes: number,
): RosterItem {
  if (!state.isPendingIn) return { ...before, ...state, request: undefined }
  return { ...before, ...state, request: before.request ?? requestText(presence, maxBytes) }
}

// §3.1.3 has the whole request kept; strangers would fill the memory with it.
function requestText(presence: Presence, maxBytes: number): string {
  const whole = serialize(presence.toElement())
  return Buffer.byteLength(whole) <= maxBytes
    ? whole
    : serialize(presence.with({ id: undefined, lang: undefined, attributes: [], children: [] }).toElement())
}

/** §3.1.3: the answer that the account would give, or has given before. */
async function answerSubscribe(
  host: ScopedHost,
  account: Account,
  contact: Jid,
  id: string | undefined,
  isNew: boolean,
): Promise<void> {
  await host.route(new Presence('subscribed', { from: account.jid, to: contact, id }))
  if (isNew) await tellAvailable(host, account, contact)
}

function differ(before: RosterItem, after: RosterItem): boolean {
  for (const key of Object.keys(noItem) as (keyof RosterItem)[]) if (before[key] !== after[key]) return true
  return false
}

/** Whether clients see the difference: a request that is waiting is not part of the item (§3.1.3). */
function isSeen(before: RosterItem, after: RosterItem): boolean {
  return (
    before.to !== after.to ||
    before.from !== after.from ||
    before.isPendingOut !== after.isPendingOut ||
    before.isApproved !== after.isApproved
  )
}
