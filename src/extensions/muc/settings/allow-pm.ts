// muc#roomconfig_allowpm: who may send private messages.
import { choice } from '../../../stanza/field-kind.ts'
import { roomSetting } from './setting.ts'

export const allowPm = roomSetting({
  field: 'muc#roomconfig_allowpm',
  label: 'Who may send private messages',
  kind: choice('anyone', [
    { label: 'Anyone in the room', value: 'anyone' },
    { label: 'Those with voice', value: 'participants' },
    { label: 'Moderators', value: 'moderators' },
    { label: 'Nobody', value: 'none' },
  ]),
})
