// XEP-0045 §7.10: who becomes a member by registering. The name of the field is like those for nicks.
import { choice } from '../../../stanza/field-kind.ts'
import { roomSetting } from './setting.ts'

/** Whether those who are not on the lists may register with a room, and whether its admins are asked. */
export const registration = roomSetting({
  field: 'x-muc#roomconfig_registration',
  label: 'Who becomes a member by registering',
  kind: choice('closed', [
    { label: 'Nobody: admins choose the members', value: 'closed' },
    { label: 'Whom an admin approves', value: 'approval' },
    { label: 'Anybody', value: 'open' },
  ]),
})
