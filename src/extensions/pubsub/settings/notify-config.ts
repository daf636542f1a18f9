// pubsub#notify_config: whether subscribers are told of a new configuration.
import { boolean } from '../../../stanza/field-kind.ts'
import { nodeSetting } from './setting.ts'

export const notifyConfig = nodeSetting({
  field: 'pubsub#notify_config',
  label: 'Whether to notify subscribers when the node configuration changes',
  kind: boolean(false),
})
