// pubsub#publish_model: who may publish.
import { word } from '../../../stanza/field-kind.ts'
import { nodeSetting } from './setting.ts'

export const publishModel = nodeSetting({
  field: 'pubsub#publish_model',
  label: 'Specify the publisher model',
  kind: word('publishers', ['publishers', 'subscribers', 'open']),
  isMetaData: true,
})
