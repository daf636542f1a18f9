// XEP-0115 §4: the `<c/>` in presence.
import { capsNamespace } from '../../stanza/namespaces.ts'
import type { Presence } from '../../stanza/stanza.ts'

/** What presence says of features: who made the program, and which hash of them. */
export interface Caps {
  readonly node: string
  readonly ver: string
  readonly hash: string
}

// Presence is kept for as long as somebody is there; what is longer than any hash is no `ver`.
const maxUnits = 512

/** What a presence says of features, if it does so in a way that can be verified (§4, §5.4). */
export function capsOfPresence(presence: Presence): Caps | undefined {
  const element = presence.child('c', capsNamespace)
  const node = element?.attribute('node')
  const ver = element?.attribute('ver')
  // §10: without a hash function it is the old format, of which nothing can be known for sure.
  const hash = element?.attribute('hash')
  if (node === undefined || ver === undefined || hash === undefined) return undefined
  return node.length + ver.length + hash.length > maxUnits ? undefined : { node, ver, hash }
}

/** Whether both say the same. */
export function areSameCaps(one: Caps, other: Caps): boolean {
  return one.ver === other.ver && one.hash === other.hash && one.node === other.node
}
