// A start tag as it was written: names with prefixes, namespaces not looked up yet.

const none: readonly never[] = Object.freeze([])

/** A start tag. One object serves for all tags of a reader; its lists are each tag's own. */
export class StartTag {
  /** `''` for none. */
  prefix = ''
  localName = ''
  /** Attributes without prefix, and those with the prefix `xml`: name, value, name, value… */
  attributes: readonly string[] = none
  /** The value of `xmlns`. */
  defaultNamespace: string | undefined
  /** The values of `xmlns:prefix`: prefix, namespace, prefix, namespace… */
  declared: string[] | undefined
  /** Other attributes with a prefix: prefix, local name, value… */
  prefixed: string[] | undefined
  /** Whether it is `<name/>`. */
  isEmpty = false
  /** To be set by who takes the tag: how many bytes longer its names are with namespaces in place of prefixes. */
  expansion = 0

  /** Lets go of everything. */
  clear(): void {
    this.prefix = ''
    this.localName = ''
    this.attributes = none
    this.defaultNamespace = undefined
    this.declared = undefined
    this.prefixed = undefined
    this.expansion = 0
  }
}

/** Where tokens go. */
export interface Tokens {
  /** An element begins, and with `isEmpty` ends. Answers what is wrong with its namespaces, if anything is. */
  start(tag: StartTag): string | undefined
  /** Characters, at least one; several calls may follow each other. */
  text(text: string): void
  /** The element that began last ends. */
  end(): void
}
