// XEP-0059: Result Set Management.
import { type Element, element } from '../xml/element.ts'

export const pagingNamespace = 'http://jabber.org/protocol/rsm'

/** Which part of a result somebody wants; what is left out does not restrict. */
export interface PageRequest {
  readonly max?: number
  /** The last item of the page before. */
  readonly after?: string
  /** The first item of the page behind; `''` for the last page. */
  readonly before?: string
  /** How many items come before the page. */
  readonly index?: number
}

/** A part of a result. */
export interface Page<Item> {
  readonly items: readonly Item[]
  /** Names of the first and last item; none if the page is empty. */
  readonly first?: string
  readonly last?: string
  /** How many items come before the page. */
  readonly index: number
  /** How many items the whole result has. */
  readonly count: number
}

/** Reads the `<set/>` inside a request; `undefined` if there is none. What is no number is passed over. */
export function parsePageRequest(query: Element | undefined): PageRequest | undefined {
  const set = query?.child('set', pagingNamespace)
  if (!set) return undefined
  const max = parseCount(set.child('max')?.text)
  const index = parseCount(set.child('index')?.text)
  const after = set.child('after')?.text
  const before = set.child('before')?.text
  return {
    ...(max === undefined ? {} : { max }),
    ...(index === undefined ? {} : { index }),
    ...(after === undefined ? {} : { after }),
    ...(before === undefined ? {} : { before }),
  }
}

/**
 * The page of a sorted list of names, at most `most` of them. A name that has gone since the last page still tells
 * where to go on.
 */
export function pageOf(sorted: readonly string[], request: PageRequest = {}, most = 100): Page<string> {
  const size = Math.min(request.max ?? most, most)
  const [start, end] = boundsOf(sorted, request, size)
  const items = sorted.slice(start, end)
  const first = items[0]
  const last = items.at(-1)
  const place = { items, index: start, count: sorted.length }
  return first === undefined || last === undefined ? place : { ...place, first, last }
}

/** The `<set/>` that goes with a page (XEP-0059 §2.1). */
export function pageElement({ first, last, index, count }: Page<unknown>): Element {
  return pageSet({ first, last, index, count })
}

/** What is known of a page; where counting costs too much, `index` and `count` are not. */
export interface PageEnds {
  readonly first: string | undefined
  readonly last: string | undefined
  readonly index: number | undefined
  readonly count: number | undefined
}

/** The `<set/>` that goes with a page of which perhaps not all is known (XEP-0059 §2.1). */
export function pageSet({ first, last, index, count }: PageEnds): Element {
  return element(
    'set',
    pagingNamespace,
    {},
    first === undefined ? undefined : element('first', pagingNamespace, { index: index?.toString() }, first),
    last === undefined ? undefined : element('last', pagingNamespace, {}, last),
    count === undefined ? undefined : element('count', pagingNamespace, {}, String(count)),
  )
}

function boundsOf(
  sorted: readonly string[],
  { after, before, index }: PageRequest,
  size: number,
): [start: number, end: number] {
  if (before !== undefined) {
    const end = before === '' ? sorted.length : positionOf(sorted, before)
    return [Math.max(0, end - size), end]
  }
  const start = after === undefined ? (index ?? 0) : positionBehind(sorted, after)
  return [Math.min(start, sorted.length), Math.min(start + size, sorted.length)]
}

/** Where `name` is, or would be. */
function positionOf(sorted: readonly string[], name: string): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((sorted[middle] as string) < name) low = middle + 1
    else high = middle
  }
  return low
}

function positionBehind(sorted: readonly string[], name: string): number {
  const position = positionOf(sorted, name)
  return sorted[position] === name ? position + 1 : position
}

function parseCount(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined
}
