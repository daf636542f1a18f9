// pubsub#notify_sub: whether owners are told who subscribes and unsubscribes.
import { boolean } from '../../../stanza/field-kind.ts'
import { nodeSetting } from './setting.ts'

export const notifySub = nodeSetting({
  field: 'pubsub#notify_sub',
  label: 'Whether to notify owners about new subscribers and unsubscribes',
  kind: boolean(false),
})
