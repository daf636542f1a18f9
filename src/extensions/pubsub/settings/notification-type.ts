// pubsub#notification_type: of which type messages with events are.
import { choice } from '../../../stanza/field-kind.ts'
import { nodeSetting } from './setting.ts'

export const notificationType = nodeSetting({
  field: 'pubsub#notification_type',
  label: 'Specify the delivery style for notifications',
  kind: choice('headline', [
    { label: 'Messages of type normal', value: 'normal' },
    { label: 'Messages of type headline', value: 'headline' },
  ]),
})
