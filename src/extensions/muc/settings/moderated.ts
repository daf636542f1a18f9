// muc#roomconfig_moderatedroom: whether one needs voice to speak.
import { boolean } from '../../../stanza/field-kind.ts'
import { roomSetting } from './setting.ts'

export const moderated = roomSetting({
  field: 'muc#roomconfig_moderatedroom',
  label: 'Only those with voice may speak',
  kind: boolean(false),
  disco: (isOn) => (isOn ? 'muc_moderated' : 'muc_unmoderated'),
})
