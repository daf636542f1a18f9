// XEP-0045 §10.2: whether what is said in a room is kept, under the name that archives use and the one that clients know.
import { boolean } from '../../stanza/field-kind.ts'
import { type RoomSetting, roomSetting } from '../muc/muc.ts'

/** Whether a room has an archive. Those inside are told with 170 and 171, those who enter with 170 (§7.2.12). */
export function archiveSetting(isStandard: boolean): RoomSetting<boolean> {
  return roomSetting({
    field: 'muc#roomconfig_enablearchiving',
    label: 'What is said is kept and can be read by those who may enter',
    kind: boolean(isStandard),
    codes: (isOn) => [isOn ? 170 : 171],
    entryCode: (isOn) => (isOn ? 170 : undefined),
  })
}

/** The same in the words of XEP-0045 §16.5.3. */
export function loggingSetting(archiving: RoomSetting<boolean>): RoomSetting<boolean> {
  return roomSetting({
    field: 'muc#roomconfig_enablelogging',
    label: 'The same, for clients that know it by this name',
    kind: boolean(archiving.kind.standard),
    view: {
      read: (config) => config.get(archiving),
      write(isOn, draft) {
        // Who submits the whole form changes one of the two fields; what is as before says nothing.
        if (isOn !== draft.before?.get(archiving)) draft.set(archiving, isOn)
      },
    },
  })
}
