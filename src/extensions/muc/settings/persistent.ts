// muc#roomconfig_persistentroom: whether the room stays when the last occupant leaves.
import { boolean } from '../../../stanza/field-kind.ts'
import { roomSetting } from './setting.ts'

export const persistent = roomSetting({
  field: 'muc#roomconfig_persistentroom',
  label: 'The room stays when it is empty',
  kind: boolean(false),
  disco: (isOn) => (isOn ? 'muc_persistent' : 'muc_temporary'),
})
