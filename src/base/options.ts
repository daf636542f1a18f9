// Options of extensions and of the server: a type, a default and a sentence each, as data.
import { z } from 'zod'

/** One option: a zod schema with a default and a description. */
export type Option = z.ZodType
/** Options by name. */
export type OptionShape = Readonly<Record<string, Option>>
/** What options of a shape come to when read. */
export type OptionValues<Shape extends OptionShape> = {
  readonly [Name in keyof Shape]: z.output<Shape[Name]>
}

/** Yes or no. */
export function flag(standard: boolean, doc: string) {
  return z.boolean().default(standard).describe(doc)
}

/** A whole number from `min` to `max`. */
export function integer(standard: number, doc: string, { min = 0, max = Number.MAX_SAFE_INTEGER } = {}) {
  return z.number().int().min(min).max(max).default(standard).describe(doc)
}

/** Any number from `min`. */
export function decimal(standard: number, doc: string, { min = 0 } = {}) {
  return z.number().min(min).default(standard).describe(doc)
}

/** Text. */
export function text(standard: string, doc: string) {
  return z.string().default(standard).describe(doc)
}

/** Text that may be left out. */
export function optionalText(doc: string) {
  return z.string().optional().describe(doc)
}

/** One of the words given; the first is not special. */
export function oneOf<const Words extends readonly [string, ...string[]]>(
  words: Words,
  standard: Words[number],
  doc: string,
) {
  return z
    .enum(words)
    .default(standard as never)
    .describe(doc)
}

/** A list of texts. */
export function texts(standard: readonly string[], doc: string) {
  return z
    .array(z.string())
    .default([...standard])
    .describe(doc)
}

/** A list of addresses that say what they are, such as “mailto:…” (RFC 3986 §3: URIs with a scheme). */
export function uris(doc: string) {
  const uri = z
    .string()
    .regex(/^[a-z][a-z\d+.-]*:[^\s<>"{}|\\^`]+$/i, 'an address such as “mailto:help@example.org”')
  return z.array(uri).default([]).describe(doc)
}
