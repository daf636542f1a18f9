// XEP-0313 §4.2 and §4.3: a page of the archive, as messages to the session that asked.
import type { Account } from '../../host/account.ts'
import type { ClientSession } from '../../session/client.ts'
import { delayNamespace, formatDate } from '../../stanza/delay.ts'
import { forwardNamespace } from '../../stanza/forward.ts'
import { Message } from '../../stanza/stanza.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import type { Archive, ArchiveEntry, ArchivePage } from '../../storage/storage.ts'
import { type Element, element } from '../../xml/element.ts'
import { parseDocument } from '../../xml/xml.ts'
import { finElement, namespace } from './archive-elements.ts'
import type { ArchiveRequest } from './archive-request.ts'

/** What came of a query. */
export interface Answered {
  readonly fin: Element
  /** The ids of the messages that were sent. */
  readonly ids: readonly string[]
}

/**
 * Sends the messages of a page, and answers what ends it.
 * @throws StanzaError item-not-found where an id is not, or no longer, in the archive
 */
export async function answerQuery(
  messages: Archive<string>,
  account: Account,
  session: ClientSession,
  request: ArchiveRequest,
  maxLength: number,
): Promise<Answered> {
  const found = await messages.find(account.jid.local, request.query)
  if (!found) throw new StanzaError('item-not-found', 'no message of that id is in the archive')
  const page = shortened(found, request.query.backward ?? false, maxLength)
  const inOrder = request.isFlipped ? page.entries.toReversed() : page.entries
  for (const entry of inOrder) session.send(resultMessage(account, session, request.queryId, entry))
  return { fin: finElement(page), ids: inOrder.map(({ id }) => id) }
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
  account: Account,
  session: ClientSession,
  queryid: string | undefined,
  { id, when, value }: ArchiveEntry<string>,
): Message {
  const stamp = element('delay', delayNamespace, { stamp: formatDate(when) })
  const message = parseDocument(value)
  // §3.2: a message that cannot be read leaves its place empty.
  const original = 'condition' in message ? undefined : message
  const inside = element('forwarded', forwardNamespace, {}, stamp, original)
  const result = element('result', namespace, { queryid, id }, inside)
  return new Message('normal', { from: account.jid, to: session.jid, children: [result] })
}
