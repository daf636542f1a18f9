import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { queryText } from '../../../test/archive.ts'
import { StanzaError } from '../../stanza/stanza-error.ts'
import type { ArchiveQuery } from '../../storage/storage.ts'
import type { Element } from '../../xml/element.ts'
import { parseDocument } from '../../xml/xml.ts'
import { type ArchiveRequest, parseArchiveRequest } from './archive-request.ts'

const limits = { pageSize: 20, maxPageSize: 50, isSearched: true }
const fulltext = '{urn:xmpp:fulltext:0}fulltext'

function parse(text: string, isSearched = true): ArchiveRequest {
  return parseArchiveRequest(parseDocument(text) as Element, { ...limits, isSearched })
}

const queryOf = (question: Parameters<typeof queryText>[0]) => parse(queryText(question)).query

const standard = { limit: 20, isCounted: true }

const fields: [Record<string, string | string[]>, Partial<ArchiveQuery>][] = [
  [{}, {}],
  [{ with: 'Juliet@Example.NET' }, { with: 'juliet@example.net' }],
  [{ with: 'juliet@example.net/Balcony' }, { with: 'juliet@example.net', resource: 'Balcony' }],
  [{ with: 'example.net' }, { with: 'example.net' }],
  [{ start: '2026-01-01T00:00:00Z' }, { start: Date.UTC(2026, 0, 1) }],
  [{ end: '2026-01-01T02:00:00.250+02:00' }, { end: Date.UTC(2026, 0, 1) + 250 }],
  [
    { 'before-id': 'b', 'after-id': 'a' },
    { olderThan: 'b', newerThan: 'a' },
  ],
  [{ ids: ['a', 'b', 'a'] }, { ids: ['a', 'b'] }],
  [{ 'include-groupchat': 'true' }, {}],
  [{ 'include-groupchat': '0' }, {}],
  [{ [fulltext]: 'but soft' }, { text: 'but soft' }],
  [{ withtext: 'but soft' }, { text: 'but soft' }],
  // XEP-0004 §3.2: left blank.
  [{ with: '', start: '', end: [], ids: [], 'before-id': '', [fulltext]: '' }, {}],
]

for (const [given, expected] of fields) {
  test(`XEP-0313 §4.1: ${JSON.stringify(given)} asks for ${JSON.stringify(expected)}`, () => {
    assert.deepEqual(queryOf({ fields: given }), { ...standard, ...expected })
  })
}

const pages: [string | undefined, Partial<ArchiveQuery>][] = [
  [undefined, {}],
  ['', {}],
  ['<max>5</max>', { limit: 5 }],
  ['<max>0</max>', { limit: 0 }],
  ['<max>5000</max>', { limit: 50 }],
  ['<after>a</after>', { after: 'a' }],
  ['<before/>', { backward: true }],
  ['<before>b</before><max>3</max>', { backward: true, before: 'b', limit: 3 }],
  ['<before>b</before><after>a</after>', { backward: true, before: 'b', after: 'a' }],
  ['<index>7</index>', { index: 7 }],
]

for (const [set, expected] of pages) {
  test(`XEP-0313 §4.3: ${set ?? 'no <set/>'} asks for ${JSON.stringify(expected)}`, () => {
    assert.deepEqual(queryOf(set === undefined ? {} : { set }), { ...standard, ...expected })
  })
}

const x = (inside: string, type = 'submit') =>
  `<query xmlns='urn:xmpp:mam:2'><x xmlns='jabber:x:data' type='${type}'>${inside}</x></query>`
const field = (name: string, ...values: string[]) =>
  `<field var='${name}'>${values.map((value) => `<value>${value}</value>`).join('')}</field>`
const formType = field('FORM_TYPE', 'urn:xmpp:mam:2')

const refused: [what: string, text: string, condition: string][] = [
  ['a form of no type', x(field('with', 'a@b')), 'bad-request'],
  ['a form of another type', x(field('FORM_TYPE', 'urn:xmpp:mam:1')), 'bad-request'],
  ['a form that was cancelled', x(formType, 'cancel'), 'bad-request'],
  ['a field nobody knows', x(formType + field('colour', 'red')), 'feature-not-implemented'],
  ['a node', `<query xmlns='urn:xmpp:mam:2' node='n'/>`, 'feature-not-implemented'],
  ['no address', x(formType + field('with', '@@')), 'jid-malformed'],
  ['no date', x(formType + field('start', 'yesterday')), 'bad-request'],
  ['a date without a time', x(formType + field('end', '2026-01-01')), 'bad-request'],
  ['a date that is none', x(formType + field('end', '2026-13-41T00:00:00Z')), 'bad-request'],
  ['two dates', x(formType + field('start', '2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z')), 'bad-request'],
  ['neither true nor false', x(formType + field('include-groupchat', 'maybe')), 'bad-request'],
  [
    'too many ids',
    x(formType + field('ids', ...Array.from({ length: 51 }, (_, i) => `${i}`))),
    'not-acceptable',
  ],
]

for (const [what, text, condition] of refused) {
  test(`XEP-0313 §4.1: a query with ${what} is refused: ${condition}`, () => {
    assert.throws(() => parse(text), { name: 'StanzaError', condition })
  })
}

test('XEP-0059 §2.6: only what is counted is found by index', () => {
  for (const fields of [{ with: 'a@b' }, { ids: ['a'] }, { withtext: 'a' }]) {
    assert.throws(() => queryOf({ fields, set: '<index>7</index>' }), {
      condition: 'feature-not-implemented',
    })
  }
  const fields = { start: '2026-01-01T00:00:00Z', 'after-id': 'a' }
  assert.equal(queryOf({ fields, set: '<index>7</index>' }).index, 7)
})

test('XEP-0431: where nothing can be searched there is no such field', () => {
  for (const name of [fulltext, 'withtext']) {
    assert.throws(() => parse(queryText({ fields: { [name]: 'soft' } }), false), {
      condition: 'feature-not-implemented',
    })
  }
})

test('whatever a form says, it is read or refused with a reason', () => {
  const names = fc.oneof(fc.constantFrom('with', 'start', 'end', 'ids', 'before-id', 'withtext'), fc.string())
  const given = fc.dictionary(names, fc.array(fc.string()), { maxKeys: 4 })
  const escaped = (text: string) => text.replace(/[&<>']/g, '').replace(/[^ -~]/g, '')
  fc.assert(
    fc.property(given, (values) => {
      const fields = Object.fromEntries(
        Object.entries(values).map(([name, list]) => [escaped(name), list.map(escaped)]),
      )
      try {
        assert.ok(queryOf({ fields }).limit > 0)
      } catch (error) {
        assert.ok(error instanceof StanzaError && error.message !== '')
      }
    }),
    { seed: 313, numRuns: 300 },
  )
})
