// XEP-0433 §6.1: the form of a search, and what somebody filled in.
import { type Field, form, parseBoolean, type SubmittedForm } from '../../stanza/form.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import type { Element } from '../../xml/element.ts'
import { type Order, orderName, parseOrder } from './channel-order.ts'
import { folded } from './matches.ts'
import { conflictingFields, searchRefusal } from './search-error.ts'

const searchParametersForm = 'urn:xmpp:channel-search:0:search-params'

/** What somebody searches for. */
export interface Search {
  /** Words that all have to be there, folded; none asks for all rooms. */
  readonly terms: readonly string[]
  readonly places: { readonly name: boolean; readonly description: boolean; readonly address: boolean }
  readonly minUsers: number
  /** Whether rooms as XEP-0045 has them are asked for; there are no others. */
  readonly hasRooms: boolean
  readonly order: Order
}

const roomType = 'xep-0045'
const maxLength = 256
const maxTerms = 10

/** The form, with what counts where a field is left out. */
export function searchForm(): Element {
  const boolean = (name: string, label: string, value: string): Field => ({
    var: name,
    type: 'boolean',
    label,
    values: [value],
  })
  return form({
    type: 'form',
    formType: searchParametersForm,
    fields: [
      { var: 'q', type: 'text-single', label: 'Search for' },
      boolean('all', 'Return all entries (ignore search terms)', 'false'),
      boolean('sinname', 'Search in name', 'true'),
      boolean('sindescription', 'Search in description', 'true'),
      boolean('sinaddr', 'Search in address', 'true'),
      { var: 'min_users', type: 'text-single', label: 'Minimum number of users', values: ['0'] },
      {
        var: 'types',
        type: 'list-multi',
        label: 'Service types',
        values: [roomType],
        options: [{ label: 'XEP-0045 Multi User Chats', value: roomType }],
      },
      {
        var: 'key',
        type: 'list-single',
        label: 'Sort results by',
        values: [orderName('nusers')],
        options: [
          { label: 'Number of online users', value: orderName('nusers') },
          { label: 'Address', value: orderName('address') },
        ],
      },
    ],
  })
}

/**
 * Reads a search. `canListAll`: whether all rooms may be asked for.
 * @throws StanzaError with the conditions of §4.2.2
 */
export function parseSearch(submitted: SubmittedForm, canListAll: boolean): Search {
  const { formType, values, type } = submitted
  if (type !== 'submit' || (formType !== undefined && formType !== searchParametersForm)) {
    throw new StanzaError('bad-request', `a submitted form of ${searchParametersForm} is needed`)
  }
  const text = values.get('q')?.[0]?.trim() ?? ''
  const isAll = booleanOf(submitted, false, 'all')
  if (text !== '' && isAll) {
    throw conflictingFields('one cannot both search for something and get everything', 'all', 'q')
  }
  if (text === '' && !isAll) {
    throw searchRefusal('bad-request', 'cancel', 'no-search-conditions', 'what is searched for?')
  }
  if (isAll && !canListAll) {
    throw searchRefusal('not-allowed', 'cancel', 'full-set-retrieval-rejected', 'not all at once')
  }
  const order = parseOrder(values.get('key')?.[0] ?? orderName('nusers'))
  if (!order) {
    throw searchRefusal('feature-not-implemented', 'modify', 'invalid-sort-key', 'there is no such order')
  }
  return {
    terms: isAll ? [] : termsOf(text),
    places: placesOf(submitted, isAll),
    minUsers: numberOf(values.get('min_users')?.[0] ?? '0'),
    hasRooms: values.get('types')?.includes(roomType) ?? true,
    order,
  }
}

function placesOf(submitted: SubmittedForm, isAll: boolean): Search['places'] {
  const places = {
    name: booleanOf(submitted, true, 'sinname'),
    description: booleanOf(submitted, true, 'sindescription'),
    // The table of fields has the second name, the form the first.
    address: booleanOf(submitted, true, 'sinaddr', 'sinaddress'),
  }
  if (!isAll && !places.name && !places.description && !places.address) {
    throw conflictingFields('something has to be searched', 'sinname', 'sindescription', 'sinaddr')
  }
  return places
}

function termsOf(text: string): string[] {
  const terms = text.length > maxLength ? [] : folded(text).split(/\s+/).filter(hasLetter)
  if (terms.length === 0 || terms.length > maxTerms) {
    const rule = `up to ${maxTerms} words, together at most ${maxLength} characters`
    throw searchRefusal('bad-request', 'modify', 'invalid-search-terms', `one searches for ${rule}`)
  }
  return terms
}

function hasLetter(term: string): boolean {
  return /[\p{L}\p{N}]/u.test(term)
}

function booleanOf({ values }: SubmittedForm, standard: boolean, ...names: string[]): boolean {
  const text = names.map((name) => values.get(name)?.[0]).find((value) => value !== undefined)
  if (text === undefined) return standard
  const value = parseBoolean(text)
  if (value === undefined) throw new StanzaError('bad-request', `${names[0]} is neither true nor false`)
  return value
}

function numberOf(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new StanzaError('bad-request', 'min_users is no number')
  return Number(text)
}
