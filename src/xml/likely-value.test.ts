import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Element } from './element.ts'
import { serialize } from './serialize.ts'
import { parseDocument, type XmlFault, XmlReader } from './xml.ts'

/** What a stream that is cut after each `size` bytes holds, read by one reader. */
function readAll(
  stanzas: readonly string[],
  size = 1000,
): { elements: Element[]; fault: XmlFault | undefined } {
  const elements: Element[] = []
  const reader = new XmlReader({
    onOpen() {},
    onElement: (element) => void elements.push(element),
    onClose() {},
  })
  const bytes = Buffer.from(`<s>${stanzas.join('')}`)
  let fault: XmlFault | undefined
  for (let at = 0; at < bytes.length; at += size) fault = reader.push(bytes.subarray(at, at + size))
  return { elements, fault }
}

const value = fc.constantFrom(
  'a@x',
  'a@xy',
  'a@x/y',
  '',
  ' a@x',
  'a&amp;b',
  'a&#x62;b',
  'a\tb',
  'é@x',
  'urn:a',
  'urn:ab',
  'x'.repeat(64),
  'x'.repeat(65),
  'urn:"',
)
const stanza = fc
  .record({
    name: fc.constantFrom('message', 'iq', 'm', 'é'),
    attribute: fc.constantFrom('to', 'xmlns', 'id', 'xml:lang'),
    equals: fc.constantFrom('=', ' =', '= '),
    value,
    quote: fc.constantFrom("'", "'", '"'),
    times: fc.integer({ min: 1, max: 4 }),
  })
  .map(({ name, attribute, equals, value: said, quote, times }) => {
    const written = quote === '"' ? said.replaceAll('"', '&quot;') : said
    return `<${name} ${attribute}${equals}${quote}${written}${quote}><body ${attribute}='${said}'/></${name}>`.repeat(
      times,
    )
  })

test('whatever came before, values are read as by somebody who reads them for the first time', () => {
  fc.assert(
    fc.property(fc.array(stanza, { maxLength: 12 }), fc.integer({ min: 1, max: 200 }), (stanzas, size) => {
      const { elements, fault } = readAll(stanzas, size)
      assert.equal(fault, undefined)
      const whole = parseDocument(`<s>${stanzas.join('')}</s>`) as Element
      const alone = stanzas.flatMap((one) => (parseDocument(`<s>${one}</s>`) as Element).children)
      assert.deepEqual(
        elements.map((read) => serialize(read)),
        alone.map((read) => serialize(read as Element)),
      )
      assert.deepEqual(whole.children, alone)
    }),
    { numRuns: 300 },
  )
})

test('a value that came before is no shorter, no longer and no other than it is written', () => {
  const usual = `<iq to='romeo@localhost'/>`.repeat(3)
  const tos = (more: string) =>
    readAll([usual, more])
      .elements.slice(3)
      .map((read) => read.attribute('to'))
  assert.deepEqual(tos(`<iq to='romeo@localhost.example'/>`), ['romeo@localhost.example'])
  assert.deepEqual(tos(`<iq to='romeo@local'/>`), ['romeo@local'])
  assert.deepEqual(tos(`<iq to='julia@localhost'/>`), ['julia@localhost'])
  assert.deepEqual(tos(`<iq to="romeo@localhost"/>`), ['romeo@localhost'])
  assert.deepEqual(tos(`<iq to="romeo@localhost'"/>`), [`romeo@localhost'`])
  assert.equal(readAll([usual, `<iq to='romeo@localhost"/>`]).elements.length, 3)
})

test('what may not stand in a value does not because it came before', () => {
  const escaped = `<iq to='a&lt;b'/>`.repeat(3)
  assert.equal(readAll([escaped, `<iq to='a<b'/>`]).fault?.condition, 'not-well-formed')
  const beyondAscii = `<iq to='\u00e9'/>`.repeat(3)
  const reader = new XmlReader({ onOpen() {}, onElement() {}, onClose() {} })
  assert.equal(reader.push(Buffer.from(`<s>${beyondAscii}`)), undefined)
  assert.ok(reader.push(Buffer.from(`<iq to='\u00e9'/>`, 'latin1')))
})

test('a value that came before is refused where it is too long by now', () => {
  const reader = new XmlReader({ onOpen() {}, onElement() {}, onClose() {} })
  assert.equal(reader.push(Buffer.from(`<s>${`<iq to='romeo@localhost'/>`.repeat(3)}`)), undefined)
  reader.limits = { ...reader.limits, valueLength: 5 }
  assert.equal(reader.push(Buffer.from(`<iq to='romeo@localhost'/>`))?.condition, 'policy-violation')
})
