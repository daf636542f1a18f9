// muc#roomconfig_roomdesc: what the room is for.
import { text } from '../../../stanza/field-kind.ts'
import { roomSetting } from './setting.ts'

export const description = roomSetting({
  field: 'muc#roomconfig_roomdesc',
  label: 'Description of the room',
  kind: text(1024),
  roominfo: 'muc#roominfo_description',
})
