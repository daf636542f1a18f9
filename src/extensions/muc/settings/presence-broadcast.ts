// muc#roomconfig_presencebroadcast: whose presence is shown to others.
import { choices } from '../../../stanza/field-kind.ts'
import { roomSetting } from './setting.ts'

/** `none` is those who are not there: members are shown as unavailable then. */
export const presenceBroadcast = roomSetting({
  field: 'muc#roomconfig_presencebroadcast',
  label: 'Roles whose presence is shown to others',
  kind: choices(
    ['moderator', 'participant', 'visitor'],
    [
      { label: 'Moderators', value: 'moderator' },
      { label: 'Participants', value: 'participant' },
      { label: 'Visitors', value: 'visitor' },
      { label: 'Members who are not there', value: 'none' },
    ],
  ),
  // XEP-0045 §16.6.2: 102 and 103 for members who are not there, 104 for the rest.
  codes(now, before) {
    const isTold = now.includes('none') !== before.includes('none')
    const roles = (shown: typeof now) => shown.filter((role) => role !== 'none').join()
    const codes = isTold ? [now.includes('none') ? 102 : 103] : []
    return roles(now) === roles(before) ? codes : [...codes, 104]
  },
})
