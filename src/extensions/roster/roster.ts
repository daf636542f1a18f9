// RFC 6121 §2 and §3: the roster, subscriptions and whom presence goes to.
import { integer, oneOf } from '../../base/options.ts'
import type { Undo } from '../../base/scope.ts'
import type { Account } from '../../host/account.ts'
import { defineExtension } from '../../host/extension.ts'
import { AnswerThen } from '../../host/iq.ts'
import type { PresenceDelivery } from '../../host/presence.ts'
import type { ScopedHost } from '../../host/scoped-host.ts'
import type { Jid } from '../../jid/jid.ts'
import type { Presence } from '../../stanza/stanza.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import { type Element, element } from '../../xml/element.ts'
import { disco } from '../disco/disco.ts'
import { streamManagement } from '../stream-management/stream-management.ts'
import type { RosterCollection } from './account-roster.ts'
import { announce } from './announce.ts'
import { answerProbe } from './probe.ts'
import { type ItemLimits, parseItemRequest, rosterNamespace } from './roster-item.ts'
import { rosterPart } from './roster-part.ts'
import {
  changeContact,
  endRoster,
  endSubscriptions,
  rosterResult,
  tellAvailable,
  tellUnavailable,
} from './roster-requests.ts'
import { type ApprovalRule, type HidingRule, Rosters } from './rosters.ts'
import { refuseStrangers } from './strangers.ts'
import { handleInbound, handleOutbound } from './subscribe.ts'

/** What other extensions get of this one. */
export interface RosterApi {
  /** Whether `contact` may see the presence of `account`. */
  isSubscriber(account: Jid, contact: Jid): Promise<boolean>
  /** Whether `account` has `contact` in its roster. */
  isContact(account: Account, contact: Jid): Promise<boolean>
  /** The bare addresses of all who may see the presence of `account`. */
  subscribers(account: Account): Promise<Jid[]>
  /** How many wait for an answer to their request to see the presence of `account`. */
  pendingRequests(account: Account): Promise<number>
  /** Those of them from whom it is not hidden for now. */
  viewers(account: Account): Promise<Jid[]>
  /** Whether `contact` is one of these. */
  isViewer(account: Account, contact: Jid): Promise<boolean>
  /** The groups in which `account` has `contact`. */
  groups(account: Account, contact: Jid): Promise<readonly string[]>
  /** Hides presence from subscribers for whom `rule` says so. */
  hide(rule: HidingRule): Undo
  /**
   * Asks `rule` about requests to see an account that it has not answered yet, such as those with a token
   * (XEP-0379 §3.4): where it says yes, the contact is listed, may see the account, and is asked in turn.
   */
  approve(rule: ApprovalRule): Undo
  /** Shows a subscriber the account's presence as it is now (RFC 6121 §4.3.2.1), or that it is gone. */
  show(account: Account, contact: Jid, as: 'available' | 'unavailable'): Promise<void>
}

function receive(host: ScopedHost, rosters: Rosters, delivery: PresenceDelivery) {
  return delivery.presence.type === 'probe'
    ? answerProbe(host, rosters, delivery)
    : handleInbound(host, rosters, delivery)
}

/** Whether presence asks for nothing. */
function isOnlyShown({ type }: Presence): boolean {
  return type === 'available' || type === 'unavailable'
}

/** Keeps contacts, and who may see whom. */
export const roster = defineExtension({
  name: 'roster',
  needs: { disco },
  uses: { streamManagement },
  options: {
    maxItems: integer(2000, 'contacts of one account'),
    maxNameLength: integer(1023, 'characters of a contact’s or group’s name'),
    maxGroups: integer(50, 'groups of one contact'),
    maxRequests: integer(500, 'strangers whose requests to see the presence of one account wait'),
    maxRequestBytes: integer(4096, 'bytes of such a request; of a longer one only who asks is kept'),
    requests: oneOf(
      ['all', 'known'],
      'all',
      'whose requests reach clients: of all who know the full address, or of those who may see that they are there',
    ),
  },
  setup(host, apis, options): RosterApi {
    const collection: RosterCollection = host.store.collection('roster')
    const rosters = new Rosters(host, collection, options, ({ jid }) => apis.streamManagement?.beginAnew(jid))
    const limits = { nameLength: options.maxNameLength, groups: options.maxGroups }
    if (apis.streamManagement) host.keep(apis.streamManagement.keepPart(rosterPart(host, rosters)))

    offerAbility(host, 'roster versioning', element('ver', 'urn:xmpp:features:rosterver'))
    offerAbility(host, 'subscription pre-approval', element('sub', 'urn:xmpp:features:pre-approval'))
    answerRequests(host, rosters, limits)
    host.presenceSent.subscribe((delivery) => handleOutbound(host, rosters, delivery))
    host.presenceSent.announce((delivery) => announce(host, rosters, delivery))
    host.presenceReceived.subscribe((delivery) => receive(host, rosters, delivery), isOnlyShown)
    if (options.requests === 'known')
      host.iqReceived.check((passage) => refuseStrangers(host, rosters, passage))
    host.accountRemoved((account) => endRoster(host, rosters, collection, account))

    const isSubscriber = async (account: Jid, contact: Jid) => {
      const kept = await collection.get(account.local, contact.bare.toString())
      return kept?.from === true
    }
    host.keep(apis.disco.addVisibility(isSubscriber))
    return {
      isSubscriber,
      isContact: async (account, contact) => (await rosters.of(account)).get(contact.toString()).isListed,
      subscribers: (account) => rosters.subscribers(account),
      pendingRequests: (account) => rosters.pendingRequests(account),
      viewers: (account) => rosters.viewers(account),
      isViewer: (account, contact) => rosters.isViewer(account, contact.bare),
      groups: async (account, contact) => (await rosters.of(account)).get(contact.bare.toString()).groups,
      hide: (rule) => rosters.hide(rule),
      approve: (rule) => rosters.approve(rule),
      show: (account, contact, as) =>
        (as === 'available' ? tellAvailable : tellUnavailable)(host, account, contact),
    }
  },
})

/** Tells clients what the server is able to do; they need not ask for it. */
function offerAbility(host: ScopedHost, name: string, feature: Element): void {
  host.offer({
    name,
    needs: ['authenticated'],
    advertise: () => feature,
    accepts: () => false,
    receive() {},
  })
}

/** RFC 6121 §2: an account reads and changes its own roster. */
function answerRequests(host: ScopedHost, rosters: Rosters, limits: ItemLimits): void {
  const failed = (error: unknown) => host.log.error('ending subscriptions failed', { error })
  host.account.iq.get(rosterNamespace, 'query', async (iq, session, account) => {
    const own = await rosters.of(account)
    rosters.addInterested(session)
    return rosterResult(own, iq)
  })
  host.account.openIq.set(rosterNamespace, 'query', async (iq, account, session) => {
    if (!session) throw new StanzaError('forbidden', 'that roster is not yours')
    const request = parseItemRequest(iq.payload as Element, account.jid, limits)
    const own = await rosters.of(account)
    const { contact, isRemoval } = request
    const before = own.get(contact.toString())
    const version = await changeContact(rosters, own, request)
    // The result goes first: clients wait for it before they look at pushes, and at what the contact says to it.
    return new AnswerThen(undefined, () => {
      rosters.push(account, own, contact, version)
      if (isRemoval) return endSubscriptions(host, account, contact, before).catch(failed)
    })
  })
}
