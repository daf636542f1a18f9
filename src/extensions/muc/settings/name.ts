// muc#roomconfig_roomname: what the room is called for people.
import { text } from '../../../stanza/field-kind.ts'
import { roomSetting } from './setting.ts'

export const name = roomSetting({
  field: 'muc#roomconfig_roomname',
  label: 'Name of the room',
  kind: text(256),
})
