// pubsub#notify_delete: whether subscribers are told that the node is gone.
import { boolean } from '../../../stanza/field-kind.ts'
import { nodeSetting } from './setting.ts'

export const notifyDelete = nodeSetting({
  field: 'pubsub#notify_delete',
  label: 'Whether to notify subscribers when the node is deleted',
  kind: boolean(true),
})
