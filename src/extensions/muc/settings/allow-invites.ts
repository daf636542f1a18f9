// muc#roomconfig_allowinvites: whether occupants may invite others through the room.
import { boolean } from '../../../stanza/field-kind.ts'
import { roomSetting } from './setting.ts'

export const allowInvites = roomSetting({
  field: 'muc#roomconfig_allowinvites',
  label: 'Occupants may invite others (into a room for members only its admins may)',
  kind: boolean(true),
})
