// muc#roomconfig_roomsecret and muc#roomconfig_passwordprotectedroom: the password, and whether there is one.
import { boolean, secret } from '../../../stanza/field-kind.ts'
import { StanzaError } from '../../../stanza/stanza-error.ts'
import { roomSetting } from './setting.ts'

/** The password; empty: none is needed. Given alone, it alone decides. */
export const roomSecret = roomSetting({
  field: 'muc#roomconfig_roomsecret',
  label: 'Password',
  kind: secret(256),
})

/** Kept by keeping the password: the two can never disagree. */
export const passwordProtected = roomSetting({
  field: 'muc#roomconfig_passwordprotectedroom',
  label: 'A password is needed to enter',
  kind: boolean(false),
  disco: (isOn) => (isOn ? 'muc_passwordprotected' : 'muc_unsecured'),
  view: {
    read: (config) => config.get(roomSecret) !== '',
    write(isOn, draft) {
      if (!isOn) {
        // Who types a password into the form of an open room, and leaves the flag as it was, wants the room closed:
        // that is what many clients send. In a room that has a password, the flag takes it away.
        if (draft.before?.get(roomSecret) !== '') draft.set(roomSecret, '')
      }
      // XEP-0045 §10.1.3: a room with a password and no password is refused.
      else if (draft.get(roomSecret) === '') {
        throw new StanzaError('not-acceptable', 'a room with a password needs a password')
      }
    },
  },
})
