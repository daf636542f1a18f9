// The XML that XMPP allows (RFC 6120 §11), from bytes to elements.
import { Builder, type XmlHandler } from './builder.ts'
import type { Element } from './element.ts'
import type { XmlFault } from './fault.ts'
import { defaultLimits, type XmlLimits } from './limits.ts'
import { Tokenizer } from './tokenizer.ts'

export type { XmlHandler } from './builder.ts'
export type { XmlFault, XmlFaultCondition } from './fault.ts'
export { beforeLoginLimits, defaultLimits, type XmlLimits } from './limits.ts'

/** Reads a stream: a root element that stays open, with elements in it that are handed over one by one. */
export class XmlReader {
  readonly #builder: Builder
  readonly #tokenizer: Tokenizer

  /** Limits that are not given are those of `defaultLimits`. */
  constructor(handler: XmlHandler, limits?: Partial<XmlLimits>) {
    this.#builder = new Builder(handler, 1)
    this.#tokenizer = new Tokenizer(this.#builder, { ...defaultLimits, ...limits }, 1)
  }

  /** The limits in force. New ones hold from the next top-level element on. */
  get limits(): XmlLimits {
    return this.#tokenizer.limits
  }

  set limits(limits: XmlLimits) {
    this.#tokenizer.limits = limits
  }

  /**
   * Reads on. Answers what is wrong with the XML, if anything: then, and ever after, with the same fault.
   * What a callback throws passes through. The bytes are the caller's again afterwards.
   */
  push(bytes: Uint8Array): XmlFault | undefined {
    const fault = this.#tokenizer.push(bytes)
    if (fault !== undefined) this.#builder.reset()
    return fault
  }

  /** Nothing more is handed over until `proceed`; what is unread, and what is pushed meanwhile, is kept. */
  hold(): void {
    this.#tokenizer.hold()
  }

  /** Ends `hold` and reads on; answers as `push` does. */
  proceed(): XmlFault | undefined {
    const fault = this.#tokenizer.proceed()
    if (fault !== undefined) this.#builder.reset()
    return fault
  }

  /** RFC 6120 §4.3.3: what comes next, beginning with what is unread, is a new stream. */
  restart(): void {
    this.#builder.reset()
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
  const builder = new Builder(handler, 0, options.namespaces && new Map(Object.entries(options.namespaces)))
  const tokenizer = new Tokenizer(builder, { ...defaultLimits, ...options.limits }, 0)
  const bytes = typeof source === 'string' ? Buffer.from(source) : source
  const fault = tokenizer.push(bytes)
  if (fault !== undefined) return fault
  if (root !== undefined && tokenizer.isAtEnd) return root
  return { condition: 'not-well-formed', text: 'a document that ends too early', offset: bytes.length }
}
