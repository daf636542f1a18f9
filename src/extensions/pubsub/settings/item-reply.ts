// pubsub#itemreply: whose address goes with items.
import { choice } from '../../../stanza/field-kind.ts'
import { nodeSetting } from './setting.ts'

export const itemReply = nodeSetting({
  field: 'pubsub#itemreply',
  label: 'Specify whose JID to include as the publisher of items',
  kind: choice('none', [
    { label: "Include the node owner's JID", value: 'owner' },
    { label: "Include the item publisher's JID", value: 'publisher' },
    { label: "Don't include any JID with items", value: 'none' },
  ]),
})
