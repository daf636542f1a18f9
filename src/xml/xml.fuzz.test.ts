// Properties of the reader, with `saxes` as a second opinion.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { SaxesParser } from 'saxes'
import { Element, type Node } from './element.ts'
import { serialize } from './serialize.ts'
import { parseDocument, type XmlFault, XmlReader } from './xml.ts'

const seed = 20260101

/** Text with what is likely to matter in it. */
const text = fc.string({
  unit: fc.constantFrom(...'abz 019<>&\'"\t\n\r]-éя漢😀\u{10ffff}\ufffd\u00a0'),
  maxLength: 12,
})
const name = fc.constantFrom(
  'a',
  'b',
  'body',
  'to',
  'é',
  'x-y.z',
  '_1',
  '__proto__',
  'constructor',
  'message',
  'id',
)
const namespace = fc.constantFrom('', 'jabber:client', 'urn:x', "urn:<&'", '__proto__')
const attributeName = fc.oneof(
  name,
  name.map((local) => `xml:${local}`),
  fc.tuple(namespace, name).map(([uri, local]) => (uri === '' ? local : `{${uri}}${local}`)),
)
const tree = fc.letrec<{ node: Node; element: Element }>((tie) => ({
  node: fc.oneof({ depthSize: 'small', withCrossShrink: true }, text, tie('element')),
  element: fc
    .tuple(
      name,
      namespace,
      fc.dictionary(attributeName, text, { maxKeys: 5 }),
      fc.array(tie('node'), { maxLength: 4 }),
    )
    .map(
      ([local, uri, attributes, children]) =>
        new Element(local, uri, Object.entries(attributes).flat(), children),
    ),
})).element

/** What is the same of two elements that mean the same: text joined, attributes in order of name. */
function canonical(node: Node): unknown {
  if (typeof node === 'string') return node
  const attributes = Array.from({ length: node.attributes.length / 2 }, (_, index) =>
    node.attributes.slice(index * 2, index * 2 + 2),
  )
  attributes.sort(([first = ''], [second = '']) => (first < second ? -1 : 1))
  const children: unknown[] = []
  for (const child of node.children) {
    if (typeof child === 'string' && typeof children.at(-1) === 'string')
      children.push(children.pop() + child)
    else if (child !== '') children.push(canonical(child))
  }
  return [node.name, node.namespace, attributes, children]
}

/** The root of a document as `saxes` reads it, `undefined` if it refuses it or RFC 6120 §11.1 does. */
function readWithSaxes(document: string): Element | undefined {
  const parser = new SaxesParser({ xmlns: true })
  const open: { element: Element; children: Node[] }[] = []
  let root: Element | undefined
  let isRefused = false
  const refuse = () => {
    isRefused = true
  }
  for (const event of ['error', 'comment', 'doctype', 'processinginstruction'] as const)
    parser.on(event, refuse)
  parser.on('opentag', (tag) => {
    const attributes: string[] = []
    for (const { uri, local, value } of Object.values(tag.attributes)) {
      if (uri === 'http://www.w3.org/2000/xmlns/') continue
      const isXml = uri === 'http://www.w3.org/XML/1998/namespace'
      attributes.push(isXml ? `xml:${local}` : uri === '' ? local : `{${uri}}${local}`, value)
    }
    const children: Node[] = []
    const element = new Element(tag.local, tag.uri, attributes, children)
    open.at(-1)?.children.push(element)
    root ??= element
    open.push({ element, children })
  })
  parser.on('text', (found) => open.at(-1)?.children.push(found))
  parser.on('cdata', (found) => open.at(-1)?.children.push(found))
  parser.on('closetag', () => open.pop())
  parser.write(document).close()
  return isRefused ? undefined : root
}

/** A document cut in two places out of place and put together with something in between. */
const mutated = fc
  .tuple(
    tree.map((element) => serialize(element)),
    fc.array(
      fc.tuple(
        fc.nat(400),
        fc.nat(3),
        fc.constantFrom(
          '',
          '',
          '<',
          '>',
          '&',
          ';',
          '=',
          ' ',
          '/',
          "'",
          '"',
          ':',
          '!',
          '?',
          ']]>',
          '<![CDATA[',
          '&lt;',
          '&#9;',
          '&#xD;',
          '&#0;',
          '&#xD800;',
          '&x;',
          '&#x1F600;',
          '<a>',
          '</a>',
          "<a b='1'/>",
          " xmlns:p='urn:x'",
          " xmlns:q='urn:x'",
          " p:a='1'",
          " q:a='2'",
          '<p:a>',
          '</p:a>',
          " xmlns=''",
          " xmlns:p=''",
          " xml:a='1'",
          " xmlns:xml='urn:x'",
          " xmlns:xmlns='urn:x'",
          " xmlns:xml='http://www.w3.org/XML/1998/namespace'",
          " a='1'",
          " to = 'x'",
          '\u0000',
          '\ufffe',
          '\r\n',
          '\r',
          '\t',
          'é',
          '😀',
          '<!--',
          '<?x?>',
          '<!DOCTYPE a>',
          '\u0085',
          '\u2028',
        ),
      ),
      { maxLength: 4 },
    ),
  )
  .map(([document, changes]) => {
    let result = document
    for (const [where, drop, insert] of changes) {
      const characters = Array.from(result)
      const at = where % (characters.length + 1)
      result = characters.slice(0, at).join('') + insert + characters.slice(at + drop).join('')
    }
    return result
  })

test('what is written is read again as what it was', () => {
  fc.assert(
    fc.property(tree, (element) => {
      const read = parseDocument(serialize(element))
      assert.ok(read instanceof Element, serialize(element))
      assert.deepEqual(canonical(read), canonical(element))
    }),
    { seed, numRuns: 400 },
  )
})

test('a document means to us what it means to saxes, and what either refuses the other does', () => {
  let accepted = 0
  let refused = 0
  fc.assert(
    fc.property(mutated, (document) => {
      const expected = readWithSaxes(document)
      const read = parseDocument(document)
      if (read instanceof Element) accepted += 1
      else refused += 1
      assert.deepEqual(
        read instanceof Element ? canonical(read) : undefined,
        expected && canonical(expected),
        JSON.stringify(document),
      )
    }),
    { seed, numRuns: 4000 },
  )
  assert.ok(accepted > 400 && refused > 400, `${accepted} accepted, ${refused} refused`)
})

interface Told {
  readonly events: string[]
  readonly condition: string | undefined
}

function readInPieces(bytes: Uint8Array, sizes: readonly number[]): Told {
  const events: string[] = []
  const reader = new XmlReader({
    onOpen: (root, namespaces) => events.push(`open ${serialize(root)} ${JSON.stringify([...namespaces])}`),
    onElement: (element) => events.push(serialize(element)),
    onClose: () => events.push('close'),
  })
  let fault: XmlFault | undefined
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1
    // The buffer is the caller's again: what it is filled with later may not matter.
    const piece = Uint8Array.from(bytes.subarray(at, at + size))
    fault = reader.push(piece)
    piece.fill(0)
    at += size
  }
  return { events, condition: fault?.condition }
}

test('any cutting of the bytes gives the same elements and the same end', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 })
  fc.assert(
    fc.property(fc.array(mutated, { maxLength: 3 }), sizes, (documents, cutting) => {
      const stream = `<?xml version='1.0'?><s:stream xmlns:s='urn:s' xmlns='jabber:client'>${documents.join(' ')} </s:stream>`
      const bytes = Buffer.from(stream)
      const whole = readInPieces(bytes, [bytes.length])
      const pieces = readInPieces(bytes, cutting)
      assert.deepEqual(pieces.events, whole.events)
      // A tag that never ends is looked at again only when it has doubled, so its fault may still be to come.
      if (pieces.condition !== undefined) assert.equal(pieces.condition, whole.condition)
    }),
    { seed, numRuns: 800 },
  )
})

test('any bytes whatever are refused or wait, never throw, and a fault stays', () => {
  const piece = fc.uint8Array({ maxLength: 40 })
  fc.assert(
    fc.property(fc.boolean(), fc.array(piece, { maxLength: 4 }), (isOpen, pieces) => {
      const reader = new XmlReader({ onOpen() {}, onElement() {}, onClose() {} })
      if (isOpen) reader.push(Buffer.from('<stream><a>'))
      let fault: XmlFault | undefined
      for (const bytes of pieces) {
        const next = reader.push(bytes)
        if (fault !== undefined) assert.equal(next, fault)
        fault = next
      }
    }),
    { seed, numRuns: 2000 },
  )
})

test('UTF-8 is taken and refused as the Encoding Standard does, but for U+FFFE and U+FFFF', () => {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  const tricky = fc.constantFrom(
    0x41,
    0x7f,
    0x80,
    0xbf,
    0xc0,
    0xc1,
    0xc2,
    0xdf,
    0xe0,
    0xed,
    0xef,
    0xf0,
    0xf4,
    0xf5,
    0x90,
    0x9f,
    0xa0,
  )
  fc.assert(
    fc.property(fc.array(tricky, { maxLength: 5 }), fc.boolean(), (list, isValue) => {
      const bytes = Uint8Array.from(list)
      let expected: string | undefined
      try {
        expected = decoder.decode(bytes)
      } catch {}
      if (expected !== undefined && /[\ufffe\uffff]/.test(expected)) expected = undefined
      const around = isValue ? ["<a b='", "'/>"] : ['<a>', '</a>']
      const read = parseDocument(
        Buffer.concat([Buffer.from(around[0] ?? ''), bytes, Buffer.from(around[1] ?? '')]),
      )
      const found = read instanceof Element ? (isValue ? read.attribute('b') : read.text) : undefined
      assert.equal(found, expected)
    }),
    { seed, numRuns: 4000 },
  )
})
