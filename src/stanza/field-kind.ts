// XEP-0004 §3.3: kinds of form fields: what values there are, and how a form says them.
import { type FieldOption, type FieldType, parseBoolean } from './form.ts'

/** What values a field has, and how a form says them. */
export interface FieldKind<V> {
  readonly type: FieldType
  /** The value where nobody chose another. */
  readonly standard: V
  readonly options?: readonly FieldOption[]
  /** Reads a field's values; `undefined` if they are not acceptable. */
  parse(values: readonly string[]): V | undefined
  format(value: V): readonly string[]
}

/** Yes or no. */
export function boolean(standard: boolean): FieldKind<boolean> {
  return {
    type: 'boolean',
    standard,
    parse: (values) => (values.length === 1 ? parseBoolean(values[0] as string) : undefined),
    format: (value) => [value ? '1' : '0'],
  }
}

/** A line of text of at most `max` characters; an empty field is the empty text. */
export function text(max: number): FieldKind<string> {
  return { ...line(max), type: 'text-single' }
}

/** The same, not shown while it is typed. */
export function secret(max: number): FieldKind<string> {
  return { ...line(max), type: 'text-private' }
}

function line(max: number): Omit<FieldKind<string>, 'type'> {
  return {
    standard: '',
    parse(values) {
      const value = values[0] ?? ''
      return values.length <= 1 && value.length <= max ? value : undefined
    },
    format: (value) => (value === '' ? [] : [value]),
  }
}

/** At most `max` texts of at most `length` characters. */
export function texts(max: number, length: number): FieldKind<readonly string[]> {
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
): FieldKind<Word> {
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
): FieldKind<Word> {
  return choice(
    standard,
    words.map((value) => ({ label: value, value })),
  )
}

/** Any of the words given as options, or none. */
export function choices<const Word extends string>(
  standard: readonly NoInfer<Word>[],
  options: readonly (FieldOption & { readonly value: Word })[],
): FieldKind<readonly Word[]> {
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

/** A whole number from 0 to `max` as a form says it; `undefined` for all else. */
export function parseCount(text: string, max: number): number | undefined {
  if (!/^\d{1,9}$/.test(text)) return undefined
  const value = Number(text)
  return value <= max ? value : undefined
}
