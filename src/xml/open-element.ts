// An element whose end has not come.
import { Element, type Node } from './element.ts'

const none: readonly never[] = Object.freeze([])

/** A prefix that was declared, and what it stood for outside. */
export interface Binding {
  readonly prefix: string
  readonly namespace: string
  /** How many elements were open around the one that declares it. */
  readonly depth: number
  readonly outer: Binding | undefined
}

/** An open element, linked with the one it is in. */
export class OpenElement {
  // `declare` throughout: fields would be written twice, and there is one of these for each element.
  declare readonly parent: OpenElement | undefined
  /** The name as it was written, byte for byte. */
  declare readonly writtenName: string
  declare readonly name: string
  declare readonly namespace: string
  /** The default namespace in it. */
  declare readonly defaultNamespace: string
  declare readonly attributes: readonly string[]
  /** The prefixes that it declares. */
  declare readonly bindings: readonly Binding[] | undefined
  /** Its only child, or its first. */
  declare child: Node | undefined
  /** All children, if there are several. */
  declare children: Node[] | undefined

  constructor(
    parent: OpenElement | undefined,
    writtenName: string,
    name: string,
    namespace: string,
    defaultNamespace: string,
    attributes: readonly string[],
    bindings: readonly Binding[] | undefined,
  ) {
    this.parent = parent
    this.writtenName = writtenName
    this.name = name
    this.namespace = namespace
    this.defaultNamespace = defaultNamespace
    this.attributes = attributes
    this.bindings = bindings
    this.child = undefined
    this.children = undefined
  }

  /** Adds a child behind the others. */
  add(node: Node): void {
    if (this.child === undefined) this.child = node
    else if (this.children === undefined) this.children = [this.child, node]
    else this.#addToList(this.children, node)
  }

  // `push` would make room for twenty. Most lists stay shorter than that, so they begin at their own length.
  #addToList(list: Node[], node: Node): void {
    if (list.length === 2) this.children = [list[0] as Node, list[1] as Node, node]
    else if (list.length === 3) this.children = [list[0] as Node, list[1] as Node, list[2] as Node, node]
    else list.push(node)
  }

  /** Adds text, which becomes one with text that is last. */
  addText(text: string): void {
    const { children } = this
    const last = children === undefined ? this.child : children[children.length - 1]
    if (typeof last !== 'string') this.add(text)
    else if (children === undefined) this.child = last + text
    else children[children.length - 1] = last + text
  }

  /** The element, now that it has ended. */
  close(tail?: Buffer): Element {
    return new Element(this.name, this.namespace, this.attributes, this.#closeChildren(), tail)
  }

  #closeChildren(): readonly Node[] {
    const { child, children } = this
    if (child === undefined) return none
    if (children === undefined) return [child]
    // A list that has grown has room to grow on; a copy has not.
    return children.length > 4 ? children.slice() : children
  }
}
