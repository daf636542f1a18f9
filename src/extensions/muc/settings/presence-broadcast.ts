// muc#roomconfig_presencebroadcast: whose presence is shown to others.
import { choices } from './kinds.ts'
import { roomSetting } from './setting.ts'

export const presenceBroadcast = roomSetting({
  field: 'muc#roomconfig_presencebroadcast',
  label: 'Roles whose presence is shown to others',
  kind: choices(
    ['moderator', 'participant', 'visitor'],
    [
      { label: 'Moderators', value: 'moderator' },
      { label: 'Participants', value: 'participant' },
      { label: 'Visitors', value: 'visitor' },
    ],
  ),
})
