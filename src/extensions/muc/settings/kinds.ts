// Kinds of settings that only rooms have: numbers.
import { parseCount } from '../../../stanza/field-kind.ts'
import type { SettingKind } from './setting.ts'

/** A whole number from 0 to `max`, as text. */
export function count(standard: number, max: number): SettingKind<number> {
  return {
    type: 'text-single',
    standard,
    parse: (values) => (values.length === 1 ? parseCount(values[0] as string, max) : undefined),
    format: (value) => [String(value)],
  }
}

/** The same as a list to choose from, in which 0 is called `none`; numbers that are not listed are taken too. */
export function countOrNone(offered: readonly number[], max: number): SettingKind<number> {
  return {
    type: 'list-single',
    standard: 0,
    options: [
      ...offered.map(String).map((value) => ({ label: value, value })),
      { label: 'No limit', value: 'none' },
    ],
    parse(values) {
      if (values.length !== 1) return undefined
      return values[0] === 'none' ? 0 : parseCount(values[0] as string, max)
    },
    format: (value) => [value === 0 ? 'none' : String(value)],
  }
}
