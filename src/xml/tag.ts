// A start tag as it was written: names with prefixes, namespaces not looked up yet.

/** A start tag. */
export interface StartTag {
  /** `''` for none. */
  readonly prefix: string
  readonly localName: string
  /** Attributes without prefix: name, value, name, value… */
  readonly attributes: readonly string[]
  /** Attributes with a prefix: prefix, local name, value… */
  readonly prefixed: readonly string[] | undefined
  /** Namespace declarations: prefix (`''` for the default), namespace… */
  readonly declared: readonly string[] | undefined
  /** Whether it is `<name/>`. */
  readonly isEmpty: boolean
}

/** Where tokens go. */
export interface Tokens {
  /** An element begins, and with `isEmpty` ends. Answers what is wrong with its namespaces, if anything is. */
  start(tag: StartTag): string | undefined
  /** Characters; several calls may follow each other. */
  text(text: string): void
  /** The element that began last ends. */
  end(): void
}
