// XEP-0045 §10.2: a setting of a room as data, from which form field, disco feature, storage and status code follow.
import type { FieldKind } from '../../../stanza/field-kind.ts'
import type { Value } from '../../../storage/storage.ts'
import type { Element } from '../../../xml/element.ts'
import type { RoomConfig } from './room-config.ts'

/** What values a setting has, and how a form says them. */
export interface SettingKind<V extends Value> extends FieldKind<V> {
  /** What goes into the field besides, such as what values are valid (XEP-0122). */
  readonly extra?: readonly Element[]
}

/** One setting of a room. */
export interface RoomSetting<V extends Value = Value> {
  readonly field: string
  readonly label: string
  readonly kind: SettingKind<V>
  /** The feature that a value puts into the room's disco#info. */
  disco?(value: V): string | undefined
  /** The field of the room's disco#info form (XEP-0045 §6.4) that shows the value to everybody. */
  readonly roominfo?: string
  /** The status codes that tell occupants of a new value; 104 where there are none (XEP-0045 §10.2.1). */
  codes?(value: V, before: V): readonly number[]
  /** The status code that tells those who enter, if any (XEP-0045 §7.2.12). */
  entryCode?(value: V): number | undefined
  /** A setting that says in other words what another one keeps: nothing is kept for it. */
  readonly view?: SettingView<V>
}

/** How a setting follows from others, and what setting it does to them. */
export interface SettingView<V extends Value> {
  read(config: RoomConfig): V
  /** May refuse by throwing a `StanzaError`; nothing is changed then. */
  write(value: V, draft: RoomConfig): void
}

/** Gives a setting its type. */
export function roomSetting<V extends Value>(setting: RoomSetting<V>): RoomSetting<V> {
  return setting
}
