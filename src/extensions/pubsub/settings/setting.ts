// XEP-0060 §16.4.4: a setting of a node as data, from which form field, meta-data, precondition and storage follow.
import type { FieldKind } from '../../../stanza/field-kind.ts'
import type { Value } from '../../../storage/storage.ts'
import type { Element } from '../../../xml/element.ts'

/** Bounds that a service sets to the settings of its nodes. */
export interface SettingLimits {
  /** Items in one node. */
  readonly maxItems: number
  /** Bytes of one payload. */
  readonly payloadBytes: number
}

/** What values a setting has, and how a form says them. */
export interface SettingKind<V extends Value> extends Omit<FieldKind<V>, 'parse'> {
  /** Reads a field's values; `undefined` if they are not acceptable to the service. */
  parse(values: readonly string[], limits: SettingLimits): V | undefined
  /** What is put into the field besides. */
  extra?(limits: SettingLimits): readonly Element[]
}

/** One setting of a node. */
export interface NodeSetting<V extends Value = Value> {
  readonly field: string
  readonly label: string
  readonly kind: SettingKind<V>
  /** Whether everybody who finds the node is shown the value (XEP-0060 §5.4). */
  readonly isMetaData?: boolean
}

/** Gives a setting its type. */
export function nodeSetting<V extends Value>(setting: NodeSetting<V>): NodeSetting<V> {
  return setting
}
