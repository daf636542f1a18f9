// Tokens to elements: looks up namespaces and hands over each top-level element when it is whole.
import { Element, type Node } from './element.ts'
import type { StartTag, Tokens } from './tag.ts'

export const xmlNamespace = 'http://www.w3.org/XML/1998/namespace'
const xmlnsNamespace = 'http://www.w3.org/2000/xmlns/'

/** Where elements go. */
export interface Elements {
  /** The root of a stream has begun; `namespaces` by prefix, `''` being the default. */
  open(root: Element, namespaces: ReadonlyMap<string, string>): void
  /** A top-level element is whole. */
  element(element: Element): void
  /** The root of a stream has ended. */
  close(): void
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

/** Builds elements. Namespaces in XML 1.0. */
export class Builder implements Tokens {
  readonly #elements: Elements
  readonly #topDepth: number
  readonly #charge: (bytes: number) => void
  readonly #frames: Frame[] = []
  readonly #nodes: Node[] = []
  #bindings: Map<string, Binding> | undefined
  #defaultNamespace = ''
  readonly #predeclared: ReadonlyMap<string, string> | undefined

  /** `charge` is told how many bytes a namespace behind a prefix stands for, each time. */
  constructor(
    elements: Elements,
    topDepth: number,
    charge: (bytes: number) => void,
    predeclared?: ReadonlyMap<string, string>,
  ) {
    this.#elements = elements
    this.#topDepth = topDepth
    this.#charge = charge
    this.#predeclared = predeclared
    this.reset()
  }

  /** Forgets all that is open. */
  reset(): void {
    this.#frames.length = 0
    this.#nodes.length = 0
    this.#bindings = undefined
    this.#defaultNamespace = this.#predeclared?.get('') ?? ''
    for (const [prefix, namespace] of this.#predeclared ?? none)
      if (prefix !== '') this.#bind(prefix, namespace, -1)
  }

  start(tag: StartTag): string | undefined {
    const outerDefault = this.#defaultNamespace
    const bindings: Binding[] | undefined = tag.declared === undefined ? undefined : []
    if (bindings !== undefined) {
      const reason = this.#declare(tag.declared as string[], bindings)
      if (reason !== undefined) return reason
    }
    const namespace = tag.prefix === '' ? this.#defaultNamespace : this.#lookUp(tag.prefix)
    if (namespace === undefined) return 'a prefix that is not declared'
    if (tag.prefix !== '') this.#charge(namespace.length)
    const attributes = tag.prefixed === undefined ? tag.attributes : this.#attributes(tag, tag.prefixed)
    if (attributes === undefined || (attributes.length > 2 && hasDuplicate(attributes)))
      return attributes === undefined ? 'a prefix that is not declared' : 'an attribute that is there twice'
    if (tag.isEmpty) {
      this.#undo(outerDefault, bindings)
      this.#add(new Element(tag.localName, namespace, attributes, none))
      return undefined
    }
    const firstChild = this.#nodes.length
    this.#frames.push({ name: tag.localName, namespace, attributes, firstChild, outerDefault, bindings })
    if (this.#frames.length <= this.#topDepth)
      this.#elements.open(new Element(tag.localName, namespace, attributes, none), this.#namespaces())
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
    if (this.#frames.length < this.#topDepth) this.#elements.close()
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
    if (this.#frames.length === this.#topDepth) this.#elements.element(element)
    else this.#nodes.push(element)
  }

  // Namespaces in XML 1.0 §3, §5.
  #declare(declared: readonly string[], bindings: Binding[]): string | undefined {
    const depth = this.#frames.length
    let hasDefault = false
    for (let index = 0; index < declared.length; index += 2) {
      const prefix = declared[index] as string
      const namespace = declared[index + 1] as string
      const reason = reserved(prefix, namespace)
      if (reason !== undefined) return reason
      if (prefix === '') {
        if (hasDefault) return 'an attribute that is there twice'
        hasDefault = true
        this.#defaultNamespace = namespace
      } else {
        if (this.#bindings?.get(prefix)?.depth === depth) return 'an attribute that is there twice'
        bindings.push(this.#bind(prefix, namespace, depth))
      }
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

  #lookUp(prefix: string): string | undefined {
    return prefix === 'xml' ? xmlNamespace : this.#bindings?.get(prefix)?.namespace
  }

  #attributes(tag: StartTag, prefixed: readonly string[]): readonly string[] | undefined {
    const attributes = tag.attributes.slice()
    for (let index = 0; index < prefixed.length; index += 3) {
      const name = prefixed[index + 1] as string
      const value = prefixed[index + 2] as string
      const namespace = this.#lookUp(prefixed[index] as string)
      if (namespace === undefined) return undefined
      if (namespace === xmlNamespace) attributes.push(`xml:${name}`, value)
      else {
        this.#charge(namespace.length)
        attributes.push(`{${namespace}}${name}`, value)
      }
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

function reserved(prefix: string, namespace: string): string | undefined {
  if (prefix === 'xmlns' || namespace === xmlnsNamespace) return 'a declaration of xmlns'
  if ((prefix === 'xml') !== (namespace === xmlNamespace)) return 'a declaration of xml as something else'
  return namespace === '' && prefix !== '' ? 'a prefix declared as nothing' : undefined
}

function hasDuplicate(attributes: readonly string[]): boolean {
  if (attributes.length > 16)
    return new Set(attributes.filter((_, index) => index % 2 === 0)).size * 2 < attributes.length
  for (let index = 2; index < attributes.length; index += 2) {
    for (let other = 0; other < index; other += 2) if (attributes[index] === attributes[other]) return true
  }
  return false
}
