// pubsub#publish_full_node: what becomes of an item for which there is no room.
import { choice } from '../../../stanza/field-kind.ts'
import { nodeSetting } from './setting.ts'

export const publishFullNode = nodeSetting({
  field: 'pubsub#publish_full_node',
  label: 'What to do when the node is full',
  kind: choice('discard-oldest', [
    { label: 'Discard the oldest item', value: 'discard-oldest' },
    { label: 'Reject the new item', value: 'reject' },
  ]),
})
