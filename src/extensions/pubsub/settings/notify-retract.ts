// pubsub#notify_retract: whether subscribers are told of items that are gone.
import { boolean } from '../../../stanza/field-kind.ts'
import { nodeSetting } from './setting.ts'

export const notifyRetract = nodeSetting({
  field: 'pubsub#notify_retract',
  label: 'Whether to notify subscribers when items are removed from the node',
  kind: boolean(true),
})
