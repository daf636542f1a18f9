// XEP-0060 §6.5: reading a node's items, with XEP-0059 for a page of them.
import { type PageRequest, pagingNamespace, parsePageRequest } from '../../stanza/paging.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import { type Element, element } from '../../xml/element.ts'
import { checkReading } from './access.ts'
import { answerItem } from './item-elements.ts'
import { expireItems } from './kept-items.ts'
import type { Item, Node } from './node.ts'
import { noPersistentItems } from './refusal.ts'
import type { Request } from './request.ts'
import { persistItems } from './settings/persist-items.ts'

/** `<items/>`: those that are named, the newest so many, or a page. */
export async function items(request: Request): Promise<Element> {
  const { service } = request
  const node = await request.node()
  await checkReading(service, node, request.from)
  // XEP-0060 §6.5.9.4
  if (!node.config.get(persistItems)) throw noPersistentItems()
  await expireItems(service, node)
  const ids = request.elements('item').map((item) => item.attribute('id') ?? '')
  if (ids.length > 0) return itemsResult(request, node, await named(request, node, ids))
  const page = parsePageRequest(request.pubsub)
  const most = parseMost(request.action.attribute('max_items'))
  if (!page && most !== undefined) return itemsResult(request, node, await newest(request, node, most))
  return pageResult(request, node, page)
}

async function named({ service }: Request, node: Node, ids: readonly string[]): Promise<Item[]> {
  const found = await Promise.all([...new Set(ids)].map((id) => service.nodes.items.find(node, id)))
  return found.filter((item) => item !== undefined)
}

async function newest({ service }: Request, node: Node, most: number): Promise<Item[]> {
  const limit = Math.min(most, service.limits.pageSize)
  return (await service.nodes.items.page(node, { limit, backward: true })) ?? []
}

/** What is asked for without paging is all there is; if that is too much, it is the first page, which says so. */
async function pageResult(request: Request, node: Node, page: PageRequest | undefined): Promise<Element> {
  const { limits, nodes } = request.service
  const limit = Math.min(page?.max ?? limits.pageSize, limits.pageSize)
  const range = {
    limit,
    backward: page?.before !== undefined,
    ...(page?.after ? { after: page.after } : {}),
    ...(page?.before ? { before: page.before } : {}),
  }
  const found =
    page?.index === undefined
      ? await nodes.items.page(node, range)
      : await nodes.items.pageAt(node, page.index, limit)
  if (!found) throw noSuchPage(page)
  const fitting = fit(found, limits.pageBytes, range.backward)
  const isWhole = !page && fitting.length === node.itemCount
  return itemsResult(request, node, fitting, isWhole ? [] : [await pageElementOf(request, node, fitting)])
}

// At least one, or nobody could ever go on.
function fit(found: Item[], bytes: number, isBackward: boolean): Item[] {
  const inOrder = isBackward ? found.toReversed() : found
  let left = bytes
  const end = inOrder.findIndex(({ payload }, index) => {
    left -= payload?.length ?? 0
    return left < 0 && index > 0
  })
  const fitting = end < 0 ? inOrder : inOrder.slice(0, end)
  return isBackward ? fitting.toReversed() : fitting
}

function itemsResult(request: Request, node: Node, found: readonly Item[], rest: Element[] = []): Element {
  const elements = found.map((item) => answerItem(request.service, node, item))
  const result = request.result({ node: node.name }, ...elements)
  return rest.length === 0 ? result : result.with({ children: [...result.children, ...rest] })
}

function noSuchPage(page: PageRequest | undefined): StanzaError {
  // XEP-0059 §2.4: what would take counting is optional.
  if (page?.index !== undefined) {
    return new StanzaError('feature-not-implemented', 'there are too many items to go to one by its number')
  }
  // XEP-0059 §2.2: the item is gone from which to go on.
  return new StanzaError('item-not-found', 'there is no such item to go on from')
}

async function pageElementOf({ service }: Request, node: Node, found: readonly Item[]): Promise<Element> {
  const [first, last] = [found[0], found.at(-1)]
  const index = first && (await service.nodes.items.indexOf(node, first.id))
  return element(
    'set',
    pagingNamespace,
    {},
    first &&
      element('first', pagingNamespace, { index: index === undefined ? undefined : `${index}` }, first.id),
    last && element('last', pagingNamespace, {}, last.id),
    element('count', pagingNamespace, {}, String(node.itemCount)),
  )
}

function parseMost(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!/^\d{1,9}$/.test(text)) throw new StanzaError('bad-request', 'max_items is no number')
  return Number(text)
}
