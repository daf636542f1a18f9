// Tokens to elements: looks up namespaces and hands over each top-level element when it is whole.
import { Element, type Node } from './element.ts'
import type { StartTag, Tokens } from './tag.ts'

export const xmlNamespace = 'http://www.w3.org/XML/1998/namespace'
const xmlnsNamespace = 'http://www.w3.org/2000/xmlns/'

/** What is told of a stream, in order. Any of it may call the reader's `hold`, `restart` and `discard`. */
export interface XmlHandler {
  /**
   * The stream header, an element without children. `namespaces` are those declared on it by prefix;
   * the default namespace, if there is one, has the prefix `''`.
   */
  onOpen(root: Element, namespaces: ReadonlyMap<string, string>): void
  /** A top-level element, a child of the root, is whole. */
  onElement(element: Element): void
  /** The root has ended: `</stream:stream>`. */
  onClose(): void
}

/** A prefix that was declared, and what it stood for outside. */
interface Binding {
  readonly prefix: string
  readonly namespace: string
  readonly depth: number
  readonly outer: Binding | undefined
}

/** An element whose end has not come. */
interface Frame {
  readonly name: string
  readonly namespace: string
  readonly attributes: readonly string[]
  /** Where its children begin in the list of nodes. */
  readonly firstChild: number
  /** The default namespace around it. */
  readonly outerDefault: string
  readonly bindings: readonly Binding[] | undefined
}

const none: readonly never[] = Object.freeze([])

const undeclared = 'a prefix that is not declared'
const reserved = 'a declaration of xml or xmlns'
const duplicate = 'an attribute that is there twice'

/** Builds elements. Namespaces in XML 1.0. */
export class Builder implements Tokens {
  readonly #handler: XmlHandler
  /** How many open elements make what comes next a top-level element: 1 in a stream, 0 in a document. */
  readonly #topDepth: number
  readonly #around: ReadonlyMap<string, string>
  readonly #frames: Frame[] = []
  /** Children so far of all open elements, one after the other. */
  readonly #nodes: Node[] = []
  #bindings: Map<string, Binding> | undefined
  #defaultNamespace = ''

  /** `around` are namespaces in force around the root, by prefix. */
  constructor(handler: XmlHandler, topDepth: number, around: ReadonlyMap<string, string> = new Map()) {
    this.#handler = handler
    this.#topDepth = topDepth
    this.#around = around
    this.reset()
  }

  /** Forgets all that is open. */
  reset(): void {
    this.#frames.length = 0
    this.#nodes.length = 0
    this.#bindings = undefined
    this.#defaultNamespace = ''
    for (const [prefix, namespace] of this.#around) {
      if (prefix === '') this.#defaultNamespace = namespace
      else this.#bind(prefix, namespace, -1)
    }
  }

  start(tag: StartTag): string | undefined {
    const outerDefault = this.#defaultNamespace
    const bindings: Binding[] | undefined = tag.declared && []
    const reason = this.#declare(tag, bindings)
    if (reason !== undefined) return reason
    const namespace = tag.prefix === '' ? this.#defaultNamespace : this.#expand(tag.prefix, tag)
    if (namespace === undefined) return undeclared
    const attributes = tag.prefixed === undefined ? tag.attributes : this.#attributes(tag)
    if (attributes === undefined) return undeclared
    if (attributes.length > 2 && hasDuplicate(attributes)) return duplicate
    if (tag.isEmpty) {
      this.#undo(outerDefault, bindings)
      this.#add(new Element(tag.localName, namespace, attributes, none))
      return undefined
    }
    const firstChild = this.#nodes.length
    this.#frames.push({ name: tag.localName, namespace, attributes, firstChild, outerDefault, bindings })
    if (this.#frames.length <= this.#topDepth)
      this.#handler.onOpen(new Element(tag.localName, namespace, attributes, none), this.#namespaces())
    return undefined
  }

  text(text: string): void {
    const nodes = this.#nodes
    const last = nodes.length - 1
    const before = nodes[last]
    const { firstChild } = this.#frames[this.#frames.length - 1] as Frame
    if (last >= firstChild && typeof before === 'string') nodes[last] = before + text
    else nodes.push(text)
  }

  end(): void {
    const frame = this.#frames.pop() as Frame
    this.#undo(frame.outerDefault, frame.bindings)
    if (this.#frames.length < this.#topDepth) this.#handler.onClose()
    else this.#add(new Element(frame.name, frame.namespace, frame.attributes, this.#take(frame.firstChild)))
  }

  /** Takes the nodes from `first` on off the list. */
  #take(first: number): readonly Node[] {
    const nodes = this.#nodes
    const count = nodes.length - first
    if (count === 0) return none
    if (count === 1) return [nodes.pop() as Node]
    const children = nodes.slice(first)
    nodes.length = first
    return children
  }

  #add(element: Element): void {
    if (this.#frames.length === this.#topDepth) this.#handler.onElement(element)
    else this.#nodes.push(element)
  }

  // Namespaces in XML 1.0 §3, §5.
  #declare(tag: StartTag, bindings: Binding[] | undefined): string | undefined {
    if (tag.defaultNamespace !== undefined) {
      if (isReserved(tag.defaultNamespace)) return reserved
      this.#defaultNamespace = tag.defaultNamespace
    }
    if (bindings === undefined) return undefined
    const depth = this.#frames.length
    const declared = tag.declared as string[]
    for (let index = 0; index < declared.length; index += 2) {
      const prefix = declared[index] as string
      const namespace = declared[index + 1] as string
      if (prefix === 'xml' && namespace === xmlNamespace) continue
      if (prefix === 'xml' || prefix === 'xmlns' || isReserved(namespace)) return reserved
      if (namespace === '') return 'a prefix declared as nothing'
      if (this.#bindings?.get(prefix)?.depth === depth) return duplicate
      bindings.push(this.#bind(prefix, namespace, depth))
    }
    return undefined
  }

  #bind(prefix: string, namespace: string, depth: number): Binding {
    this.#bindings ??= new Map()
    const binding = { prefix, namespace, depth, outer: this.#bindings.get(prefix) }
    this.#bindings.set(prefix, binding)
    return binding
  }

  #undo(outerDefault: string, bindings: readonly Binding[] | undefined): void {
    this.#defaultNamespace = outerDefault
    if (bindings === undefined) return
    for (const { prefix, outer } of bindings) {
      if (outer === undefined) this.#bindings?.delete(prefix)
      else this.#bindings?.set(prefix, outer)
    }
  }

  /** The namespace of a prefix, which the tag is charged for. */
  #expand(prefix: string, tag: StartTag): string | undefined {
    const namespace = prefix === 'xml' ? xmlNamespace : this.#bindings?.get(prefix)?.namespace
    if (namespace !== undefined) tag.expansion += namespace.length
    return namespace
  }

  #attributes(tag: StartTag): readonly string[] | undefined {
    const prefixed = tag.prefixed as string[]
    const attributes = tag.attributes.slice()
    for (let index = 0; index < prefixed.length; index += 3) {
      const namespace = this.#expand(prefixed[index] as string, tag)
      if (namespace === undefined) return undefined
      attributes.push(`{${namespace}}${prefixed[index + 1]}`, prefixed[index + 2] as string)
    }
    return attributes
  }

  #namespaces(): ReadonlyMap<string, string> {
    const namespaces = new Map<string, string>()
    if (this.#defaultNamespace !== '') namespaces.set('', this.#defaultNamespace)
    for (const [prefix, { namespace }] of this.#bindings ?? none) namespaces.set(prefix, namespace)
    return namespaces
  }
}

function isReserved(namespace: string): boolean {
  return namespace === xmlNamespace || namespace === xmlnsNamespace
}

function hasDuplicate(attributes: readonly string[]): boolean {
  if (attributes.length > 16)
    return new Set(attributes.filter((_, index) => index % 2 === 0)).size * 2 < attributes.length
  for (let index = 2; index < attributes.length; index += 2) {
    for (let other = 0; other < index; other += 2) if (attributes[index] === attributes[other]) return true
  }
  return false
}
