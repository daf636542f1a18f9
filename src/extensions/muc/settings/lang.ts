// muc#roomconfig_lang: the language spoken in the room.
import { text } from '../../../stanza/field-kind.ts'
import { roomSetting } from './setting.ts'

export const lang = roomSetting({
  field: 'muc#roomconfig_lang',
  label: 'Language of the room, as in en or pt-BR',
  kind: text(64),
  roominfo: 'muc#roominfo_lang',
})
