// XEP-0313 §4.2 and §4.3: a page of an archive, as messages to who asked.
import type { Jid } from '../../jid/jid.ts'
import { delayNamespace, formatDate } from '../../stanza/delay.ts'
import { forwardNamespace } from '../../stanza/forward.ts'
import { Message } from '../../stanza/stanza.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import type { Archive, ArchiveEntry, ArchivePage } from '../../storage/storage.ts'
import { type Element, element } from '../../xml/element.ts'
import { parseDocument } from '../../xml/xml.ts'
import { finElement, metadataElement, namespace } from './archive-elements.ts'
import type { ArchiveRequest } from './archive-request.ts'

/** What came of a query. */
export interface Answered {
  readonly fin: Element
  /** The ids of the messages that were sent. */
  readonly ids: readonly string[]
}

/** The archive of somebody: where it is, whose it is and for whom it is opened. */
export interface ArchiveShelf {
  readonly messages: Archive<string>
  /** Whose messages of the store. */
  readonly owner: string
  /** The address that has the archive. */
  readonly by: Jid
  /** Who asks. */
  readonly to: Jid
  /** A promise is who is slow to take more. */
  readonly send: (message: Message) => void | Promise<void>
  /** How a message that was kept is shown to who asks; as it is, unless said otherwise. */
  readonly show?: (message: Element) => Element
}

/**
 * Sends the messages of a page, at most `maxLength` characters, and answers what ends it.
 * @throws StanzaError item-not-found where an id is not, or no longer, in the archive
 */
export async function answerQuery(
  shelf: ArchiveShelf,
  request: ArchiveRequest,
  maxLength: number,
): Promise<Answered> {
  const found = await shelf.messages.find(shelf.owner, request.query)
  if (!found) throw new StanzaError('item-not-found', 'no message of that id is in the archive')
  const page = shortened(found, request.query.backward ?? false, maxLength)
  const inOrder = request.isFlipped ? page.entries.toReversed() : page.entries
  for (const entry of inOrder) {
    const slow = shelf.send(resultMessage(shelf, request.queryId, entry))
    // One after the other, so that they come in order and before what ends them.
    if (slow) await slow
  }
  return { fin: finElement(page), ids: inOrder.map(({ id }) => id) }
}

/** §5: where an archive begins and ends. */
export async function answerMetadata({ messages, owner }: Pick<ArchiveShelf, 'messages' | 'owner'>) {
  const ends = [false, true].map((backward) => messages.find(owner, { limit: 1, backward }))
  const [first, last] = await Promise.all(ends)
  return metadataElement(first?.entries[0], last?.entries[0])
}

/** A page of which no more is left than `maxLength` characters, from the end at which it begins. */
function shortened(page: ArchivePage<string>, backward: boolean, maxLength: number): ArchivePage<string> {
  const { entries } = page
  let length = 0
  for (let count = 0; count < entries.length; count += 1) {
    length += entries.at(backward ? -1 - count : count)?.value.length ?? 0
    if (length <= maxLength || count === 0) continue
    const kept = backward ? entries.slice(-count) : entries.slice(0, count)
    const skipped = backward ? entries.length - count : 0
    const index = page.index === undefined ? {} : { index: page.index + skipped }
    return { ...page, ...index, entries: kept, isComplete: false }
  }
  return page
}

function resultMessage(
  { by, to, show }: ArchiveShelf,
  queryid: string | undefined,
  { id, when, value }: ArchiveEntry<string>,
): Message {
  const stamp = element('delay', delayNamespace, { stamp: formatDate(when) })
  const message = parseDocument(value)
  // §3.2: a message that cannot be read leaves its place empty.
  const original = 'condition' in message ? undefined : message
  const shown = original && show ? show(original) : original
  const inside = element('forwarded', forwardNamespace, {}, stamp, shown)
  const result = element('result', namespace, { queryid, id }, inside)
  return new Message('normal', { from: by, to, children: [result] })
}
