// XEP-0402 and XEP-0048: a bookmark of a room in its two forms. No I/O.
import { parseJid } from '../../jid/jid.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import { type Element, element } from '../../xml/element.ts'
import { serialize } from '../../xml/serialize.ts'

export const bookmarksNode = 'urn:xmpp:bookmarks:1'
export const legacyNamespace = 'storage:bookmarks'

/** A bookmark as an item of `urn:xmpp:bookmarks:1`. */
export interface Bookmark {
  /** The room's address, as a client has written it. */
  readonly id: string
  readonly payload: Element | undefined
}

/** `<storage/>` with all bookmarks (XEP-0402 §5.3.1), and `rest`, which is no bookmark of a room. */
export function collate(bookmarks: readonly Bookmark[], rest: readonly Element[] = []): Element {
  return element('storage', legacyNamespace, {}, ...bookmarks.map(legacyConference), ...rest)
}

/** What of a `<storage/>` is no bookmark of a room: addresses of web pages. */
export function restOf(storage: Element | undefined): Element[] {
  return (storage?.elements() ?? []).filter((child) => !isConference(child))
}

/**
 * The bookmarks of a `<storage/>`, by address; of two for the same room it is the first. What only the newer form can
 * say is taken from `before`.
 * @throws StanzaError bad-request for a bookmark without an address
 */
export function bookmarksOf(storage: Element, before: readonly Bookmark[] = []): Map<string, Bookmark> {
  const known = byAddress(before)
  const found = new Map<string, Bookmark>()
  for (const conference of storage.elements()) {
    if (!isConference(conference)) continue
    const address = parseJid(conference.attribute('jid') ?? '')?.toString()
    if (address === undefined) throw new StanzaError('bad-request', 'a bookmark needs the address of a room')
    if (!found.has(address)) found.set(address, bookmarkOf(address, conference, known.get(address)))
  }
  return found
}

/** Bookmarks by the address that they are for. */
export function byAddress(bookmarks: readonly Bookmark[]): Map<string, Bookmark> {
  return new Map(bookmarks.map((bookmark) => [parseJid(bookmark.id)?.toString() ?? bookmark.id, bookmark]))
}

/** Whether both say the same to a client that knows only the older form. */
export function isSameBookmark(one: Bookmark, other: Bookmark | undefined): boolean {
  return other !== undefined && textOf(one) === textOf(other)
}

function textOf({ payload }: Bookmark): string {
  return serialize(legacyConference({ id: '', payload }))
}

function isConference({ name, namespace }: Element): boolean {
  return name === 'conference' && namespace === legacyNamespace
}

function legacyConference({ id, payload }: Bookmark): Element {
  return element(
    'conference',
    legacyNamespace,
    { jid: id, name: payload?.attribute('name'), autojoin: payload?.attribute('autojoin') },
    ...saidWithin(payload, legacyNamespace),
  )
}

function bookmarkOf(address: string, conference: Element, before: Bookmark | undefined): Bookmark {
  const extensions = before?.payload?.child('extensions', bookmarksNode)
  const payload = element(
    'conference',
    bookmarksNode,
    { name: conference.attribute('name'), autojoin: conference.attribute('autojoin') },
    ...saidWithin(conference, bookmarksNode),
    extensions,
  )
  return { id: before?.id ?? address, payload }
}

function saidWithin(conference: Element | undefined, namespace: string): (Element | undefined)[] {
  return ['nick', 'password'].map((name) => {
    const text = conference?.child(name, conference.namespace)?.text
    return text ? element(name, namespace, {}, text) : undefined
  })
}
