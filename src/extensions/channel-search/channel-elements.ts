// XEP-0433 §6.2: the elements of a search and its results.
import type { Jid } from '../../jid/jid.ts'
import { type Page, pageElement } from '../../stanza/paging.ts'
import { type Element, element } from '../../xml/element.ts'
import { type Channel, shownUsers } from './matches.ts'
import { searchForm } from './search-form.ts'

export const searchNamespace = 'urn:xmpp:channel-search:0:search'

/** `<search/>` with the form. */
export function searchElement(): Element {
  return element('search', searchNamespace, {}, searchForm())
}

/** `<result/>` with a page of what was found; `find` knows it by its place in the order. */
export function resultElement(
  service: Jid,
  page: Page<string>,
  find: (key: string) => Channel | undefined,
): Element {
  const items = page.items.flatMap((key) => find(key) ?? []).map((channel) => itemElement(service, channel))
  return element('result', searchNamespace, {}, ...items, pageElement(page))
}

function itemElement(service: Jid, channel: Channel): Element {
  const text = (name: string, value: string | undefined) =>
    value === undefined ? undefined : element(name, searchNamespace, {}, value)
  return element(
    'item',
    searchNamespace,
    { address: `${channel.local}@${service}` },
    text('name', channel.title),
    text('description', channel.description),
    text('language', channel.lang),
    channel.isOpen ? text('nusers', String(shownUsers(channel))) : undefined,
    text('service-type', 'xep-0045'),
    text('is-open', String(channel.isOpen)),
    text('anonymity-mode', channel.isNonAnonymous ? nonAnonymous : 'muc_semianonymous'),
  )
}

const nonAnonymous = '{urn:xmpp:channel-search:0:anonymity}none'
