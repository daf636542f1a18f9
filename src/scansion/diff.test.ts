import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Element } from '../xml/element.ts'
import { compare, type DiffLine } from './diff.ts'
import { readStanzas } from './stanza-block.ts'

function xml(text: string): Element {
  return readStanzas([{ number: 1, text }], (_line, _column, message) => assert.fail(message))?.[0] as Element
}

const signs = { same: ' ', missing: '-', unexpected: '+', ignored: '.' }

/** Lines with their signs; what differs within a line stands in double angle brackets. */
function draw(lines: readonly DiffLine[]): string[] {
  return lines.map(({ kind, depth, pieces }) => {
    const text = pieces.map((piece) => (piece.differs ? `«${piece.text.trim()}»` : piece.text)).join('')
    return `${signs[kind]}${'  '.repeat(depth)}${text}`
  })
}

function diff(expected: string, received: string): string[] {
  return draw(compare(xml(expected), xml(received)))
}

test('attributes stand in the order of the script, and those that differ are marked', () => {
  assert.deepEqual(diff("<iq id='1' type='result'/>", "<iq to='a' type='error' id='1'/>"), [
    "-<iq id='1'«type='result'»/>",
    "+<iq id='1'«type='error'» to='a'/>",
  ])
})

test('an attribute too many is marked where the tag is strict, and only there', () => {
  assert.deepEqual(diff("<q xmlns='a'/>", "<q xmlns='a' b='c'/>"), [
    "-<q xmlns='a'/>",
    "+<q xmlns='a'«b='c'»/>",
  ])
  assert.deepEqual(diff('<iq><a/></iq>', "<iq id='1'><a/></iq>"), [" <iq id='1'>", '   <a/>', ' </iq>'])
})

test('children stand beside the expected one they are most like', () => {
  const expected = "<q xmlns='a'><i n='1' m='1'/><i n='2'/><i n='3'/></q>"
  assert.deepEqual(diff(expected, "<q xmlns='a'><i n='1' m='2'/><i n='3'/><j/></q>"), [
    " <q xmlns='a'>",
    "-  <i n='1'«m='1'»/>",
    "+  <i n='1'«m='2'»/>",
    "-  <i n='2'/>",
    "   <i n='3'/>",
    '+  <j/>',
    ' </q>',
  ])
})

test('what a tag does not ask about is told apart from what it forbids', () => {
  assert.deepEqual(diff('<message><body>a</body></message>', '<message><x/><body>b</body></message>'), [
    ' <message>',
    '-  <body«>a</body>»',
    '+  <body«>b</body>»',
    '.  <x/>',
    ' </message>',
  ])
})

test('an expected child that nothing resembles is shown as missing', () => {
  const received = "<q xmlns='a'><f var='3'/><f var='2'/><f var='4'/></q>"
  assert.deepEqual(diff("<q xmlns='a' scansion:strict='false'><f var='1'/><f var='2'/></q>", received), [
    " <q xmlns='a'>",
    "-  <f var='1'/>",
    "   <f var='2'/>",
    ".  <f var='3'/>",
    ".  <f var='4'/>",
    ' </q>',
  ])
})

test('stanzas of two kinds are shown one after the other', () => {
  assert.deepEqual(diff('<iq><a/></iq>', '<presence/>'), ['-<iq>', '-  <a/>', '-</iq>', '+<presence/>'])
})
