// pubsub#deliver_payloads: whether payloads go with what is told.
import { boolean } from '../../../stanza/field-kind.ts'
import { nodeSetting } from './setting.ts'

export const deliverPayloads = nodeSetting({
  field: 'pubsub#deliver_payloads',
  label: 'Whether to deliver payloads with event notifications',
  kind: boolean(true),
})
