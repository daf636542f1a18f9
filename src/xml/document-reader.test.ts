import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Element } from './element.ts'
import { serialize } from './serialize.ts'
import { DocumentReader, parseDocument } from './xml.ts'

function read(documents: readonly (string | Uint8Array)[]) {
  const roots: Element[] = []
  const reader = new DocumentReader((root) => roots.push(root))
  const faults = documents.map((document) => reader.push(Buffer.from(document as string)))
  return { roots: roots.map((root) => serialize(root)), faults }
}

test('each document is read by itself: what one declares is unknown in the next', () => {
  const { roots, faults } = read(["<a xmlns='urn:a'/>", '<b><c/></b> ', "<?xml version='1.0'?><d>x</d>"])
  assert.deepEqual(roots, ["<a xmlns='urn:a'/>", '<b><c/></b>', '<d>x</d>'])
  assert.deepEqual(faults, [undefined, undefined, undefined])
  assert.equal(read(["<p:a xmlns:p='urn:p'/>", '<p:b/>']).faults[1]?.condition, 'not-well-formed')
})

test('a document that ends too early, or goes on after its root, is refused for ever', () => {
  for (const text of ['', ' ', '<a>', '<a', '<a/><', '<a/><b/>', '<a/>x', '</a>', '<a></b>', '<a/></a>']) {
    const { faults } = read([text, '<good/>'])
    assert.equal(faults[0]?.condition, 'not-well-formed', text)
    assert.equal(faults[1], faults[0])
  }
})

test('limits hold for each document', () => {
  const reader = new DocumentReader(() => {}, { elementBytes: 20 })
  for (let count = 0; count < 5; count += 1)
    assert.equal(reader.push(Buffer.from('<a>123456789</a>')), undefined)
  assert.equal(reader.push(Buffer.from('<a>1234567890123456</a>'))?.condition, 'policy-violation')
})

test('a document is read as parseDocument reads it, whatever came before', () => {
  const pieces = [
    '<a>',
    '</a>',
    '<b/>',
    "<p:c xmlns:p='u'/>",
    'x',
    '&amp;',
    '&',
    ' ',
    '<![CDATA[',
    ']]>',
    'é',
    '\u0000',
    '<!--',
  ]
  const text = fc.array(fc.constantFrom(...pieces), { maxLength: 8 }).map((parts) => parts.join(''))
  const around = text.map((inside) => `<r>${inside}</r>`)
  fc.assert(
    fc.property(fc.array(fc.oneof(around, text), { maxLength: 5 }), (documents) => {
      const { roots, faults } = read(documents)
      const good: string[] = []
      for (const [index, document] of documents.entries()) {
        const parsed = parseDocument(document)
        if (!('condition' in parsed)) good.push(serialize(parsed))
        assert.equal(faults[index] === undefined, !('condition' in parsed), document)
        if ('condition' in parsed) break
      }
      // Of the last document the root may have been told before it was found wrong.
      assert.deepEqual(roots.slice(0, good.length), good)
    }),
    { seed: 20261122, numRuns: 1000 },
  )
})
