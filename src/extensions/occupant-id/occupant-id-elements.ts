// XEP-0421: the element that says which occupant it is.
import { occupantIdNamespace } from '../../stanza/namespaces.ts'
import { type Element, element, type Node } from '../../xml/element.ts'

/** `<occupant-id id='…'/>` */
export function occupantIdElement(id: string): Element {
  return element('occupant-id', occupantIdNamespace, { id })
}

/** §4: what is left of nodes without any occupant id, however deep inside; the same list if there is none. */
export function withoutOccupantIds(nodes: readonly Node[]): readonly Node[] {
  let kept: Node[] | undefined
  for (let index = 0; index < nodes.length; index += 1) {
    const node = nodes[index] as Node
    const left = typeof node === 'string' ? node : cleaned(node)
    if (left !== node) kept ??= nodes.slice(0, index)
    if (left !== undefined) kept?.push(left)
  }
  return kept ?? nodes
}

function cleaned(node: Element): Element | undefined {
  if (node.is('occupant-id', occupantIdNamespace)) return undefined
  const children = withoutOccupantIds(node.children)
  return children === node.children ? node : node.with({ children })
}
