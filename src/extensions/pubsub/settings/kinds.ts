// Kinds of settings: what values there are and how forms say them (XEP-0004 §3.3).
import { type FieldOption, parseBoolean } from '../../../stanza/form.ts'
import { element } from '../../../xml/element.ts'
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
  return {
    type: 'text-single',
    standard: '',
    parse(values) {
      const value = values[0] ?? ''
      return values.length <= 1 && value.length <= max ? value : undefined
    },
    format: (value) => (value === '' ? [] : [value]),
  }
}

/** At most `max` texts of at most `length` characters. */
export function texts(max: number, length: number): SettingKind<readonly string[]> {
  return {
    type: 'list-multi',
    standard: [],
    parse: (values) =>
      values.length <= max && values.every((value) => value.length <= length) ? [...values] : undefined,
    format: (value) => value,
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

/** A choice in which every word is its own label. */
export function word<const Word extends string>(
  standard: NoInfer<Word>,
  words: readonly Word[],
): SettingKind<Word> {
  return choice(
    standard,
    words.map((value) => ({ label: value, value })),
  )
}

/** A whole number; empty or 0 is no limit of the node's own. */
export function count(): SettingKind<number> {
  return {
    type: 'text-single',
    standard: 0,
    parse(values) {
      const value = values[0] ?? ''
      if (values.length > 1 || !/^\d{0,9}$/.test(value)) return undefined
      return Number(value)
    },
    format: (value) => (value === 0 ? [] : [String(value)]),
  }
}

/** How many items a node has: from 1 to what the service allows, or `max` for just that (XEP-0060 §16.5.4). */
export function itemCount(standard: number): SettingKind<number | 'max'> {
  return {
    type: 'text-single',
    standard,
    parse([value = '', ...more], { maxItems }) {
      if (more.length > 0) return undefined
      if (value === 'max') return 'max'
      return /^\d{1,9}$/.test(value) && Number(value) >= 1 && Number(value) <= maxItems
        ? Number(value)
        : undefined
    },
    format: (value) => [String(value)],
    extra: ({ maxItems }) => [validation(maxItems)],
  }
}

const validationNamespace = 'http://jabber.org/protocol/xdata-validate'

function validation(maxItems: number) {
  const range = element('range', validationNamespace, { min: '1', max: String(maxItems) })
  return element('validate', validationNamespace, { datatype: 'pubsub:integer-or-max' }, range)
}
