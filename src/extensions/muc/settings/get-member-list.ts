// muc#roomconfig_getmemberlist: who may ask for the lists of members, of those who may see real addresses.
import { choices } from '../../../stanza/field-kind.ts'
import { roomSetting } from './setting.ts'

export const getMemberList = roomSetting({
  field: 'muc#roomconfig_getmemberlist',
  label: 'Roles that may ask who is a member, where they may see real addresses',
  kind: choices(
    ['moderator', 'participant', 'visitor'],
    [
      { label: 'Moderators', value: 'moderator' },
      { label: 'Participants', value: 'participant' },
      { label: 'Visitors', value: 'visitor' },
    ],
  ),
})
