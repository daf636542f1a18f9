// pubsub#max_payload_size: how large a payload may be, in bytes.
import { count } from './kinds.ts'
import { nodeSetting } from './setting.ts'

/** 0 for the service's own limit, which holds in any case. */
export const maxPayloadSize = nodeSetting({
  field: 'pubsub#max_payload_size',
  label: 'Max payload size in bytes',
  kind: count(),
})
