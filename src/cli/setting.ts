// One value of the configuration given from outside the file: by a variable of the environment or a flag.
import { configSchema } from '../server/config.ts'
import { suggestion } from '../server/config-faults.ts'
import { badUsage, CommandError } from './command-error.ts'

/** A value and where it goes. */
export interface Setting {
  readonly path: readonly string[]
  readonly value: unknown
  /** What it was given with, for messages. */
  readonly origin: string
}

const prefix = 'BALCONY_'
// Not settings: where the file is, and what tests and tools use.
const otherVariables = /^BALCONY_(CONFIG|SCANSION_.*|TEST_.*|BENCH_.*)$/

/** The variables that are understood, with the path that each sets: `BALCONY_LISTEN_STARTTLS` → `listen.starttls`. */
export function variables(): ReadonlyMap<string, readonly string[]> {
  const pathByVariable = new Map<string, readonly string[]>()
  for (const path of leaves(configSchema, []))
    pathByVariable.set(prefix + path.map(upperSnake).join('_'), path)
  return pathByVariable
}

/**
 * The settings that the environment holds.
 * @throws CommandError for a variable that is nearly one of Balcony's
 */
export function fromEnvironment(environment: Readonly<Record<string, string | undefined>>): Setting[] {
  const pathByVariable = variables()
  const settings: Setting[] = []
  for (const [name, value] of Object.entries(environment)) {
    if (!name.startsWith(prefix) || otherVariables.test(name) || value === undefined) continue
    const path = pathByVariable.get(name)
    if (!path) {
      const nearest = suggestion(name, [...pathByVariable.keys()])
      throw new CommandError(`${name}: there is no such variable${nearest}`, { exitCode: badUsage })
    }
    settings.push({ path, value: coerce(path, value), origin: name })
  }
  return settings
}

/** `input` with one value changed. */
export function withSetting(input: object, { path, value }: Setting): object {
  const [key, ...rest] = path
  if (key === undefined) return input
  const inner = (input as Record<string, unknown>)[key]
  const outer = typeof inner === 'object' && inner !== null ? inner : {}
  return {
    ...input,
    [key]: rest.length === 0 ? value : withSetting(outer, { path: rest, value, origin: '' }),
  }
}

/** Text as the kind of value that stands at `path`. */
export function coerce(path: readonly string[], text: string): unknown {
  const kind = kindAt(path)
  if (kind === 'array')
    return text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '')
  if (text === 'true' || text === 'false') return text === 'true'
  if (kind !== 'string' && /^-?\d+(\.\d+)?$/.test(text)) return Number(text)
  return text
}

interface SchemaParts {
  readonly shape?: Readonly<Record<string, unknown>>
  readonly unwrap?: () => unknown
  readonly type?: string
}

function inside(schema: unknown): SchemaParts {
  let parts = schema as SchemaParts
  while (parts.type !== 'array' && typeof parts.unwrap === 'function') parts = parts.unwrap() as SchemaParts
  return parts
}

function kindAt(path: readonly string[]): string | undefined {
  let parts: SchemaParts | undefined = inside(configSchema)
  for (const key of path) {
    const next: unknown = parts?.shape?.[key]
    if (next === undefined) return undefined
    parts = inside(next)
  }
  return parts?.type
}

/** Paths of all single values and lists. */
function leaves(schema: unknown, path: readonly string[]): string[][] {
  const { shape, type } = inside(schema)
  if (shape) return Object.entries(shape).flatMap(([key, inner]) => leaves(inner, [...path, key]))
  return type === 'record' || path[0] === 'load' ? [] : [[...path]]
}

function upperSnake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()
}
