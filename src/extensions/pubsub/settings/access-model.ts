// pubsub#access_model: who may subscribe and retrieve items (XEP-0060 §4.5).
import { word } from '../../../stanza/field-kind.ts'
import { nodeSetting } from './setting.ts'

export type AccessModel = 'authorize' | 'open' | 'presence' | 'roster' | 'whitelist'

export const accessModel = nodeSetting<AccessModel>({
  field: 'pubsub#access_model',
  label: 'Specify the subscriber model',
  kind: word('open', ['authorize', 'open', 'presence', 'roster', 'whitelist']),
  isMetaData: true,
})
