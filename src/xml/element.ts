// An XML element as a value: name, namespace, attributes, children. Immutable.
import { isLocalName } from './characters.ts'

/** What stands inside an element: elements and text. */
export type Node = Element | string

/** What may be given for attributes; `undefined` leaves the attribute out. */
export type AttributeInput = Readonly<Record<string, string | undefined>>

/** What `with` may change. */
export interface ElementChanges {
  readonly name?: string
  readonly attributes?: AttributeInput
  readonly children?: readonly Node[]
}

/**
 * An element. `attributes` is a flat list: name, value, name, value…
 * An attribute's name is its local name, or `xml:lang` and the like for the prefix `xml`,
 * or `{namespace}local` for any other namespace.
 */
export class Element {
  // `declare`, as fields would be written twice, and of nothing are more made.
  /** Local name. */
  declare readonly name: string
  /** Namespace; `''` for none. */
  declare readonly namespace: string
  declare readonly attributes: readonly string[]
  declare readonly children: readonly Node[]
  /**
   * Its bytes behind its name, as they were read, where they were kept: all that they say is in the attributes and children, and they
   * say it wherever the namespace of this element is the default.
   */
  declare readonly tail: Buffer | undefined

  /** Trusts its caller that names are names, as it is made for what was read; `element` looks. */
  constructor(
    name: string,
    namespace: string,
    attributes: readonly string[] = [],
    children: readonly Node[] = [],
    tail?: Buffer,
  ) {
    this.name = name
    this.namespace = namespace
    this.attributes = attributes
    this.children = children
    this.tail = tail
  }

  /** Whether this is `name` in `namespace`. */
  is(name: string, namespace: string): boolean {
    return this.name === name && this.namespace === namespace
  }

  /** The value of an attribute, or `undefined`. */
  attribute(name: string): string | undefined {
    const list = this.attributes
    for (let index = 0; index < list.length; index += 2) if (list[index] === name) return list[index + 1]
    return undefined
  }

  /** The first child element of that name, in `namespace` or else in this element's own. */
  child(name: string, namespace: string = this.namespace): Element | undefined {
    const { children } = this
    for (let index = 0; index < children.length; index += 1) {
      const node = children[index] as Node
      if (typeof node !== 'string' && node.name === name && node.namespace === namespace) return node
    }
    return undefined
  }

  /** All child elements, or those of that name in `namespace` or else in this element's own. */
  elements(name?: string, namespace: string = this.namespace): Element[] {
    return this.children.filter(
      (node): node is Element =>
        typeof node !== 'string' &&
        (name === undefined || (node.name === name && node.namespace === namespace)),
    )
  }

  /** The text directly inside, joined. */
  get text(): string {
    if (this.children.length === 1 && typeof this.children[0] === 'string') return this.children[0]
    let text = ''
    for (const node of this.children) if (typeof node === 'string') text += node
    return text
  }

  /** A changed copy: attributes are set one by one (`undefined` removes), children are replaced. Throws a `TypeError` for a name that is none. */
  with(changes: ElementChanges): Element {
    return new Element(
      changes.name === undefined ? this.name : checkName(changes.name),
      this.namespace,
      changes.attributes ? mergeAttributes(this.attributes, changes.attributes) : this.attributes,
      changes.children ?? this.children,
    )
  }
}

/**
 * Makes an element: `element('body', 'jabber:client', {}, 'hello')`. Absent children are left out.
 * Throws a `TypeError` for a name that is none.
 */
export function element(
  name: string,
  namespace: string,
  attributes: AttributeInput = {},
  ...children: (Node | undefined)[]
): Element {
  return new Element(
    checkName(name),
    namespace,
    mergeAttributes([], attributes),
    children.every(isNode) ? children : children.filter(isNode),
  )
}

function isNode(node: Node | undefined): node is Node {
  return node !== undefined && node !== ''
}

function mergeAttributes(list: readonly string[], changes: AttributeInput): string[] {
  const merged: string[] = []
  for (let index = 0; index < list.length; index += 2) {
    const name = list[index] as string
    if (!Object.hasOwn(changes, name)) merged.push(name, list[index + 1] as string)
  }
  for (const name of Object.keys(changes)) {
    const value = changes[name]
    if (value !== undefined) merged.push(checkAttributeName(name), value)
  }
  return merged
}

function checkName(name: string): string {
  if (isPlainName(name) || isLocalName(name)) return name
  throw new TypeError(`not a name: ${JSON.stringify(name)}`)
}

// Declarations are no attributes here, and `xml:lang` is written in one way only, so that it cannot be there twice.
const reservedNamespaces: ReadonlySet<string> = new Set([
  'http://www.w3.org/2000/xmlns/',
  'http://www.w3.org/XML/1998/namespace',
])

/** `name`, `xml:name` or `{namespace}name`. */
function checkAttributeName(name: string): string {
  if (name !== 'xmlns' && isPlainName(name)) return name
  const match = /^(?:xml:|\{([^}]+)\})?([^:{}]+)$/.exec(name)
  const isReserved = name === 'xmlns' || reservedNamespaces.has(match?.[1] ?? '')
  if (match !== null && !isReserved && isLocalName(match[2] as string)) return name
  throw new TypeError(`not the name of an attribute: ${JSON.stringify(name)}`)
}

// Nearly all names; a loop over a few characters takes a fraction of what an expression does.
function isPlainName(name: string): boolean {
  for (let index = 0; index < name.length; index += 1) {
    const code = name.charCodeAt(index)
    if ((code < 0x61 || code > 0x7a) && (code !== 0x2d || index === 0)) return false
  }
  return name !== ''
}
