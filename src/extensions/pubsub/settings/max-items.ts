// pubsub#max_items: how many items are kept.
import { itemCount } from './kinds.ts'
import { nodeSetting } from './setting.ts'

export const maxItems = nodeSetting({
  field: 'pubsub#max_items',
  label: 'Max # of items to persist',
  kind: itemCount(20),
  isMetaData: true,
})
