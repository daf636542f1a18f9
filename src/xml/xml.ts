// The XML that XMPP allows (RFC 6120 §11), from bytes to elements.
import { Builder, type XmlHandler } from './builder.ts'
import type { Element } from './element.ts'
import type { XmlFault } from './fault.ts'
import type { LikelyNamespaces } from './likely-value.ts'
import { defaultLimits, type XmlLimits } from './limits.ts'
import { Source } from './source.ts'
import { Tokenizer } from './tokenizer.ts'

export type { XmlHandler } from './builder.ts'
export { DocumentReader } from './document-reader.ts'
export type { XmlFault, XmlFaultCondition } from './fault.ts'
export { LikelyNamespaces } from './likely-value.ts'
export { beforeLoginLimits, defaultLimits, type XmlLimits } from './limits.ts'

/** Reads a stream: a root element that stays open, with elements in it that are handed over one by one. */
export class XmlReader {
  readonly #source: Source
  readonly #tokenizer: Tokenizer

  /** Limits that are not given are those of `defaultLimits`; `likely` makes reading faster where many streams share it. */
  constructor(handler: XmlHandler, limits?: Partial<XmlLimits>, likely?: LikelyNamespaces) {
    this.#source = new Source(limits === undefined ? defaultLimits : { ...defaultLimits, ...limits }, likely)
    this.#tokenizer = new Tokenizer(this.#source, new Builder(this.#source, handler, 1), 1)
  }

  /** The limits in force; new ones may be set at any time. That of bytes holds from the next top-level element on. */
  get limits(): XmlLimits {
    return this.#source.limits
  }

  set limits(limits: XmlLimits) {
    this.#source.limits = limits
  }

  /**
   * Reads on. Answers what is wrong with the XML, if anything: then, and ever after, with the same fault.
   * What a callback throws passes through. The bytes are the caller's again afterwards.
   */
  push(bytes: Uint8Array): XmlFault | undefined {
    return this.#tokenizer.push(bytes)
  }

  /** Nothing more is handed over until `proceed`; what is unread, and what is pushed meanwhile, is kept. */
  hold(): void {
    this.#tokenizer.hold()
  }

  /** Ends `hold` and reads on; answers as `push` does. */
  proceed(): XmlFault | undefined {
    return this.#tokenizer.proceed()
  }

  /** RFC 6120 §4.3.3: what comes next, beginning with what is unread, is a new stream. */
  restart(): void {
    this.#tokenizer.restart()
  }

  /** RFC 6120 §5.4.3.3: throws away what is unread, so that nothing sent before TLS counts as sent under it. */
  discard(): void {
    this.#tokenizer.discard()
  }
}

/** How a document is read. */
export interface DocumentOptions {
  /** Limits that are not given are those of `defaultLimits`. */
  readonly limits?: Partial<XmlLimits>
  /** Namespaces in force around the root by prefix; `''` is the default. */
  readonly namespaces?: Readonly<Record<string, string>>
}

/** Reads one whole document and answers its root, or what is wrong with it. `source` is text or UTF-8. */
export function parseDocument(
  source: string | Uint8Array,
  options: DocumentOptions = {},
): Element | XmlFault {
  let root: Element | undefined
  const handler: XmlHandler = {
    onOpen() {},
    onElement(element) {
      root = element
    },
    onClose() {},
  }
  const around = options.namespaces && new Map(Object.entries(options.namespaces))
  const unread = new Source(options.limits ? { ...defaultLimits, ...options.limits } : defaultLimits)
  const tokenizer = new Tokenizer(unread, new Builder(unread, handler, 0, around), 0)
  const bytes = typeof source === 'string' ? Buffer.from(source) : source
  const fault = tokenizer.push(bytes)
  if (fault !== undefined) return fault
  if (root !== undefined && tokenizer.isAtEnd) return root
  return { condition: 'not-well-formed', text: 'a document that ends too early', offset: bytes.length }
}
