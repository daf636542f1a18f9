// XEP-0317 §3.1: hats in presence.
import { type Element, element, type Node } from '../../xml/element.ts'
import type { Hat } from './room-hats.ts'

export const hatsNamespace = 'urn:xmpp:hats:0'

/** `<hats/>` with what somebody wears; `undefined` for nothing. */
export function hatsElement(hats: readonly Hat[]): Element | undefined {
  if (hats.length === 0) return undefined
  const worn = hats.map(({ title, uri, hue }) => element('hat', hatsNamespace, { title, uri, hue }))
  return element('hats', hatsNamespace, {}, ...worn)
}

/** Takes away the hats that a client put on by itself; the same list if there are none. */
export function withoutHats(nodes: readonly Node[]): readonly Node[] {
  return nodes.some(isOfHats) ? nodes.filter((node) => !isOfHats(node)) : nodes
}

function isOfHats(node: Node): boolean {
  return typeof node !== 'string' && node.namespace === hatsNamespace
}
