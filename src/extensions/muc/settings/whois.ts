// muc#roomconfig_whois: who sees real addresses.
import { choice } from '../../../stanza/field-kind.ts'
import { roomSetting } from './setting.ts'

export const whois = roomSetting({
  field: 'muc#roomconfig_whois',
  label: 'Who may see real addresses',
  kind: choice('moderators', [
    { label: 'Moderators', value: 'moderators' },
    { label: 'Anyone in the room', value: 'anyone' },
  ]),
  disco: (who) => (who === 'anyone' ? 'muc_nonanonymous' : 'muc_semianonymous'),
  entryCode: (who) => (who === 'anyone' ? 100 : undefined),
  codes: (who) => [who === 'anyone' ? 172 : 173],
})
