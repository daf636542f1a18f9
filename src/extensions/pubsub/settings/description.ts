// pubsub#description: what the node is for.
import { text } from '../../../stanza/field-kind.ts'
import { nodeSetting } from './setting.ts'

export const description = nodeSetting({
  field: 'pubsub#description',
  label: 'Description',
  kind: text(1024),
  isMetaData: true,
})
