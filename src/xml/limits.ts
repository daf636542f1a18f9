// How much XML a peer may make us hold.

/** Limits of the reader; going past any of them is a `policy-violation` (RFC 6120 §4.9.3.14). */
export interface XmlLimits {
  /**
   * Bytes of one top-level element, and of a stream header, from `<` to `>`.
   * The namespace behind a prefix counts each time the prefix is used, for that is what it costs to hold and to send on.
   */
  readonly elementBytes: number
  /** Elements inside each other, the top-level one being 1. */
  readonly depth: number
  /** Elements within one top-level element, itself included. */
  readonly elements: number
  /** Attributes of one element, namespace declarations included. */
  readonly attributes: number
  /** Bytes of one name, its prefix included. */
  readonly nameLength: number
  /** Bytes of one attribute's value as it was written. */
  readonly valueLength: number
}

/** For peers that have logged in. RFC 6120 §13.12 asks for at least 10 000 bytes. */
export const defaultLimits: XmlLimits = Object.freeze({
  elementBytes: 256 * 1024,
  depth: 128,
  elements: 8192,
  attributes: 256,
  nameLength: 1024,
  valueLength: 64 * 1024,
})

/** For peers that have not: enough for every SASL mechanism and a fat stream header. */
export const beforeLoginLimits: XmlLimits = Object.freeze({
  elementBytes: 10 * 1024,
  depth: 16,
  elements: 64,
  attributes: 32,
  nameLength: 256,
  valueLength: 4096,
})
