// XEP-0359: Unique and Stable Stanza IDs, of messages in rooms
import { defineExtension } from '../../host/extension.ts'
import { stanzaIdNamespace, withoutStanzaIdsIn, withStanzaId } from '../../stanza/stanza-id.ts'
import { muc } from '../muc/muc.ts'

/** Gives every message to everybody in a room an id of the room's, and takes forged ones away. */
export const roomStanzaIds = defineExtension({
  name: 'room-stanza-ids',
  xep: { number: 359, version: '0.7.0' },
  needs: { muc },
  setup(host, { muc }) {
    host.keep(muc.advertise(() => stanzaIdNamespace))
    // §3 rule 2: what claims to be the room's, and is not, is taken away, in presence and private messages too.
    host.keep(muc.mark({ scope: 'all', clean: (nodes, room) => withoutStanzaIdsIn(nodes, room.jid) }))
    host.keep(
      muc.message.stamp((item) => {
        // An archive keeps the message under the same id (XEP-0313 §5.1.2).
        item.archiveId = host.ids.ordered(item.when)
        item.message = withStanzaId(item.message, item.room.jid, item.archiveId)
      }),
    )
  },
})
