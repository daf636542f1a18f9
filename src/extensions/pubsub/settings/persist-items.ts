// pubsub#persist_items: whether items are kept at all.
import { boolean } from '../../../stanza/field-kind.ts'
import { nodeSetting } from './setting.ts'

export const persistItems = nodeSetting({
  field: 'pubsub#persist_items',
  label: 'Persist items to storage',
  kind: boolean(true),
})
