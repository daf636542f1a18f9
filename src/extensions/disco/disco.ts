// XEP-0030: Service Discovery
import type { Undo } from '../../base/scope.ts'
import type { Account } from '../../host/account.ts'
import { defineExtension } from '../../host/extension.ts'
import { notThere } from '../../host/not-there.ts'
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
/** Answers for nodes (XEP-0030 §3.2, §4.2), of an account or of the domain; `undefined` for those it does not know. */
export interface NodeSource<Rest extends unknown[] = []> {
  info?(node: string, iq: Iq, ...rest: Rest): DiscoInfo | undefined | Promise<DiscoInfo | undefined>
  items?(
    node: string,
    iq: Iq,
    ...rest: Rest
  ): readonly DiscoItem[] | undefined | Promise<readonly DiscoItem[] | undefined>
}
/** Answers for nodes of accounts; who may see them is for it to say. */
export type AccountNodeSource = NodeSource<[account: Account]>
/** Adds items to the list of an account, for whoever may see that it is here. */
export type AccountItemSource = (iq: Iq, account: Account) => Promise<readonly DiscoItem[]>
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
  /** Adds to the disco#items of accounts. */
  addAccountItems(source: AccountItemSource): Undo
  /** Answers for nodes of accounts. */
  addAccountNodes(source: AccountNodeSource): Undo
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
    const accountSources = new Set<AccountItemSource>()
    const accountNodes = new Set<AccountNodeSource>()
    const rules = new Set<VisibilityRule>()
    for (const namespace of [discoInfoNamespace, discoItemsNamespace]) {
      host.advertise(namespace)
      host.account.advertise(namespace)
    }
    host.account.identify({ category: 'account', type: 'registered' })
    host.iq.get(discoInfoNamespace, 'query', async (iq) => (await nodeInfo(nodes, iq)) ?? ownInfo(host, iq))
    host.iq.get(
      discoItemsNamespace,
      'query',
      async (iq) => (await nodeItems(nodes, iq)) ?? domainItems(sources, pagedSources, iq),
    )
    host.account.openIq.get(discoInfoNamespace, 'query', async (iq, account) => {
      const ofNode = await nodeInfo(accountNodes, iq, account)
      if (ofNode) return ofNode
      await checkVisible(rules, account.jid, iq)
      refuseNode(iq)
      return discoInfoElement(accountInfo(host, account.jid))
    })
    host.account.openIq.get(discoItemsNamespace, 'query', async (iq, account) => {
      const ofNode = await nodeItems(accountNodes, iq, account)
      if (ofNode) return ofNode
      await checkVisible(rules, account.jid, iq)
      refuseNode(iq)
      const lists = await Promise.all([...accountSources].map((source) => source(iq, account)))
      return discoItemsElement(lists.flat())
    })
    return {
      addItems: (source) => addTo(sources, source),
      addPagedItems(source) {
        if (pagedSources.size > 0) throw new Error('two lists of items that come in pages')
        return addTo(pagedSources, source)
      },
      addNodes: (source) => addTo(nodes, source),
      addAccountItems: (source) => addTo(accountSources, source),
      addAccountNodes: (source) => addTo(accountNodes, source),
      domainInfo: () => domainInfo(host),
      addVisibility: (rule) => addTo(rules, rule),
    }
  },
})

async function nodeInfo<Rest extends unknown[]>(
  sources: ReadonlySet<NodeSource<Rest>>,
  iq: Iq,
  ...rest: Rest
): Promise<Element | undefined> {
  const node = iq.payload?.attribute('node')
  if (node === undefined) return undefined
  for (const source of sources) {
    const info = await source.info?.(node, iq, ...rest)
    if (info) return discoInfoElement({ ...info, node })
  }
  return undefined
}

async function nodeItems<Rest extends unknown[]>(
  sources: ReadonlySet<NodeSource<Rest>>,
  iq: Iq,
  ...rest: Rest
): Promise<Element | undefined> {
  const node = iq.payload?.attribute('node')
  if (node === undefined) return undefined
  for (const source of sources) {
    const items = await source.items?.(node, iq, ...rest)
    if (items) return discoItemsElement(items, node)
  }
  return undefined
}

// XEP-0030 §3.2: a node that is not known.
function refuseNode(iq: Iq): void {
  if (iq.payload?.attribute('node') !== undefined) throw new StanzaError('item-not-found', 'no such node')
}

function ownInfo(host: ScopedHost, iq: Iq): Element {
  refuseNode(iq)
  return discoInfoElement(domainInfo(host))
}

function accountInfo({ account: { advertised }, accounts }: ScopedHost, account: Jid): DiscoInfo {
  if (!accounts.isGuest(account)) return advertised
  // XEP-0175 §5
  const { features, forms } = advertised
  return { features, forms, identities: [{ category: 'account', type: 'anonymous' }] }
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
  refuseNode(iq)
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

// XEP-0030 §8: who may not see presence learns nothing, not even whether the account exists.
async function checkVisible(rules: ReadonlySet<VisibilityRule>, account: Jid, iq: Iq): Promise<void> {
  if (iq.from.bare.equals(account)) return
  for (const rule of rules) if (await rule(account, iq.from)) return
  throw notThere()
}

function addTo<Item>(set: Set<Item>, item: Item): Undo {
  set.add(item)
  return () => set.delete(item)
}
