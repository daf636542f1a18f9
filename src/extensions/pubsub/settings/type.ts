// pubsub#type: what payloads are, usually their namespace.
import { text } from './kinds.ts'
import { nodeSetting } from './setting.ts'

/** Says what publishers mean to publish; payloads of another namespace are not refused. */
export const type = nodeSetting({
  field: 'pubsub#type',
  label: 'The type of node data, usually specified by the namespace of the payload (if any)',
  kind: text(1024),
  isMetaData: true,
})
