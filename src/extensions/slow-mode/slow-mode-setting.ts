// XEP-0500 §5: the setting, its range, and the field that shows it.
import { validateNamespace } from '../../stanza/namespaces.ts'
import { element } from '../../xml/element.ts'
import { count, type RoomSetting, roomSetting } from '../muc/muc.ts'

/** Seconds between two messages of an account; 0 is no wait. */
export function slowModeSetting(maxSeconds: number): RoomSetting<number> {
  // XEP-0122 §3
  const range = element('range', validateNamespace, { min: '0', max: String(maxSeconds) })
  const validate = element('validate', validateNamespace, { datatype: 'xs:integer' }, range)
  return roomSetting({
    field: 'muc#roomconfig_slow_mode_duration',
    label: 'Seconds to wait before speaking again',
    kind: { ...count(0, maxSeconds), extra: [validate] },
    roominfo: 'muc#roominfo_slow_mode_duration',
  })
}
