// What is wrong with a configuration, said so that it can be put right: path, expectation, nearest name.
import type { z } from 'zod'

/** One fault. */
export interface ConfigFault {
  /** Where: `listen.starttls`; `''` for the whole. */
  readonly path: string
  /** What was expected, and what was found. */
  readonly message: string
}

/** Thrown for a configuration that cannot be used, with all that is wrong with it. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly faults: readonly ConfigFault[]

  constructor(faults: readonly ConfigFault[]) {
    super(faults.map(faultLine).join('\n'))
    this.faults = faults
  }
}

/** A fault as one line. */
export function faultLine(fault: ConfigFault): string {
  return fault.path === '' ? fault.message : `${fault.path}: ${fault.message}`
}

/**
 * The faults that zod found in `input` when it was held against `schema`.
 * @param prefix what stands before each path, such as `extensions.muc`
 */
export function faultsOf(
  error: z.ZodError,
  schema: z.ZodType,
  input: unknown,
  prefix: readonly PropertyKey[] = [],
): ConfigFault[] {
  return error.issues.flatMap((issue) => issueFaults(issue, schema, input, prefix))
}

function issueFaults(
  issue: z.core.$ZodIssue,
  schema: z.ZodType,
  input: unknown,
  prefix: readonly PropertyKey[],
): ConfigFault[] {
  const path = pathText([...prefix, ...issue.path])
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(schema, issue.path)
    return issue.keys.map((key) => ({
      path: pathText([...prefix, ...issue.path, key]),
      message: `there is no such option${suggestion(key, known)}`,
    }))
  }
  if (issue.code === 'invalid_key') {
    const expected = issue.issues.map((inner) => inner.message).join(', ')
    return [{ path, message: `expected ${expected}, not ${shown(issue.path.at(-1))}` }]
  }
  const found = shown(valueAt(input, issue.path))
  if (issue.code === 'invalid_value') {
    const words = issue.values.map((value) => JSON.stringify(value))
    const given = valueAt(input, issue.path)
    const nearest = typeof given === 'string' ? suggestion(given, issue.values.map(String)) : ''
    return [{ path, message: `expected ${listed(words)}, not ${found}${nearest}` }]
  }
  return [{ path, message: `expected ${expectation(issue)}, not ${found}` }]
}

function expectation(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return wordOfType[issue.expected] ?? issue.expected
    case 'too_small':
      return `${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}${unitOf(issue.origin)}`
    case 'too_big':
      return `${issue.inclusive ? 'at most' : 'less than'} ${issue.maximum}${unitOf(issue.origin)}`
    case 'invalid_union':
      return unionExpectation(issue)
    default:
      return issue.message
  }
}

function unionExpectation(issue: z.core.$ZodIssueInvalidUnion): string {
  const parts = issue.errors.flatMap((issues) => issues.filter((part) => part.path.length === 0))
  return parts.length === 0 ? issue.message : listed([...new Set(parts.map(alternative))])
}

function alternative(issue: z.core.$ZodIssue): string {
  if (issue.code !== 'invalid_value') return expectation(issue)
  return listed(issue.values.map((value) => JSON.stringify(value)))
}

const wordOfType: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a number',
  string: 'text',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
}

function unitOf(origin: string): string {
  if (origin === 'string') return ' characters'
  return origin === 'array' ? ' entries' : ''
}

function listed(words: readonly string[]): string {
  if (words.length < 2) return words.join('')
  return `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`
}

function shown(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (typeof value === 'function') return 'a function'
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}

/** `a.b[0].c`; keys that are no words in brackets and quotes. */
export function pathText(path: readonly PropertyKey[]): string {
  let text = ''
  for (const key of path) {
    if (typeof key === 'number') text += `[${key}]`
    else if (/^[A-Za-z_][\w-]*$/.test(String(key))) text += text === '' ? String(key) : `.${String(key)}`
    else text += `[${JSON.stringify(String(key))}]`
  }
  return text
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input
  for (const key of path) value = (value as Record<PropertyKey, unknown> | undefined)?.[key]
  return value
}

/** The names that an object schema somewhere below `schema` knows. */
function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let at: unknown = schema
  for (const key of path) at = childOf(unwrapped(at), key)
  const shape = (unwrapped(at) as { shape?: object } | undefined)?.shape
  return shape ? Object.keys(shape) : []
}

interface SchemaParts {
  readonly shape?: Readonly<Record<PropertyKey, unknown>>
  readonly valueType?: unknown
  readonly element?: unknown
}

function childOf(schema: unknown, key: PropertyKey): unknown {
  const parts = schema as SchemaParts | undefined
  return parts?.shape?.[key] ?? parts?.valueType ?? parts?.element
}

/** What is inside `default`, `optional` and the like. */
function unwrapped(schema: unknown): unknown {
  let at = schema as { unwrap?: () => unknown; element?: unknown } | undefined
  while (at && typeof at.unwrap === 'function' && at.element === undefined) at = at.unwrap() as typeof at
  return at
}

/** `. Did you mean …?` where one of `known` is near `name`, else nothing. */
export function suggestion(name: string, known: readonly string[]): string {
  let nearest: string | undefined
  let least = Math.max(2, Math.floor(name.length / 3)) + 1
  for (const candidate of known) {
    const apart = distance(name.toLowerCase(), candidate.toLowerCase())
    if (apart < least) {
      least = apart
      nearest = candidate
    }
  }
  return nearest === undefined ? '' : `. Did you mean ${nearest}?`
}

/** How many letters must be put in, left out, changed or swapped with the next to get from `a` to `b`. */
function distance(a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row]
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1] ? 0 : 1
      let least = Math.min(
        (last[column] as number) + 1,
        (current[column - 1] as number) + 1,
        (last[column - 1] as number) + same,
      )
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        least = Math.min(least, (beforeLast[column - 2] as number) + 1)
      }
      current.push(least)
    }
    beforeLast = last
    last = current
  }
  return last[b.length] as number
}
