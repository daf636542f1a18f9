// The settings rooms have: the usual list, and what other extensions add.
import type { Undo } from '../../../base/scope.ts'
import { allowInvites } from './allow-invites.ts'
import { allowPm } from './allow-pm.ts'
import { changeSubject } from './change-subject.ts'
import { description } from './description.ts'
import { getMemberList } from './get-member-list.ts'
import { historyLength } from './history-length.ts'
import { lang } from './lang.ts'
import { maxUsers } from './max-users.ts'
import { membersOnly } from './members-only.ts'
import { moderated } from './moderated.ts'
import { name } from './name.ts'
import { canChangeNick, reservedNickOnly } from './nicks.ts'
import { passwordProtected, roomSecret } from './password.ts'
import { persistent } from './persistent.ts'
import { presenceBroadcast } from './presence-broadcast.ts'
import { publicRoom } from './public.ts'
import { registration } from './registration.ts'
import type { RoomSetting } from './setting.ts'
import { whois } from './whois.ts'

/** In the order of the form. */
const standardSettings: readonly RoomSetting[] = [
  name,
  description,
  lang,
  persistent,
  publicRoom,
  passwordProtected,
  roomSecret,
  membersOnly,
  registration,
  moderated,
  whois,
  reservedNickOnly,
  canChangeNick,
  changeSubject,
  allowPm,
  allowInvites,
  maxUsers,
  presenceBroadcast,
  getMemberList,
  historyLength,
]

/** The settings known to a service, in the order of the form. */
export class RoomSettings {
  readonly #settingByField = new Map<string, RoomSetting>(
    standardSettings.map((setting) => [setting.field, setting]),
  )

  /**
   * Adds a setting behind the others.
   * @throws Error if there is one for that field
   */
  add(setting: RoomSetting): Undo {
    if (this.#settingByField.has(setting.field)) throw new Error(`two settings for ${setting.field}`)
    this.#settingByField.set(setting.field, setting)
    return () => {
      if (this.#settingByField.get(setting.field) === setting) this.#settingByField.delete(setting.field)
    }
  }

  get(field: string): RoomSetting | undefined {
    return this.#settingByField.get(field)
  }

  get all(): RoomSetting[] {
    return [...this.#settingByField.values()]
  }
}
