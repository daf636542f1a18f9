import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { cpuTimeOf } from '../../test/cpu-time.ts'
import { Element, element } from '../xml/element.ts'
import { match } from './match.ts'
import { readStanzas } from './stanza-block.ts'

/** An element as a script writes it. */
function xml(text: string): Element {
  const read = readStanzas([{ number: 1, text }], (_line, column, message) =>
    assert.fail(`${column}: ${message}`),
  )
  return read?.[0] as Element
}

const cases: readonly (readonly [rule: string, expected: string, received: string, matches: boolean])[] = [
  ['the name counts', '<iq/>', '<message/>', false],
  ['the namespace counts', "<x xmlns='a'/>", "<x xmlns='b'/>", false],
  ['a prefix does not', "<x xmlns='a'><y/></x>", "<p:x xmlns:p='a'><p:y/></p:x>", true],
  ['jabber:client: more attributes are fine', "<iq id='1'/>", "<iq id='1' to='a'/>", true],
  ['jabber:client: more children are fine', '<iq><a/></iq>', '<iq><b/><a/><c/></iq>', true],
  ['jabber:client: order is free', '<iq><a/><b/></iq>', '<iq><b/><a/></iq>', true],
  ['an attribute that is missing', "<iq id='1'/>", '<iq/>', false],
  ['an attribute that differs', "<iq id='1'/>", "<iq id='2'/>", false],
  ['type has no special part', '<presence/>', "<presence type='error'/>", true],
  ['xml:lang is an attribute like others', "<iq xml:lang='en'/>", "<iq xml:lang='sv'/>", false],
  ['elsewhere: no more attributes', "<q xmlns='a'/>", "<q xmlns='a' b='c'/>", false],
  ['elsewhere: no more children', "<q xmlns='a'><b/></q>", "<q xmlns='a'><b/><c/></q>", false],
  ['elsewhere: order counts', "<q xmlns='a'><b/><c/></q>", "<q xmlns='a'><c/><b/></q>", false],
  ['elsewhere: xml:lang counts', "<q xmlns='a'/>", "<q xmlns='a' xml:lang='en'/>", false],
  ['strict="true" in jabber:client', "<iq scansion:strict='true'/>", "<iq id='1'/>", false],
  ['strict="true" that fits', "<iq scansion:strict='true' id='1'/>", "<iq id='1'/>", true],
  [
    'strict="false" elsewhere',
    "<q xmlns='a' scansion:strict='false'><c/></q>",
    "<q xmlns='a' b='c'><b/><c/></q>",
    true,
  ],
  [
    'strictness is not inherited',
    "<q xmlns='a' scansion:strict='false'><b/></q>",
    "<q xmlns='a'><b c='d'/></q>",
    false,
  ],
  [
    'jabber:client within another namespace is not strict',
    "<f xmlns='a'><message xmlns='jabber:client'/></f>",
    "<f xmlns='a'><message xmlns='jabber:client' id='1'><body/></message></f>",
    true,
  ],
  ['any value', "<iq id='{scansion:any}'/>", "<iq id=''/>", true],
  ['any value, but there', "<iq id='{scansion:any}'/>", '<iq/>', false],
  ['a mark is the whole value', "<iq id='x{scansion:any}'/>", "<iq id='xy'/>", false],
  ['no text expected: any will do', '<body/>', '<body>hello</body>', true],
  ['no text expected, strict', "<t xmlns='a'></t>", "<t xmlns='a'>hello</t>", true],
  ['white space expected: any will do', '<body> </body>', '<body>hello</body>', true],
  ['text that differs', '<body>hello</body>', '<body>hallo</body>', false],
  ['text that is missing', '<body>hello</body>', '<body/>', false],
  ['text is not trimmed by itself', '<body>hello</body>', '<body>hello </body>', false],
  ['text with white space around it is', '<body> hello\n</body>', '<body>hello </body>', true],
  ['any text', '<body>{scansion:any}</body>', '<body>hello</body>', true],
  ['any text, but some', '<body>{scansion:any}</body>', '<body> </body>', false],
  ['white space between tags', '<iq> <a/> <b/> </iq>', '<iq><a/><b/></iq>', true],
  ['two children need two', '<iq><a/><a/></iq>', '<iq><a/></iq>', false],
]

for (const [rule, expected, received, matches] of cases) {
  test(`matching: ${rule}`, () => {
    assert.equal(match(xml(expected), xml(received)) !== undefined, matches)
  })
}

test('captures come in the order of the script, each from the child it was matched with', () => {
  const expected = xml(
    "<iq id='{scansion:capture:id}'><a>{scansion:capture:a}</a><b>{scansion:capture:b}</b></iq>",
  )
  const received = xml("<iq id='7'><b>two</b><a>one</a></iq>")
  assert.deepEqual(match(expected, received), [
    ['id', '7'],
    ['a', 'one'],
    ['b', 'two'],
  ])
})

test('a child that could be any leaves the one that the next needs', () => {
  const expected = xml("<iq><a v='{scansion:capture:other}'/><a v='1'/></iq>")
  assert.deepEqual(match(expected, xml("<iq><a v='1'/><a v='2'/></iq>")), [['other', '2']])
})

/** All ways of giving each of `rows` a column of its own, tried one by one. */
function hasAssignment(
  fits: (row: number, column: number) => boolean,
  rows: number,
  columns: number,
): boolean {
  const place = (row: number, taken: ReadonlySet<number>): boolean => {
    if (row === rows) return true
    for (let column = 0; column < columns; column += 1) {
      if (!taken.has(column) && fits(row, column) && place(row + 1, new Set([...taken, column]))) return true
    }
    return false
  }
  return place(0, new Set())
}

/** The rules once more, by brute force. */
function oracle(expected: Element, received: Element): boolean {
  if (expected.name !== received.name || expected.namespace !== received.namespace) return false
  const wanted = expected.attribute('v')
  const given = received.attribute('v')
  if (wanted !== undefined && given === undefined) return false
  if (wanted !== undefined && wanted !== '{scansion:any}' && wanted !== given) return false
  const isStrict = expected.namespace !== 'jabber:client'
  if (isStrict && wanted === undefined && given !== undefined) return false
  const [inner, outer] = [expected.elements(), received.elements()]
  if (!isStrict) {
    const fits = (row: number, column: number) => oracle(inner[row] as Element, outer[column] as Element)
    return hasAssignment(fits, inner.length, outer.length)
  }
  return (
    inner.length === outer.length && inner.every((child, index) => oracle(child, outer[index] as Element))
  )
}

test('the one-to-one rule agrees with trying every assignment', () => {
  const tree = (values: readonly string[], depth: number): fc.Arbitrary<Element> =>
    fc
      .record({
        namespace: fc.constantFrom('jabber:client', 'jabber:client', 'urn:x'),
        value: fc.option(fc.constantFrom(...values), { nil: undefined }),
        children: depth === 0 ? fc.constant([]) : fc.array(tree(values, depth - 1), { maxLength: 4 }),
      })
      .map(({ namespace, value, children }) => element('a', namespace, { v: value }, ...children))
  const wrap = (children: Element[]) => element('iq', 'jabber:client', {}, ...children)
  const expected = fc.array(tree(['1', '2', '{scansion:any}'], 1), { maxLength: 4 }).map(wrap)
  const received = fc.array(tree(['1', '2'], 1), { maxLength: 5 }).map(wrap)
  let matches = 0
  fc.assert(
    fc.property(expected, received, (wanted, given) => {
      const answer = match(wanted, given) !== undefined
      if (answer) matches += 1
      assert.equal(answer, oracle(wanted, given))
    }),
    { numRuns: 3000, seed: 199 },
  )
  assert.ok(matches > 100, 'too few of the cases match to say anything')
})

test('a stanza matches itself, its children in any order', () => {
  const children = fc.uniqueArray(fc.integer({ min: 0, max: 50 }), { maxLength: 12 })
  fc.assert(
    fc.property(children, fc.infiniteStream(fc.nat()), (values, keys) => {
      const all = values.map((value) => element('a', 'urn:x', { v: String(value) }))
      const shuffled = all.map((child) => ({ child, key: keys.next().value })).sort((a, b) => a.key - b.key)
      const stanza = new Element('iq', 'jabber:client', [], all)
      assert.ok(match(stanza, stanza.with({ children: shuffled.map(({ child }) => child) })))
    }),
    { numRuns: 200, seed: 5 },
  )
})

test('many children that all look alike are matched in reasonable time', () => {
  const many = Array.from({ length: 300 }, () => element('a', 'urn:x', { v: '{scansion:any}' }))
  const wanted = element('iq', 'jabber:client', {}, ...many, element('b', 'urn:x'))
  const given = element('iq', 'jabber:client', {}, ...many, element('c', 'urn:x'))
  const cost = cpuTimeOf(() => assert.equal(match(wanted, given), undefined))
  assert.ok(cost < 2000, `${cost} ms`)
})
