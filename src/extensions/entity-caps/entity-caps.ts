// XEP-0115: Entity Capabilities
import { integer } from '../../base/options.ts'
import type { Account } from '../../host/account.ts'
import { defineExtension } from '../../host/extension.ts'
import type { PresenceDelivery } from '../../host/presence.ts'
import type { ScopedHost } from '../../host/scoped-host.ts'
import type { Jid } from '../../jid/jid.ts'
import { capsNamespace, mucUserNamespace } from '../../stanza/namespaces.ts'
import type { Presence } from '../../stanza/stanza.ts'
import { disco } from '../disco/disco.ts'
import { type RosterApi, roster } from '../roster/roster.ts'
import { capsOfPresence } from './caps.ts'
import { CapsCache, type Features } from './caps-cache.ts'
import { CapsQuestions } from './caps-questions.ts'
import { offerOwnCaps } from './own-caps.ts'
import { ShownCaps } from './shown-caps.ts'

/** What other extensions get of this one. */
export interface EntityCapsApi {
  /**
   * The features of `entity`, the full address of one of `account`'s own clients or of somebody whose presence it
   * sees; asks where they are not known, and resolves with none where no answer comes that fits. `undefined` for an
   * entity that shows nothing.
   */
  capsOf(account: Account, entity: Jid): Promise<Features> | undefined
  /** The same, as far as it is known now. */
  known(account: Account, entity: Jid): Features | undefined
  /** All that show to `account` that they have a feature, as far as it is known now. */
  having(account: Account, feature: string): Iterable<Jid>
}

/** Tells clients what the server can do, and finds out what clients can, asking each program once. */
export const entityCaps = defineExtension({
  name: 'entity-caps',
  xep: { number: 115, version: '1.6.0' },
  needs: { disco },
  uses: { roster },
  options: {
    maxCached: integer(1000, 'different sets of features that are remembered', { min: 1 }),
    maxEntities: integer(1000, 'clients of others whose features are followed for one account', { min: 1 }),
  },
  setup(host, apis, options): EntityCapsApi {
    const cache = new CapsCache(options.maxCached)
    const shown = new ShownCaps(new CapsQuestions(host, cache), cache, options.maxEntities)
    host.advertise(capsNamespace)
    offerOwnCaps(host, apis.disco)
    // Before the presence is shown to anybody, so that a client is asked before its presence comes back.
    host.presenceSent.stamp(({ presence, account, session }) => {
      if (presence.to || !session) return
      if (shown.note(account, presence, capsOfPresence(presence))) ask(host, shown, account, presence.from)
    })
    host.presenceReceived.deliver(
      (delivery) => noteContact(host, shown, apis.roster, delivery),
      (presence, account) => isFromOccupant(presence) || shown.isNoNews(account, presence),
    )
    return {
      capsOf: (account, entity) => shown.capsOf(account, entity),
      known: (account, entity) => shown.known(account, entity),
      having: (account, feature) => shown.having(account, feature),
    }
  },
})

/** Whether presence is that of an occupant of a room: they are many, and nobody's contacts. */
export function isFromOccupant(presence: Presence): boolean {
  return presence.child('x', mucUserNamespace) !== undefined
}

/** Of those who may see the account's presence it is good to know at once what they want to be told. */
function noteContact(
  host: ScopedHost,
  shown: ShownCaps,
  roster: RosterApi | undefined,
  { presence, account }: PresenceDelivery,
): void {
  if (presence.type !== 'available' && presence.type !== 'unavailable') return
  if (presence.from.isBare || isFromOccupant(presence)) return
  if (!shown.note(account, presence, capsOfPresence(presence)) || !roster) return
  roster.isSubscriber(account.jid, presence.from).then(
    (isSubscriber) => isSubscriber && ask(host, shown, account, presence.from),
    (error: unknown) => host.log.error('caps failed', { error }),
  )
}

function ask(host: ScopedHost, shown: ShownCaps, account: Account, entity: Jid): void {
  shown.capsOf(account, entity)?.catch((error: unknown) => host.log.error('caps failed', { error }))
}
