// The work stays in proportion to the bytes, whatever they are and however they are cut.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Element } from './element.ts'
import { serialize } from './serialize.ts'
import { parseDocument, type XmlLimits, XmlReader } from './xml.ts'

const factor = 8
const most = 2 * factor
const fewRounds = 5
const patienceMs = 8000
const unlimited: XmlLimits = {
  elementBytes: 1 << 30,
  depth: 1 << 30,
  elements: 1 << 30,
  attributes: 1 << 30,
  nameLength: 1 << 30,
  valueLength: 1 << 30,
}

/** How long it takes to read this in pieces of `size` bytes, in milliseconds. */
function timeToRead(text: string, size: number, isHeld = false): number {
  const reader = new XmlReader({ onOpen() {}, onElement() {}, onClose() {} }, unlimited)
  if (isHeld) reader.hold()
  const bytes = Buffer.from(text)
  const start = performance.now()
  for (let at = 0; at < bytes.length; at += size) reader.push(bytes.subarray(at, at + size))
  if (isHeld) reader.proceed()
  return performance.now() - start
}

/**
 * Whether eight times as much takes less than sixteen times as long. Other work on the machine can only make a round
 * slower, so the fastest of many rounds counts; quadratic work would take 64 times as long in each of them.
 */
function assertLinear(time: (size: number) => number, size: number): void {
  let once = Number.POSITIVE_INFINITY
  let more = Number.POSITIVE_INFINITY
  const until = performance.now() + patienceMs
  for (let round = 0; round < fewRounds || performance.now() < until; round += 1) {
    once = Math.min(once, time(size))
    more = Math.min(more, time(factor * size))
    if (round + 1 >= fewRounds && more <= most * once) return
  }
  assert.fail(`${size}: ${once} ms, ${factor * size}: ${more} ms`)
}

function repeat(count: number, make: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => make(index)).join('')
}

const inPieces: readonly (readonly [string, number, (size: number) => string])[] = [
  ['attributes', 750, (size) => `<s><a ${repeat(size, (index) => `n${index}='' `)}/>`],
  [
    'attributes in a namespace',
    750,
    (size) => `<s xmlns:p='u'><a ${repeat(size, (index) => `p:n${index}='' `)}/>`,
  ],
  ['prefixes on one element', 750, (size) => `<s><a ${repeat(size, (index) => `xmlns:n${index}='u' `)}/>`],
  [
    'prefixes in use',
    500,
    (size) =>
      `<s><a ${repeat(size, (index) => `xmlns:n${index}='u' `)}>${repeat(size, (index) => `<n${index}:a/>`)}</a>`,
  ],
  [
    'the same prefix inside itself',
    500,
    (size) => `<s>${repeat(size, (index) => `<p:a xmlns:p='u${index}'>`)}${'</p:a>'.repeat(size)}`,
  ],
  ['elements', 2000, (size) => `<s><a>${'<b/>'.repeat(size)}</a>`],
  ['top-level elements', 2000, (size) => `<s>${'<b/>'.repeat(size)}`],
  ['elements inside each other', 1250, (size) => `<s>${'<a>'.repeat(size)}${'</a>'.repeat(size)}`],
  ['a text', 25_000, (size) => `<s><a>${'x'.repeat(size)}</a>`],
  ['a text beyond ASCII', 7500, (size) => `<s><a>${'é'.repeat(size)}</a>`],
  ['a text that does not end', 25_000, (size) => `<s><a>${'x'.repeat(size)}`],
  ['a value', 25_000, (size) => `<s><a b='${'x'.repeat(size)}'/>`],
  ['a value that does not end', 25_000, (size) => `<s><a b='${'x'.repeat(size)}`],
  ['a name', 25_000, (size) => `<s><${'x'.repeat(size)}/>`],
  ['entities', 2500, (size) => `<s><a>${'&lt;'.repeat(size)}</a>`],
  ['entities in a value', 2500, (size) => `<s><a b='${'&#60;'.repeat(size)}'/>`],
  ['ends of line', 5000, (size) => `<s><a>${'\r\n'.repeat(size)}</a>`],
  ['CDATA sections', 1250, (size) => `<s><a>${'<![CDATA[x]]>'.repeat(size)}</a>`],
  ['brackets in a section', 12_500, (size) => `<s><a><![CDATA[${']'.repeat(size)}]]></a>`],
  ['white space in a tag', 12_500, (size) => `<s><a${' '.repeat(size)}/>`],
  ['white space in an end tag', 12_500, (size) => `<s><a></a${' '.repeat(size)}>`],
  ['white space between elements', 25_000, (size) => `<s>${' '.repeat(size)}`],
  ['white space in the declaration', 12_500, (size) => `<?xml version='1.0'${' '.repeat(size)}?><s>`],
  ['a declaration that does not end', 12_500, (size) => `<?xml ${'x'.repeat(size)}`],
  ['words in a tag', 5000, (size) => `<s><a${" b='>'".repeat(size)}`],
]
for (const [what, size, make] of inPieces) {
  test(`${what}: the time is in proportion to the size, whole and byte by byte`, () => {
    assertLinear((count) => timeToRead(make(count), 1 << 30), size)
    assertLinear((count) => timeToRead(make(count), 1), Math.ceil(size / 8))
  })
}

test('bytes pushed while reading is held: the time is in proportion to their number', () => {
  assertLinear((count) => timeToRead(`<s>${'<a/>'.repeat(count)}`, 1, true), 1250)
})

test('writing: the time is in proportion to the size', () => {
  const make = (size: number) =>
    parseDocument(
      `<a ${repeat(size, (index) => `n${index}='&lt;' `)}>${"<b xmlns='u'>&amp;</b>".repeat(size)}</a>`,
      {
        limits: unlimited,
      },
    ) as Element
  const elements = new Map([250, factor * 250].map((size) => [size, make(size)]))
  const time = (size: number) => {
    const start = performance.now()
    assert.ok(serialize(elements.get(size) ?? new Element('a', '')).length > size)
    return performance.now() - start
  }
  assertLinear(time, 250)
})
