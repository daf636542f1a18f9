import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { element } from '../xml/element.ts'
import { type PageRequest, pageElement, pageOf, pagingNamespace, parsePageRequest } from './paging.ts'

const names = ['a', 'b', 'c', 'd', 'e']

for (const [request, expected, index] of [
  [{}, 'abc', 0],
  [{ max: 2 }, 'ab', 0],
  [{ max: 99 }, 'abc', 0],
  [{ max: 0 }, '', 0],
  [{ after: 'b' }, 'cde', 2],
  [{ after: 'bb' }, 'cde', 2],
  [{ after: 'e' }, '', 5],
  [{ before: '' }, 'cde', 2],
  [{ before: 'c' }, 'ab', 0],
  [{ before: 'cc', max: 1 }, 'c', 2],
  [{ before: 'a' }, '', 0],
  [{ index: 3 }, 'de', 3],
  [{ index: 30 }, '', 5],
] as [PageRequest, string, number][]) {
  test(`XEP-0059 §2: ${JSON.stringify(request)} of abcde in threes: ${expected || 'nothing'}`, () => {
    const page = pageOf(names, request, 3)
    assert.deepEqual([page.items.join(''), page.index, page.count], [expected, index, 5])
    assert.deepEqual([page.first, page.last], [expected.at(0), expected.at(-1)])
  })
}

test('XEP-0059 §2.2: pages put together are the whole, forwards and backwards', () => {
  const sets = fc.uniqueArray(fc.string({ maxLength: 4, minLength: 1 }), { maxLength: 30 })
  fc.assert(
    fc.property(sets, fc.integer({ min: 1, max: 7 }), (unsorted, max) => {
      const sorted = unsorted.sort()
      const forwards: string[] = []
      for (let page = pageOf(sorted, { max }); page.last !== undefined; ) {
        forwards.push(...page.items)
        page = pageOf(sorted, { max, after: page.last })
      }
      const backwards: string[] = []
      for (let page = pageOf(sorted, { max, before: '' }); page.first !== undefined; ) {
        backwards.unshift(...page.items)
        page = pageOf(sorted, { max, before: page.first })
      }
      assert.deepEqual([forwards, backwards], [sorted, sorted])
    }),
    { seed: 59, numRuns: 200 },
  )
})

test('XEP-0059: what is no number is passed over', () => {
  const request = (...children: [string, string][]) =>
    parsePageRequest(
      element(
        'query',
        'urn:example',
        {},
        element(
          'set',
          pagingNamespace,
          {},
          ...children.map(([name, text]) => element(name, pagingNamespace, {}, text)),
        ),
      ),
    )
  assert.equal(parsePageRequest(element('query', 'urn:example')), undefined)
  assert.deepEqual(request(['max', '10'], ['after', 'x']), { max: 10, after: 'x' })
  assert.deepEqual(request(['max', '-1'], ['index', '1e3'], ['before', '']), { before: '' })
  assert.deepEqual(request(['max', '99999999999']), {})
})

test('XEP-0059 §2.1: a page says where it is, an empty one only how many there are', () => {
  const read = (page: ReturnType<typeof pageOf>) =>
    pageElement(page)
      .elements()
      .map((child) => [child.name, child.text, child.attribute('index')])
  assert.deepEqual(read(pageOf(names, { after: 'a', max: 2 })), [
    ['first', 'b', '1'],
    ['last', 'c', undefined],
    ['count', '5', undefined],
  ])
  assert.deepEqual(read(pageOf([], {})), [['count', '0', undefined]])
})
