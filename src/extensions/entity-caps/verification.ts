// XEP-0115 §5: the verification string.
import { createHash } from 'node:crypto'
import { formNamespace } from '../../stanza/form.ts'
import type { Element } from '../../xml/element.ts'

// By their names in the registry that §6.1 speaks of; SHA-1 is the one everybody has.
const algorithmByHash: ReadonlyMap<string, string> = new Map([
  ['sha-1', 'sha1'],
  ['sha-256', 'sha256'],
  ['sha-512', 'sha512'],
])

/** Whether a `ver` made with that hash function can be verified here. */
export function isKnownHash(hash: string): boolean {
  return algorithmByHash.has(hash)
}

/**
 * The `ver` that belongs to a disco#info `query`, with the hash function `hash`, which is known.
 * `undefined` if the query is ill-formed (§5.4).
 */
export function verificationOf(query: Element, hash: string): string | undefined {
  const parts = partsOf(query)
  const algorithm = algorithmByHash.get(hash)
  if (!parts || !algorithm) return undefined
  return createHash(algorithm)
    .update(parts.map((part) => `${part}<`).join(''))
    .digest('base64')
}

/** The features of a disco#info `query`. */
export function featuresOf(query: Element): string[] {
  return query.elements('feature').map((feature) => feature.attribute('var') ?? '')
}

/** §5.1: what is hashed, in its order. */
function partsOf(query: Element): string[] | undefined {
  const identities = query.elements('identity').map(identityFields).sort(compareFields).map(joined)
  const features = sorted(featuresOf(query).map(literal))
  const forms = formsOf(query)
  // §5.4: what stands there twice makes the whole ill-formed.
  if (!forms || hasDouble(identities) || hasDouble(features)) return undefined
  return [...identities, ...features, ...forms]
}

function identityFields(identity: Element): string[] {
  const names = ['category', 'type', 'xml:lang', 'name']
  return names.map((name) => literal(identity.attribute(name) ?? ''))
}

function compareFields(one: readonly string[], other: readonly string[]): number {
  for (const [index, field] of one.entries()) {
    const order = compareOctets(field, other[index] ?? '')
    if (order !== 0) return order
  }
  return 0
}

function joined(fields: readonly string[]): string {
  return fields.join('/')
}

function formsOf(query: Element): string[] | undefined {
  const partsByType = new Map<string, string[]>()
  for (const form of query.elements('x', formNamespace)) {
    const fields = form.elements('field')
    const typeField = fields.find((field) => field.attribute('var') === 'FORM_TYPE')
    // §5.4: a form that does not say what it is, is passed over.
    if (typeField?.attribute('type') !== 'hidden') continue
    const types = new Set(valuesOf(typeField))
    const [type] = types
    if (type === undefined || types.size > 1 || partsByType.has(type)) return undefined
    partsByType.set(type, [type, ...fieldParts(fields.filter((field) => field !== typeField))])
  }
  return sorted([...partsByType.keys()]).flatMap((type) => partsByType.get(type) ?? [])
}

function fieldParts(fields: readonly Element[]): string[] {
  const parts = fields.map((field) => [literal(field.attribute('var') ?? ''), ...sorted(valuesOf(field))])
  return parts.sort(compareFields).flat()
}

function valuesOf(field: Element): string[] {
  return field.elements('value').map((value) => literal(value.text))
}

// §5.1: a `<` in what is hashed stays escaped, or it could not be told from those that separate the parts.
function literal(text: string): string {
  return text.includes('<') ? text.replaceAll('<', '&lt;') : text
}

function hasDouble(list: readonly string[]): boolean {
  return new Set(list).size < list.length
}

function sorted(list: string[]): string[] {
  return list.sort(compareOctets)
}

// RFC 4790 §9.3: i;octet. UTF-16 has another order only where there are surrogates.
function compareOctets(one: string, other: string): number {
  if (one === other) return 0
  if (!/[\ud800-\udfff]/.test(one + other)) return one < other ? -1 : 1
  return Buffer.compare(Buffer.from(one), Buffer.from(other))
}
