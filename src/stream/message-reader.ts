// RFC 7395 §3.3: streams whose every message is one whole element, told to who takes other streams too.
import type { Element } from '../xml/element.ts'
import {
  DocumentReader,
  type LikelyNamespaces,
  type XmlFault,
  type XmlHandler,
  type XmlLimits,
} from '../xml/xml.ts'

/** The namespace of `<open/>` and `<close/>` (RFC 7395 §3.3.2). */
export const framingNamespace = 'urn:ietf:params:xml:ns:xmpp-framing'

/** What `Input` needs of a reader. */
export interface ElementReader {
  set limits(limits: XmlLimits)
  push(bytes: Uint8Array): XmlFault | undefined
  hold(): void
  proceed(): XmlFault | undefined
  restart(): void
  discard(): void
}

const lt = 0x3c
const none: ReadonlyMap<string, string> = new Map()

/** Reads messages. Each is read at once, so that nothing is ever held or thrown away. */
export class MessageReader implements ElementReader {
  readonly #handler: XmlHandler
  readonly #documents: DocumentReader
  #fault: XmlFault | undefined

  constructor(handler: XmlHandler, limits: XmlLimits, likely: LikelyNamespaces) {
    this.#handler = handler
    this.#documents = new DocumentReader((root) => this.#take(root), limits, likely)
  }

  set limits(limits: XmlLimits) {
    this.#documents.limits = limits
  }

  push(message: Uint8Array): XmlFault | undefined {
    if (this.#fault) return this.#fault
    // RFC 7395 §3.3.3: no white space, no declaration before it.
    if (message[0] === lt) this.#fault = this.#documents.push(message)
    else this.#fault = { condition: 'bad-format', text: 'a message begins with its element', offset: 0 }
    return this.#fault
  }

  hold(): void {}

  proceed(): XmlFault | undefined {
    return this.#fault
  }

  restart(): void {}

  discard(): void {}

  #take(root: Element): void {
    if (root.namespace !== framingNamespace) this.#handler.onElement(root)
    else if (root.name === 'open') this.#handler.onOpen(root, none)
    else if (root.name === 'close') this.#handler.onClose()
    else this.#handler.onElement(root)
  }
}
