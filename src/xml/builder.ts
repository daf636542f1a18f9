// Tokens to elements: looks up namespaces and hands over each top-level element when it is whole.
import { Element, type Node } from './element.ts'
import type { Source } from './source.ts'
import { hasRepeatedName, type PrefixedTag, repeatedAttribute, type Tokens } from './tag.ts'

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
  /** Its name as it was written. */
  readonly writtenName: string
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

const reservedDeclaration = 'a declaration of xml or xmlns'

/** Builds elements, with the limits on their depth and number. Namespaces in XML 1.0. */
export class Builder implements Tokens {
  /** Whether the root of a stream was `<root/>`, so that its end is still to be told. */
  owesEnd = false
  /** Whether a root has begun. */
  hasRoot = false
  readonly #source: Source
  readonly #handler: XmlHandler
  /** How many open elements make what comes next a top-level element: 1 in a stream, 0 in a document. */
  readonly #topDepth: number
  readonly #around: ReadonlyMap<string, string>
  readonly #frames: Frame[] = []
  /** Children so far of all open elements, one after the other. */
  readonly #nodes: Node[] = []
  /** How many elements the top-level element has so far. */
  #count = 0
  #bindings: Map<string, Binding> | undefined
  #defaultNamespace = ''

  /** `around` are namespaces in force around the root, by prefix. */
  constructor(
    source: Source,
    handler: XmlHandler,
    topDepth: number,
    around: ReadonlyMap<string, string> = new Map(),
  ) {
    this.#source = source
    this.#handler = handler
    this.#topDepth = topDepth
    this.#around = around
    this.reset()
  }

  /** Forgets all that is open. */
  reset(): void {
    this.owesEnd = false
    this.hasRoot = false
    this.#frames.length = 0
    this.#nodes.length = 0
    this.#bindings = undefined
    this.#defaultNamespace = ''
    for (const [prefix, namespace] of this.#around) {
      if (prefix === '') this.#defaultNamespace = namespace
      else this.#bind(prefix, namespace, -1)
    }
  }

  get depth(): number {
    return this.#frames.length
  }

  get openName(): string {
    const frames = this.#frames
    return frames.length === 0 ? '' : (frames[frames.length - 1] as Frame).writtenName
  }

  start(
    name: string,
    attributes: readonly string[],
    defaultNamespace: string | undefined,
    isEmpty: boolean,
  ): boolean {
    const outerDefault = this.#defaultNamespace
    if (defaultNamespace !== undefined && !this.#declareDefault(defaultNamespace)) return false
    return this.#open(name, name, this.#defaultNamespace, attributes, outerDefault, undefined, isEmpty)
  }

  startPrefixed(tag: PrefixedTag): boolean {
    const outerDefault = this.#defaultNamespace
    if (tag.defaultNamespace !== undefined && !this.#declareDefault(tag.defaultNamespace)) return false
    const bindings = this.#declare(tag.declared)
    if (bindings === undefined) return false
    const namespace = tag.prefix === '' ? this.#defaultNamespace : this.#expand(tag.prefix)
    const attributes = this.#attributes(tag)
    if (namespace === undefined || attributes === undefined)
      return this.#refuse('a prefix that is not declared')
    if (attributes.length > tag.attributes.length && hasRepeatedName(attributes))
      return this.#refuse(repeatedAttribute)
    return this.#open(
      tag.writtenName,
      tag.localName,
      namespace,
      attributes,
      outerDefault,
      bindings,
      tag.isEmpty,
    )
  }

  #open(
    writtenName: string,
    name: string,
    namespace: string,
    attributes: readonly string[],
    outerDefault: string,
    bindings: readonly Binding[] | undefined,
    isEmpty: boolean,
  ): boolean {
    const depth = this.#frames.length
    const { limits } = this.#source
    if (depth <= this.#topDepth) this.#count = 0
    this.#count += 1
    this.hasRoot = true
    if (this.#count > limits.elements || depth - this.#topDepth >= limits.depth)
      return this.#source.refuse(
        'policy-violation',
        'too many elements in one, or inside each other',
        this.#source.at,
      )
    if (isEmpty && depth >= this.#topDepth) {
      this.#undo(outerDefault, bindings)
      this.#add(new Element(name, namespace, attributes, none))
      return true
    }
    const firstChild = this.#nodes.length
    this.#frames.push({ writtenName, name, namespace, attributes, firstChild, outerDefault, bindings })
    if (depth < this.#topDepth) {
      this.owesEnd = isEmpty
      this.#handler.onOpen(new Element(name, namespace, attributes, none), this.#namespaces())
    }
    return true
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
    this.owesEnd = false
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

  #declareDefault(namespace: string): boolean {
    if (isReserved(namespace)) return this.#refuse(reservedDeclaration)
    this.#defaultNamespace = namespace
    return true
  }

  // Namespaces in XML 1.0 §3, §5.
  #declare(declared: readonly string[]): readonly Binding[] | undefined {
    const bindings: Binding[] = []
    const depth = this.#frames.length
    for (let index = 0; index < declared.length; index += 2) {
      const prefix = declared[index] as string
      const namespace = declared[index + 1] as string
      const reason = this.#whyNot(prefix, namespace, depth)
      if (reason !== undefined) {
        this.#refuse(reason)
        return undefined
      }
      bindings.push(this.#bind(prefix, namespace, depth))
    }
    return bindings
  }

  /** What is wrong with a declaration. */
  #whyNot(prefix: string, namespace: string, depth: number): string | undefined {
    if (this.#bindings?.get(prefix)?.depth === depth) return repeatedAttribute
    if (prefix === 'xml' && namespace === xmlNamespace) return undefined
    if (prefix === 'xml' || prefix === 'xmlns' || isReserved(namespace)) return reservedDeclaration
    return namespace === '' ? 'a prefix declared as nothing' : undefined
  }

  #refuse(text: string): false {
    return this.#source.refuse('not-well-formed', text, this.#source.at)
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

  /** The namespace of a prefix. It counts as bytes of the element, for without prefixes it would be there. */
  #expand(prefix: string): string | undefined {
    const namespace = prefix === 'xml' ? xmlNamespace : this.#bindings?.get(prefix)?.namespace
    if (namespace !== undefined) this.#source.charge(namespace.length)
    return namespace
  }

  #attributes(tag: PrefixedTag): readonly string[] | undefined {
    const { prefixed } = tag
    if (prefixed.length === 0) return tag.attributes
    const attributes = tag.attributes.slice()
    for (let index = 0; index < prefixed.length; index += 3) {
      const namespace = this.#expand(prefixed[index] as string)
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
