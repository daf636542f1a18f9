// Kinds of settings: what values there are and how forms say them (XEP-0004 §3.3).
import { type FieldOption, parseBoolean } from '../../../stanza/form.ts'
import type { SettingKind } from './setting.ts'

/** Yes or no. */
export function boolean(standard: boolean): SettingKind<boolean> {
  return {
    type: 'boolean',
    standard,
    parse: (values) => (values.length === 1 ? parseBoolean(values[0] as string) : undefined),
    format: (value) => [value ? '1' : '0'],
  }
}

/** A line of text of at most `max` characters; an empty field is the empty text. */
export function text(max: number): SettingKind<string> {
  return { ...line(max), type: 'text-single' }
}

/** The same, not shown while it is typed. */
export function secret(max: number): SettingKind<string> {
  return { ...line(max), type: 'text-private' }
}

function line(max: number): Omit<SettingKind<string>, 'type'> {
  return {
    standard: '',
    parse(values) {
      const value = values[0] ?? ''
      return values.length <= 1 && value.length <= max ? value : undefined
    },
    format: (value) => (value === '' ? [] : [value]),
  }
}

/** One of the words given as options. */
export function choice<const Word extends string>(
  standard: NoInfer<Word>,
  options: readonly (FieldOption & { readonly value: Word })[],
): SettingKind<Word> {
  return {
    type: 'list-single',
    standard,
    options,
    parse: ([first, ...more]) =>
      more.length === 0 ? options.find(({ value }) => value === first)?.value : undefined,
    format: (value) => [value],
  }
}

/** Any of the words given as options, or none. */
export function choices<const Word extends string>(
  standard: readonly NoInfer<Word>[],
  options: readonly (FieldOption & { readonly value: Word })[],
): SettingKind<readonly Word[]> {
  return {
    type: 'list-multi',
    standard,
    options,
    parse(values) {
      const known = options.map(({ value }) => value).filter((value) => values.includes(value))
      const areAllKnown = values.every((value) => options.some((option) => option.value === value))
      return areAllKnown ? known : undefined
    },
    format: (value) => value,
  }
}

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

function parseCount(text: string, max: number): number | undefined {
  if (!/^\d{1,9}$/.test(text)) return undefined
  const value = Number(text)
  return value <= max ? value : undefined
}
