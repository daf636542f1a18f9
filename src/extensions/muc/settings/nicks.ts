// XEP-0045 §7.6 and §7.12: whether nicks are locked down. The names of the fields are those that clients know.
import { boolean } from '../../../stanza/field-kind.ts'
import { roomSetting } from './setting.ts'

/** Who has a nick reserved enters under that one only. */
export const reservedNickOnly = roomSetting({
  field: 'x-muc#roomconfig_reservednick',
  label: 'Those who registered a nick use that one only',
  kind: boolean(false),
})

/** Whether occupants may change their nick once they are inside; admins may always. */
export const canChangeNick = roomSetting({
  field: 'x-muc#roomconfig_canchangenick',
  label: 'Occupants may change their nick',
  kind: boolean(true),
})
