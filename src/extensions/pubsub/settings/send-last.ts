// pubsub#send_last_published_item: who is sent the last item without anything being published.
import { word } from '../../../stanza/field-kind.ts'
import { nodeSetting } from './setting.ts'

export const sendLast = nodeSetting({
  field: 'pubsub#send_last_published_item',
  label: 'When to send the last published item',
  kind: word('never', ['never', 'on_sub', 'on_sub_and_presence']),
})
