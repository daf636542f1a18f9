// muc#roomconfig_changesubject: whether participants may set the subject.
import { boolean } from '../../../stanza/field-kind.ts'
import { roomSetting } from './setting.ts'

export const changeSubject = roomSetting({
  field: 'muc#roomconfig_changesubject',
  label: 'Participants may change the subject',
  kind: boolean(false),
  roominfo: 'muc#roominfo_subjectmod',
})
