// Whole documents that come one by one, each with all its bytes: messages of a protocol that frames them itself.
import { Builder } from './builder.ts'
import type { Element } from './element.ts'
import type { XmlFault } from './fault.ts'
import type { LikelyNamespaces } from './likely-value.ts'
import { defaultLimits, type XmlLimits } from './limits.ts'
import { Source } from './source.ts'
import { Tokenizer } from './tokenizer.ts'

/** Reads documents; what one declares is unknown in the next. */
export class DocumentReader {
  readonly #source: Source
  readonly #tokenizer: Tokenizer

  /** Limits that are not given are those of `defaultLimits`; `likely` is as in `XmlReader`. */
  constructor(onDocument: (root: Element) => void, limits?: Partial<XmlLimits>, likely?: LikelyNamespaces) {
    this.#source = new Source(limits === undefined ? defaultLimits : { ...defaultLimits, ...limits }, likely)
    const handler = { onOpen() {}, onElement: onDocument, onClose() {} }
    this.#tokenizer = new Tokenizer(this.#source, new Builder(this.#source, handler, 0), 0)
  }

  /** The limits in force; new ones may be set at any time. */
  set limits(limits: XmlLimits) {
    this.#source.limits = limits
  }

  /**
   * Reads one document. Answers what is wrong with it, if anything: then, and ever after, with the same fault.
   * What the callback throws passes through. The bytes are the caller's again afterwards.
   */
  push(document: Uint8Array): XmlFault | undefined {
    this.#tokenizer.restart()
    const fault = this.#tokenizer.push(document)
    if (fault !== undefined || (this.#tokenizer.isAtEnd && !this.#tokenizer.hasUnread)) return fault
    this.#source.refuse('not-well-formed', 'a document that ends too early', this.#source.at)
    return this.#source.fault
  }
}
