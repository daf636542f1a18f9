// pubsub#deliver_notifications: whether anybody is told of what is published.
import { boolean } from '../../../stanza/field-kind.ts'
import { nodeSetting } from './setting.ts'

export const deliverNotifications = nodeSetting({
  field: 'pubsub#deliver_notifications',
  label: 'Whether to deliver event notifications',
  kind: boolean(true),
})
