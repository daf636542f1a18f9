// XEP-0030: the elements of disco#info and disco#items.
import type { Identity } from '../../host/advertised.ts'
import type { Jid } from '../../jid/jid.ts'
import { type Element, element } from '../../xml/element.ts'

export const discoInfoNamespace = 'http://jabber.org/protocol/disco#info'
export const discoItemsNamespace = 'http://jabber.org/protocol/disco#items'

/** What an entity says of itself (XEP-0030 §3.1). */
export interface DiscoInfo {
  readonly node?: string
  readonly identities: readonly Identity[]
  readonly features: readonly string[]
  /** XEP-0128. */
  readonly forms?: readonly Element[]
}

/** Something that belongs to an entity (XEP-0030 §4.1). */
export interface DiscoItem {
  readonly jid: Jid
  readonly name?: string
  readonly node?: string
}

/** `<query xmlns='…disco#info'/>` with its content. */
export function discoInfoElement(info: DiscoInfo): Element {
  return element(
    'query',
    discoInfoNamespace,
    { node: info.node },
    ...info.identities.map(({ category, type, name }) =>
      element('identity', discoInfoNamespace, { category, type, name }),
    ),
    ...info.features.map((feature) => element('feature', discoInfoNamespace, { var: feature })),
    ...(info.forms ?? []),
  )
}

/** `<query xmlns='…disco#items'/>` with its content, and `rest` (a result set, say) behind the items. */
export function discoItemsElement(
  items: readonly DiscoItem[],
  node?: string,
  rest: readonly Element[] = [],
): Element {
  return element(
    'query',
    discoItemsNamespace,
    { node },
    ...items.map((item) =>
      element('item', discoItemsNamespace, { jid: item.jid.toString(), name: item.name, node: item.node }),
    ),
    ...rest,
  )
}
