// pubsub#type: what payloads are, usually their namespace.
import { text } from '../../../stanza/field-kind.ts'
import { nodeSetting } from './setting.ts'

/** Says what publishers mean to publish; where it is a namespace, payloads of another are refused (XEP-0060 §7.1.3.5). */
export const type = nodeSetting({
  field: 'pubsub#type',
  label: 'The type of node data, usually specified by the namespace of the payload (if any)',
  kind: text(1024),
  isMetaData: true,
})
