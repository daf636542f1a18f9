// XEP-0030: Service Discovery

import type { Undo } from '../../base/scope.ts'
import { defineExtension } from '../../host/extension.ts'
import type { ScopedHost } from '../../host/scoped-host.ts'
import type { Jid } from '../../jid/jid.ts'
import { type Page, type PageRequest, pageElement, parsePageRequest } from '../../stanza/paging.ts'
import type { Iq } from '../../stanza/stanza.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import type { Element } from '../../xml/element.ts'
import {
  type DiscoInfo,
  type DiscoItem,
  discoInfoElement,
  discoInfoNamespace,
  discoItemsElement,
  discoItemsNamespace,
} from './disco-elements.ts'

export {
  type DiscoInfo,
  type DiscoItem,
  discoInfoElement,
  discoInfoNamespace,
  discoItemsElement,
  discoItemsNamespace,
}

/** Adds items to a list, for whoever asks. */
export type ItemSource = (iq: Iq) => readonly DiscoItem[] | Promise<readonly DiscoItem[]>
/** Gives a page of a list that may be long (XEP-0059). */
export type PagedItemSource = (iq: Iq, request: PageRequest) => Promise<Page<DiscoItem>>
/** Answers for nodes of the domain (XEP-0030 §3.2, §4.2); `undefined` for those it does not know. */
export interface NodeSource {
  info?(node: string, iq: Iq): DiscoInfo | undefined
  items?(node: string, iq: Iq): readonly DiscoItem[] | undefined
}
/** Says whether `requester` may see that the account is here (XEP-0030 §8). */
export type VisibilityRule = (account: Jid, requester: Jid) => boolean | Promise<boolean>

/** What other extensions get of this one. */
export interface Disco {
  /** Adds to the disco#items of the domain. */
  addItems(source: ItemSource): Undo
  /** Adds a list that is given a page at a time, behind the items of all others; a domain has one at most. */
  addPagedItems(source: PagedItemSource): Undo
  /** Answers for nodes of the domain. */
  addNodes(source: NodeSource): Undo
  /** What the domain says of itself now. */
  domainInfo(): DiscoInfo
  /** Lets somebody see disco information of an account; without a rule that says yes, only the account itself does. */
  addVisibility(rule: VisibilityRule): Undo
}

/** Tells who and what a domain or an account is. */
export const disco = defineExtension({
  name: 'disco',
  xep: { number: 30, version: '2.5.0' },
  setup(host): Disco {
    const sources = new Set<ItemSource>([() => host.services.map((jid) => ({ jid }))])
    const pagedSources = new Set<PagedItemSource>()
    const nodes = new Set<NodeSource>()
    const rules = new Set<VisibilityRule>()
    for (const namespace of [discoInfoNamespace, discoItemsNamespace]) {
      host.advertise(namespace)
      host.account.advertise(namespace)
    }
    host.account.identify({ category: 'account', type: 'registered' })
    host.iq.get(
      discoInfoNamespace,
      'query',
      (iq) => nodeInfo(nodes, iq) ?? discoInfoElement(domainInfo(host)),
    )
    host.iq.get(
      discoItemsNamespace,
      'query',
      (iq) => nodeItems(nodes, iq) ?? domainItems(sources, pagedSources, iq),
    )
    host.account.openIq.get(discoInfoNamespace, 'query', async (iq, account) => {
      await checkVisible(rules, account.jid, iq)
      return discoInfoElement(host.account.advertised)
    })
    host.account.openIq.get(discoItemsNamespace, 'query', async (iq, account) => {
      await checkVisible(rules, account.jid, iq)
      return discoItemsElement([])
    })
    return {
      addItems: (source) => addTo(sources, source),
      addPagedItems(source) {
        if (pagedSources.size > 0) throw new Error('two lists of items that come in pages')
        return addTo(pagedSources, source)
      },
      addNodes: (source) => addTo(nodes, source),
      domainInfo: () => domainInfo(host),
      addVisibility: (rule) => addTo(rules, rule),
    }
  },
})

function nodeInfo(sources: ReadonlySet<NodeSource>, iq: Iq): Element | undefined {
  const node = iq.payload?.attribute('node')
  if (node === undefined) return undefined
  for (const source of sources) {
    const info = source.info?.(node, iq)
    if (info) return discoInfoElement({ ...info, node })
  }
  throw new StanzaError('item-not-found', 'no such node')
}

function nodeItems(sources: ReadonlySet<NodeSource>, iq: Iq): Element | undefined {
  const node = iq.payload?.attribute('node')
  if (node === undefined) return undefined
  for (const source of sources) {
    const items = source.items?.(node, iq)
    if (items) return discoItemsElement(items, node)
  }
  throw new StanzaError('item-not-found', 'no such node')
}

function domainInfo({ advertised }: ScopedHost): DiscoInfo {
  const { identities, features, forms } = advertised
  // A domain that has no identity of its own is an IM server (XEP-0030 §3.1 asks for at least one).
  const known = identities.length > 0 ? identities : [{ category: 'server', type: 'im' }]
  return { identities: known, features, forms }
}

async function domainItems(
  sources: ReadonlySet<ItemSource>,
  pagedSources: ReadonlySet<PagedItemSource>,
  iq: Iq,
): Promise<Element> {
  const items: DiscoItem[] = []
  for (const source of sources) items.push(...(await source(iq)))
  const request = parsePageRequest(iq.payload)
  for (const source of pagedSources) {
    const page = await source(iq, request ?? {})
    // XEP-0059 §2.6: who did not ask for a page is told if it is not all.
    const isPart = request !== undefined || page.items.length < page.count
    return discoItemsElement([...items, ...page.items], undefined, isPart ? [pageElement(page)] : [])
  }
  return discoItemsElement(items)
}

// XEP-0030 §3.2: a node that is not known.
function refuseNode(iq: Iq): void {
  if (iq.payload?.attribute('node') !== undefined) throw new StanzaError('item-not-found', 'no such node')
}

// XEP-0030 §8: who may not see presence learns nothing, not even whether the account exists.
async function checkVisible(rules: ReadonlySet<VisibilityRule>, account: Jid, iq: Iq): Promise<void> {
  refuseNode(iq)
  if (iq.from.bare.equals(account)) return
  for (const rule of rules) if (await rule(account, iq.from)) return
  throw new StanzaError('service-unavailable')
}

function addTo<Item>(set: Set<Item>, item: Item): Undo {
  set.add(item)
  return () => set.delete(item)
}
