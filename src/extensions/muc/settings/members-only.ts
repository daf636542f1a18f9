// muc#roomconfig_membersonly: whether one must be a member to enter.
import { boolean } from '../../../stanza/field-kind.ts'
import { roomSetting } from './setting.ts'

export const membersOnly = roomSetting({
  field: 'muc#roomconfig_membersonly',
  label: 'Only members may enter',
  kind: boolean(false),
  disco: (isOn) => (isOn ? 'muc_membersonly' : 'muc_open'),
})
