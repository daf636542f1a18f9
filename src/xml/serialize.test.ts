// What is written is well-formed and stands for itself, whatever the element.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { SaxesParser } from 'saxes'
import { Element, element, type Node } from './element.ts'
import { escapeAttribute, escapeText, serialize, serializeChildren } from './serialize.ts'
import { parseDocument } from './xml.ts'

const xmlNamespace = 'http://www.w3.org/XML/1998/namespace'

const written: readonly (readonly [string, Element, string])[] = [
  ['nothing inside', element('a', ''), '<a/>'],
  ['an attribute', element('a', '', { b: `<>&'"` }), `<a b='&lt;&gt;&amp;&apos;"'/>`],
  ['white space in an attribute', element('a', '', { b: ' \t\r\n' }), "<a b=' &#9;&#13;&#10;'/>"],
  ['text', element('a', '', {}, `]]><&'"\t\r\n`), `<a>]]&gt;&lt;&amp;'"\t&#13;\n</a>`],
  ['a namespace', element('a', 'urn:x', {}, element('b', 'urn:x')), "<a xmlns='urn:x'><b/></a>"],
  ['another inside', element('a', 'u', {}, element('b', 'v')), "<a xmlns='u'><b xmlns='v'/></a>"],
  ['none inside one', element('a', 'u', {}, element('b', '')), "<a xmlns='u'><b xmlns=''/></a>"],
  ['a namespace to be escaped', element('a', `u'<`), "<a xmlns='u&apos;&lt;'/>"],
  ['xml:lang', element('a', '', { 'xml:lang': 'en' }), "<a xml:lang='en'/>"],
  [
    'other prefixes',
    element('a', '', { '{u}b': '1', '{v}b': '2' }),
    "<a xmlns:a0='u' a0:b='1' xmlns:a2='v' a2:b='2'/>",
  ],
  [
    'an element of the namespace xml',
    element('a', xmlNamespace, {}, element('b', '')),
    '<xml:a><b/></xml:a>',
  ],
  [
    'one inside another',
    element('a', 'u', {}, element('b', xmlNamespace, {}, element('c', 'u'))),
    "<a xmlns='u'><xml:b><c/></xml:b></a>",
  ],
]
for (const [what, given, expected] of written) {
  test(`${what} is written as ${JSON.stringify(expected)}`, () => {
    assert.equal(serialize(given), expected)
    assert.ok(parseDocument(expected) instanceof Element)
  })
}

test('the default namespace in force is not declared again', () => {
  const message = element('message', 'jabber:client', {}, element('body', 'jabber:client', {}, 'hi'))
  assert.equal(serialize(message, 'jabber:client'), '<message><body>hi</body></message>')
  assert.equal(serializeChildren(message.children, 'urn:x'), "<body xmlns='jabber:client'>hi</body>")
})

test('XML §2.2: characters that XML does not allow are written as U+FFFD', () => {
  const bad = '\0\x01\x0b\x1f\ufffe\uffff\ud800 \udc00'
  const expected = '\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd \ufffd'
  assert.equal(escapeText(bad), expected)
  assert.equal(escapeAttribute(bad), expected)
  assert.equal(escapeText(`<${bad}😀`), `&lt;${expected}😀`)
  assert.equal(escapeText('a\ud800'), 'a\ufffd')
  assert.equal(escapeAttribute('\udc00a'), '\ufffda')
  assert.equal(escapeText('é\x7f\x80\ud7ff\ue000\ufffd😀'), 'é\x7f\x80\ud7ff\ue000\ufffd😀')
})

const anything = fc.string({ unit: 'binary', maxLength: 10 })
const name = fc.constantFrom('a', 'b', 'é', '_', 'xml', 'xmlns-', 'a.b')
const tree = fc.letrec<{ node: Node; element: Element }>((tie) => ({
  node: fc.oneof({ depthSize: 'small' }, anything, tie('element')),
  element: fc
    .tuple(
      name,
      fc.oneof(anything, fc.constant(xmlNamespace)),
      fc.dictionary(
        fc.oneof(
          name,
          fc.tuple(fc.constantFrom('u', 'v w', "'<&"), name).map(([uri, local]) => `{${uri}}${local}`),
        ),
        anything,
        { maxKeys: 4 },
      ),
      fc.array(tie('node'), { maxLength: 3 }),
    )
    .map(([local, uri, attributes, children]) => element(local, uri, attributes, ...children)),
})).element

test('whatever was built is written well-formed, to us and to saxes', () => {
  fc.assert(
    fc.property(tree, (built) => {
      const text = serialize(built)
      assert.ok(parseDocument(text) instanceof Element, text)
      const parser = new SaxesParser({ xmlns: true })
      parser.on('error', (error) => assert.fail(`${error.message}: ${text}`))
      parser.write(text).close()
    }),
    { seed: 20260102, numRuns: 500 },
  )
})
