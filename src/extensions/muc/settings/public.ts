// muc#roomconfig_publicroom: whether the service lists the room.
import { boolean } from '../../../stanza/field-kind.ts'
import { roomSetting } from './setting.ts'

export const publicRoom = roomSetting({
  field: 'muc#roomconfig_publicroom',
  label: 'The room can be found by anybody',
  kind: boolean(true),
  disco: (isOn) => (isOn ? 'muc_public' : 'muc_hidden'),
})
