// XEP-0421: Occupant identifiers for semi-anonymous MUCs
import { defineExtension } from '../../host/extension.ts'
import type { Jid } from '../../jid/jid.ts'
import { occupantIdNamespace } from '../../stanza/namespaces.ts'
import { muc, type Room } from '../muc/muc.ts'
import { occupantIdElement, withoutOccupantIds } from './occupant-id-elements.ts'
import { OccupantIds } from './occupant-ids.ts'

export { occupantIdElement, occupantIdNamespace }

/** What other extensions get of this one. */
export interface OccupantIdApi {
  /** By what a room calls an account, whatever its nick. */
  of(room: Room, account: Jid): string
}

/** Tells with every presence and message in a room which occupant it is, whatever the nick, and not who. */
export const occupantId = defineExtension({
  name: 'occupant-id',
  xep: { number: 421, version: '1.0.1' },
  needs: { muc },
  setup(host, { muc }): OccupantIdApi {
    const ids = new OccupantIds(host.ids, muc.keepLater)
    host.advertise(occupantIdNamespace)
    host.keep(muc.advertise(() => occupantIdNamespace))
    host.keep(
      muc.mark({
        scope: 'all',
        make: (room, account) => ids.element(room, account),
        clean: withoutOccupantIds,
      }),
    )
    return { of: (room, account) => ids.of(room, account) }
  },
})
