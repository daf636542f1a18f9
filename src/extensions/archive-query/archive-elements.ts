// XEP-0313: what an archive says of itself, and how its messages travel.
import { formatDate } from '../../stanza/delay.ts'
import { type Field, form } from '../../stanza/form.ts'
import { validateNamespace } from '../../stanza/namespaces.ts'
import { pageSet } from '../../stanza/paging.ts'
import type { ArchiveEntry, ArchivePage } from '../../storage/storage.ts'
import { type Element, element } from '../../xml/element.ts'

export const namespace = 'urn:xmpp:mam:2'
/** XEP-0431: Full Text Search in MAM. */
export const fulltextNamespace = 'urn:xmpp:fulltext:0'
/** The XEP's name for the field, and the one that was in use before. */
export const fulltextFields: readonly string[] = [`{${fulltextNamespace}}fulltext`, 'withtext']

/** What can be asked for. */
export interface QueryFields {
  readonly isSearched: boolean
  /** §4.1.4: for archives that could have messages of rooms among others. */
  readonly hasGroupchatField: boolean
}

/** §4.1.5: the fields that a query may have. */
export function queryForm({ isSearched, hasGroupchatField }: QueryFields): Element {
  // XEP-0122 §3.2: not a choice out of a list.
  const open = element('open', validateNamespace)
  const validate = element('validate', open.namespace, { datatype: 'xs:string' }, open)
  const fields: Field[] = [
    { var: 'with', type: 'jid-single' },
    { var: 'start', type: 'text-single' },
    { var: 'end', type: 'text-single' },
    { var: 'before-id', type: 'text-single' },
    { var: 'after-id', type: 'text-single' },
    { var: 'ids', type: 'list-multi', extra: [validate] },
  ]
  if (hasGroupchatField) fields.push({ var: 'include-groupchat', type: 'boolean' })
  if (isSearched) for (const name of fulltextFields) fields.push({ var: name, type: 'text-single' })
  return element('query', namespace, {}, form({ type: 'form', formType: namespace, fields }))
}

/** §5: the first and the last message; nothing of an empty archive. */
export function metadataElement(first: ArchiveEntry | undefined, last: ArchiveEntry | undefined): Element {
  const endElement = (name: string, { id, when }: ArchiveEntry) =>
    element(name, namespace, { id, timestamp: formatDate(when) })
  return element(
    'metadata',
    namespace,
    {},
    first && endElement('start', first),
    last && endElement('end', last),
  )
}

/** §4.3: what ends a page. What is kept never changes its place, so every page is stable. */
export function finElement({ entries, isComplete, count, index }: ArchivePage): Element {
  const set = pageSet({ first: entries[0]?.id, last: entries.at(-1)?.id, count, index })
  return element('fin', namespace, { complete: isComplete ? 'true' : undefined }, set)
}
