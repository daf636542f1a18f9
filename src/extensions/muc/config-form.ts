// XEP-0045 §10.2: a room's settings as a form, and a submitted form as changes.
import { type Jid, parseJid } from '../../jid/jid.ts'
import { type Field, form, type SubmittedForm } from '../../stanza/form.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import type { Value } from '../../storage/storage.ts'
import type { Element } from '../../xml/element.ts'
import type { AffiliationEdit } from './affiliation-check.ts'
import type { Conference } from './conference.ts'
import { roomConfigForm } from './namespaces.ts'
import type { Room } from './room.ts'
import { type AffiliationList, affiliationLists } from './settings/affiliation-lists.ts'
import type { RoomConfig } from './settings/room-config.ts'
import type { RoomSetting } from './settings/setting.ts'

/** What a submitted form changes. */
export interface ConfigChange {
  readonly config: RoomConfig
  /** Settings whose value is another one. */
  readonly changed: readonly RoomSetting[]
  readonly edits: readonly AffiliationEdit[]
}

/** The form that owners get: every setting with its value. */
export function configForm({ settings }: Conference, room: Room): Element {
  return form({
    type: 'form',
    formType: roomConfigForm,
    title: `Configuration of ${room.jid}`,
    fields: [
      ...settings.all.map((setting) => settingField(setting, room.config)),
      ...affiliationLists.map((list) => listField(list, room)),
    ],
  })
}

/**
 * Reads what somebody submitted. Fields that are left out stay as they are; those nobody knows are passed over.
 * @throws StanzaError not-acceptable for a value that cannot be, and whatever a setting refuses
 */
export function readConfigChange(conference: Conference, room: Room, submitted: SubmittedForm): ConfigChange {
  const { settings, options } = conference
  if (submitted.values.size > options.formFields) {
    throw new StanzaError('policy-violation', `a form has at most ${options.formFields} fields`)
  }
  const config = room.config.draft()
  // What a view says has the last word, wherever it stands in the form.
  const inOrder = settings.all.sort((one, other) => Number(!!one.view) - Number(!!other.view))
  for (const setting of inOrder) {
    const values = submitted.values.get(setting.field)
    if (values) config.set(setting, readValue(setting, values))
  }
  const changed = settings.all.filter(
    (setting) => !setting.view && !isSame(config.get(setting), room.config.get(setting)),
  )
  return { config, changed, edits: readLists(room, submitted) }
}

/** How a setting is shown in the form; a secret's value is there to be read by owners. */
export function settingField<V extends Value>(setting: RoomSetting<V>, config: RoomConfig): Field {
  const { field, label, kind } = setting
  return {
    var: field,
    type: kind.type,
    label,
    values: kind.format(config.get(setting)),
    ...(kind.options ? { options: kind.options } : {}),
    ...(kind.extra ? { extra: kind.extra } : {}),
  }
}

function listField({ field, label, affiliation }: AffiliationList, room: Room): Field {
  const values = room.affiliations.list(affiliation).map(([address]) => address)
  return { var: field, type: 'jid-multi', label, values }
}

function readValue(setting: RoomSetting, values: readonly string[]): Value {
  const value = setting.kind.parse(values)
  if (value === undefined) throw new StanzaError('not-acceptable', `${setting.field} cannot be that`)
  return value
}

function isSame(one: Value, other: Value): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other)
}

/** A list that was submitted, as changes to who is on it. Later lists go before earlier ones. */
function readLists(room: Room, submitted: SubmittedForm): AffiliationEdit[] {
  const editByAddress = new Map<string, AffiliationEdit>()
  for (const list of affiliationLists) {
    const values = submitted.values.get(list.field)
    if (!values) continue
    const listed = new Map(values.map(readAddress).map((jid) => [jid.toString(), jid]))
    const isOtherGiven = affiliationLists.some(
      ({ affiliation, field }) => affiliation === list.otherwise && submitted.values.has(field),
    )
    for (const [address] of room.affiliations.list(list.affiliation)) {
      // If the list on which one would come instead is given too, it knows better.
      const affiliation = isOtherGiven ? 'none' : list.otherwise
      if (!listed.has(address) && !editByAddress.has(address)) {
        editByAddress.set(address, { jid: readAddress(address), affiliation })
      }
    }
    for (const [address, jid] of listed) {
      if (room.affiliations.entry(address)?.affiliation === list.affiliation) editByAddress.delete(address)
      else editByAddress.set(address, { jid, affiliation: list.affiliation })
    }
  }
  return [...editByAddress.values()]
}

function readAddress(text: string): Jid {
  const jid = parseJid(text)
  if (!jid) throw new StanzaError('not-acceptable', `${text.slice(0, 100)} is no address`)
  return jid.bare
}
