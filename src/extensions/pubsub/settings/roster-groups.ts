// pubsub#roster_groups_allowed: who may subscribe where the access model is `roster`.
import { texts } from '../../../stanza/field-kind.ts'
import { nodeSetting } from './setting.ts'

export const rosterGroups = nodeSetting({
  field: 'pubsub#roster_groups_allowed',
  label: 'Roster groups allowed to subscribe',
  kind: texts(50, 1023),
})
