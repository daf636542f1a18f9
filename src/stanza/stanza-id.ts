// XEP-0359: Unique and Stable Stanza IDs
import { type Jid, parseJid } from '../jid/jid.ts'
import { type Element, element, type Node } from '../xml/element.ts'
import type { Message } from './stanza.ts'

export const stanzaIdNamespace = 'urn:xmpp:sid:0'

/** A copy of a message that says under which id `by` knows it. */
export function withStanzaId(message: Message, by: Jid, id: string): Message {
  return message.withLast(element('stanza-id', stanzaIdNamespace, { by: by.toString(), id }))
}

/** The id under which `by` knows a message, as far as the message is to be believed. */
export function stanzaIdOf(message: Message, by: Jid): string | undefined {
  for (const node of message.children) {
    if (typeof node !== 'string' && claims(node, by)) return node.attribute('id')
  }
  return undefined
}

/** §3 rule 2: the message without any id that claims to be from `by`, however deep inside; itself if there is none. */
export function withoutStanzaIds(message: Message, by: Jid): Message {
  const children = withoutStanzaIdsIn(message.children, by)
  return children === message.children ? message : message.with({ children })
}

/** The same for what is inside a stanza; the same list if there is none. */
export function withoutStanzaIdsIn(nodes: readonly Node[], by: Jid): readonly Node[] {
  let kept: Node[] | undefined
  for (let index = 0; index < nodes.length; index += 1) {
    const node = nodes[index] as Node
    const left = typeof node === 'string' ? node : cleaned(node, by)
    if (left !== node) kept ??= nodes.slice(0, index)
    if (left !== undefined) kept?.push(left)
  }
  return kept ?? nodes
}

/** Who is said to have given an id to something in a stanza, however deep. */
export function stanzaIdAuthors(nodes: readonly Node[], found: Jid[] = []): readonly Jid[] {
  for (const node of nodes) {
    if (typeof node === 'string') continue
    const author = node.is('stanza-id', stanzaIdNamespace) && parseJid(node.attribute('by') ?? '')
    if (author) found.push(author)
    stanzaIdAuthors(node.children, found)
  }
  return found
}

function cleaned(node: Element, by: Jid): Element | undefined {
  if (claims(node, by)) return undefined
  const children = withoutStanzaIdsIn(node.children, by)
  return children === node.children ? node : node.with({ children })
}

// §3 rule 7: addresses are compared as prepared, so that another spelling does not pass.
function claims(node: Element, by: Jid): boolean {
  if (!node.is('stanza-id', stanzaIdNamespace)) return false
  return parseJid(node.attribute('by') ?? '')?.equals(by) ?? false
}
