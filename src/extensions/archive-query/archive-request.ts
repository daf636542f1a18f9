// XEP-0313 §4.1: what a client wants of its archive.
import { type Jid, parseJid } from '../../jid/jid.ts'
import { parseDate } from '../../stanza/delay.ts'
import { formIn, parseBoolean, type SubmittedForm } from '../../stanza/form.ts'
import { parsePageRequest } from '../../stanza/paging.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import type { ArchiveQuery } from '../../storage/storage.ts'
import type { Element } from '../../xml/element.ts'
import { fulltextFields, namespace } from './archive-elements.ts'

/** A query that has been read. */
export interface ArchiveRequest {
  readonly query: ArchiveQuery
  /** §4.1: what every result repeats. */
  readonly queryId: string | undefined
  /** §4.3.4: newest first within the page. */
  readonly isFlipped: boolean
}

/** Bounds of a page, and whether there is an index of words. */
export interface RequestLimits {
  readonly pageSize: number
  readonly maxPageSize: number
  readonly isSearched: boolean
}

/** Every word of a search is looked up by itself. */
const maxTextLength = 500

type Filter = Omit<ArchiveQuery, 'limit'>

/**
 * Reads a `<query/>`.
 * @throws StanzaError bad-request, jid-malformed, not-acceptable for too many ids or words, or feature-not-implemented for
 * fields, nodes and places that are not offered
 */
export function parseArchiveRequest(query: Element, limits: RequestLimits): ArchiveRequest {
  // XEP-0442: archives of nodes belong to services of publish-subscribe.
  if (query.attribute('node') !== undefined) throw notImplemented('there are no archives of nodes')
  const filter = filterOf(query, limits)
  return {
    query: { ...filter, ...pageOf(query, filter, limits) },
    queryId: query.attribute('queryid'),
    isFlipped: query.child('flip-page') !== undefined,
  }
}

// §4.3: ids of RSM are those of the archive.
function pageOf(query: Element, filter: Filter, { pageSize, maxPageSize }: RequestLimits) {
  const { max = pageSize, after, before, index } = parsePageRequest(query) ?? {}
  const limit = Math.min(max, maxPageSize)
  if (before !== undefined) {
    // XEP-0059 §2.5: an empty one is for the last page.
    const bounds = before === '' ? {} : { before }
    return { limit, isCounted: true, backward: true, ...bounds, ...(after === undefined ? {} : { after }) }
  }
  if (after !== undefined) return { limit, isCounted: true, after }
  if (index === undefined) return { limit, isCounted: true }
  const { with: party, text, ids } = filter
  // XEP-0059 §2.6: what is not counted has no index.
  if (party !== undefined || text !== undefined || ids !== undefined) {
    throw notImplemented('only pages of all messages, or of a time, are found by index')
  }
  return { limit, isCounted: true, index }
}

function filterOf(query: Element, limits: RequestLimits): Filter {
  const form = formIn(query)
  if (!form) return {}
  if (form.type !== 'submit') throw badRequest(`a form of type ${form.type} is no query`)
  if (form.formType !== namespace) throw badRequest(`the FORM_TYPE is to be ${namespace}`)
  const filter: Filter = {}
  for (const name of form.values.keys()) Object.assign(filter, filterOfField(form, name, limits))
  return filter
}

/** §4.1.5: a field that is not known is not passed over. */
function filterOfField(form: SubmittedForm, name: string, limits: RequestLimits): Filter {
  if (name === 'ids') return idsOf(form, limits)
  const known = fields.get(name)
  if (!known || (fulltextFields.includes(name) && !limits.isSearched)) {
    throw notImplemented(`there is no field ${name}`)
  }
  const [value = '', another] = form.values.get(name) ?? []
  if (another !== undefined) throw badRequest(`${name} has one value`)
  // XEP-0004 §3.2: a field that was left blank asks for nothing.
  return value === '' ? {} : known(value, name)
}

type ReadField = (value: string, name: string) => Filter

const fields = new Map<string, ReadField>([
  ['with', partyOf],
  ['start', (value, name) => ({ start: dateOf(value, name) })],
  ['end', (value, name) => ({ end: dateOf(value, name) })],
  ['before-id', (value) => ({ olderThan: value })],
  ['after-id', (value) => ({ newerThan: value })],
  ['include-groupchat', checkBoolean],
  ...fulltextFields.map((name): [string, ReadField] => [name, textOf]),
])

// §4.1.1: a bare address is for all of its resources.
function partyOf(value: string): Filter {
  const party: Jid | undefined = parseJid(value)
  if (!party) throw new StanzaError('jid-malformed', '`with` is no address')
  const bare = { with: party.bare.toString() }
  return party.isBare ? bare : { ...bare, resource: party.resource }
}

function dateOf(value: string, name: string): number {
  const when = parseDate(value)
  if (when === undefined) throw badRequest(`${name} is no date and time`)
  return when
}

function textOf(text: string): Filter {
  if (text.length <= maxTextLength) return { text }
  throw new StanzaError('not-acceptable', `at most ${maxTextLength} characters are searched for`)
}

// §4.1.4: archives of accounts have no messages of rooms, with or without.
function checkBoolean(value: string, name: string): Filter {
  if (parseBoolean(value) === undefined) throw badRequest(`${name} is neither true nor false`)
  return {}
}

function idsOf({ values }: SubmittedForm, { maxPageSize }: RequestLimits): Filter {
  const ids = [...new Set(values.get('ids'))]
  if (ids.length === 0) return {}
  if (ids.length <= maxPageSize) return { ids }
  throw new StanzaError('not-acceptable', `at most ${maxPageSize} ids at a time`)
}

function badRequest(text: string): StanzaError {
  return new StanzaError('bad-request', text)
}

function notImplemented(text: string): StanzaError {
  return new StanzaError('feature-not-implemented', text)
}
