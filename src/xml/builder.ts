// Tokens to elements: looks up namespaces and hands over each top-level element when it is whole.
import { interned } from '../base/interned.ts'
import { Element } from './element.ts'
import { type Binding, OpenElement } from './open-element.ts'
import type { Source } from './source.ts'
import { hasRepeatedName, type PrefixedTag, repeatedAttribute, type Tokens } from './tag.ts'

export const xmlNamespace = 'http://www.w3.org/XML/1998/namespace'
const xmlnsNamespace = 'http://www.w3.org/2000/xmlns/'

/** What is told of a stream, in order. Any of it may call the reader's `hold`, `restart` and `discard`. */
export interface XmlHandler {
  /** The name, in ASCII, of top-level elements that are likely to be sent on as they are: their `tail` is kept. */
  readonly sentOn?: string
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

const none: readonly never[] = Object.freeze([])
const nothing: ReadonlyMap<string, string> = new Map()

/** What is around a root where nothing is declared there. */
const outside = new OpenElement(undefined, '', '', '', '', none, undefined)

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
  /** The innermost open element; outside of the root, what stands for what is around it. */
  #top: OpenElement
  #depth = 0
  /** How many elements the top-level element has so far. */
  #count = 0
  #bindings: Map<string, Binding> | undefined

  /** `around` are namespaces in force around the root, by prefix. */
  constructor(
    source: Source,
    handler: XmlHandler,
    topDepth: number,
    around: ReadonlyMap<string, string> = nothing,
  ) {
    this.#source = source
    this.#handler = handler
    this.#topDepth = topDepth
    this.#around = around
    this.#top = this.#outside()
  }

  /** Forgets all that is open. */
  reset(): void {
    this.owesEnd = false
    this.hasRoot = false
    this.#depth = 0
    this.#top = this.#outside()
  }

  #outside(): OpenElement {
    this.#bindings = undefined
    if (this.#around.size === 0) return outside
    for (const [prefix, namespace] of this.#around) {
      if (prefix !== '') this.#bind(prefix, namespace, -1)
    }
    return new OpenElement(undefined, '', '', '', this.#around.get('') ?? '', none, undefined)
  }

  get depth(): number {
    return this.#depth
  }

  get openName(): string {
    return this.#top.writtenName
  }

  start(
    name: string,
    attributes: readonly string[],
    defaultNamespace: string | undefined,
    isEmpty: boolean,
  ): boolean {
    const namespace = defaultNamespace ?? this.#top.defaultNamespace
    if (defaultNamespace !== undefined) {
      if (isReserved(defaultNamespace)) return this.#refuse(reservedDeclaration)
      if (this.#depth <= this.#topDepth) this.#source.bindElement()
    }
    return this.#open(name, name, namespace, namespace, attributes, undefined, isEmpty)
  }

  get isInside(): boolean {
    return this.#depth > this.#topDepth
  }

  textElement(
    name: string,
    attributes: readonly string[],
    defaultNamespace: string | undefined,
    text: string,
  ): boolean {
    if (defaultNamespace !== undefined && isReserved(defaultNamespace))
      return this.#refuse(reservedDeclaration)
    if (!this.#isWithinLimits(this.#depth)) return false
    const namespace = defaultNamespace ?? this.#top.defaultNamespace
    this.#top.add(new Element(name, namespace, attributes, [text]))
    return true
  }

  startPrefixed(tag: PrefixedTag): boolean {
    this.#source.bindElement()
    const defaultNamespace = tag.defaultNamespace ?? this.#top.defaultNamespace
    if (tag.defaultNamespace !== undefined && isReserved(tag.defaultNamespace))
      return this.#refuse(reservedDeclaration)
    const bindings = this.#declare(tag.declared)
    if (bindings === undefined) return false
    const namespace = tag.prefix === '' ? defaultNamespace : this.#expand(tag.prefix)
    const attributes = this.#attributes(tag)
    if (namespace === undefined || attributes === undefined)
      return this.#refuse('a prefix that is not declared')
    if (attributes.length > tag.attributes.length && hasRepeatedName(attributes))
      return this.#refuse(repeatedAttribute)
    const { writtenName, localName, isEmpty } = tag
    return this.#open(writtenName, localName, namespace, defaultNamespace, attributes, bindings, isEmpty)
  }

  #open(
    writtenName: string,
    name: string,
    namespace: string,
    defaultNamespace: string,
    attributes: readonly string[],
    bindings: readonly Binding[] | undefined,
    isEmpty: boolean,
  ): boolean {
    const depth = this.#depth
    if (!this.#isWithinLimits(depth)) return false
    this.hasRoot = true
    if (isEmpty && depth >= this.#topDepth) {
      if (bindings !== undefined) this.#unbind(bindings)
      this.#add(new Element(name, namespace, attributes, none, this.#tailOf(name)))
      return true
    }
    const top = this.#top
    const isRoot = depth < this.#topDepth
    const kept = isRoot ? none : attributes
    // All top-level elements have it.
    const inside = isRoot ? interned(defaultNamespace) : defaultNamespace
    this.#top = new OpenElement(top, writtenName, name, namespace, inside, kept, bindings)
    this.#depth = depth + 1
    if (isRoot) {
      this.owesEnd = isEmpty
      this.#handler.onOpen(new Element(name, namespace, attributes, none), this.#namespaces())
    }
    return true
  }

  #isWithinLimits(depth: number): boolean {
    const source = this.#source
    if (depth <= this.#topDepth) this.#count = 0
    this.#count += 1
    if (this.#count > source.limits.elements)
      return source.refuse('policy-violation', 'too many elements in one', source.at)
    if (depth - this.#topDepth >= source.limits.depth)
      return source.refuse('policy-violation', 'too many elements inside each other', source.at)
    return true
  }

  text(text: string): void {
    this.#top.addText(text)
  }

  end(): void {
    this.owesEnd = false
    const ended = this.#top
    this.#top = ended.parent as OpenElement
    this.#depth -= 1
    if (ended.bindings !== undefined) this.#unbind(ended.bindings)
    if (this.#depth < this.#topDepth) this.#handler.onClose()
    else this.#add(ended.close(this.#tailOf(ended.name)))
  }

  #tailOf(name: string): Buffer | undefined {
    if (this.#depth !== this.#topDepth || name !== this.#handler.sentOn) return undefined
    return this.#source.copyElement(1 + name.length)
  }

  #add(element: Element): void {
    if (this.#depth === this.#topDepth) this.#handler.onElement(element)
    else this.#top.add(element)
  }

  // Namespaces in XML 1.0 §3, §5.
  #declare(declared: readonly string[]): readonly Binding[] | undefined {
    // Of its length from the start: those of a stream's header stay as long as the stream.
    const bindings = new Array<Binding>(declared.length / 2)
    const depth = this.#depth
    for (let index = 0; index < declared.length; index += 2) {
      const prefix = declared[index] as string
      const namespace = declared[index + 1] as string
      const reason = this.#whyNot(prefix, namespace, depth)
      if (reason !== undefined) {
        this.#refuse(reason)
        return undefined
      }
      bindings[index / 2] = this.#bind(prefix, namespace, depth)
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
    const kept = depth < this.#topDepth ? interned(namespace) : namespace
    const binding = { prefix, namespace: kept, depth, outer: this.#bindings.get(prefix) }
    this.#bindings.set(prefix, binding)
    return binding
  }

  #unbind(bindings: readonly Binding[]): void {
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
    if (this.#top.defaultNamespace !== '') namespaces.set('', this.#top.defaultNamespace)
    for (const [prefix, { namespace }] of this.#bindings ?? none) namespaces.set(prefix, namespace)
    return namespaces
  }
}

function isReserved(namespace: string): boolean {
  return namespace === xmlNamespace || namespace === xmlnsNamespace
}
