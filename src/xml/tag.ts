// What the tokenizer says, and to whom.

/** A start tag with prefixes in it, as it was written. Tags without are told without making one of these. */
export interface PrefixedTag {
  /** The name as it was written, byte for byte. */
  readonly writtenName: string
  /** `''` for none. */
  readonly prefix: string
  readonly localName: string
  /** Attributes without prefix, and those with the prefix `xml`: name, value, name, value… */
  readonly attributes: readonly string[]
  /** Attributes with another prefix: prefix, local name, value… */
  readonly prefixed: readonly string[]
  /** The value of `xmlns`. */
  readonly defaultNamespace: string | undefined
  /** The values of `xmlns:prefix`: prefix, namespace, prefix, namespace… */
  readonly declared: readonly string[]
  /** Whether it is `<name/>`. */
  readonly isEmpty: boolean
}

/** What a tag holds that has to do with prefixes. */
export interface Prefixed {
  readonly prefix: string
  /** Prefix, local name, value… */
  readonly attributes: string[]
  /** Prefix, namespace… */
  readonly declared: string[]
}

/** Nothing yet of a tag whose own name has this prefix. */
export function newPrefixed(prefix: string): Prefixed {
  return { prefix, attributes: [], declared: [] }
}

/** Where tokens go. What answers a boolean answers false if the token was refused. */
export interface Tokens {
  /** How many elements are open. */
  readonly depth: number
  /** The name of the innermost open element as it was written, byte for byte; `''` if there is none. */
  readonly openName: string
  /** Whether what comes next is inside a top-level element. */
  readonly isInside: boolean
  /** An element without prefixes begins, holds this text and ends; only where `isInside`. */
  textElement(
    name: string,
    attributes: readonly string[],
    defaultNamespace: string | undefined,
    text: string,
  ): boolean
  /** An element without prefixes begins, and with `isEmpty` ends. */
  start(
    name: string,
    attributes: readonly string[],
    defaultNamespace: string | undefined,
    isEmpty: boolean,
  ): boolean
  /** An element with prefixes begins, and with `isEmpty` ends. */
  startPrefixed(tag: PrefixedTag): boolean
  /** Characters, at least one; several calls may follow each other. */
  text(text: string): void
  /** The innermost open element ends. */
  end(): void
}

/** Why a tag is refused where `hasRepeatedName`. */
export const repeatedAttribute = 'an attribute that is there twice'

/** Whether two attributes of a list (name, value, name, value…) have the same name. */
export function hasRepeatedName(attributes: readonly string[]): boolean {
  if (attributes.length > 32) {
    const names = new Set<string>()
    for (let index = 0; index < attributes.length; index += 2) names.add(attributes[index] as string)
    return names.size * 2 < attributes.length
  }
  for (let index = 2; index < attributes.length; index += 2) {
    for (let other = 0; other < index; other += 2) if (attributes[index] === attributes[other]) return true
  }
  return false
}
