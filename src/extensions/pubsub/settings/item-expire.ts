// pubsub#item_expire: after how many seconds items are gone.
import { count } from './kinds.ts'
import { nodeSetting } from './setting.ts'

export const itemExpire = nodeSetting({
  field: 'pubsub#item_expire',
  label: 'Seconds after which items are removed',
  kind: count(),
})
