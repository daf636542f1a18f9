// The indented lines below `sends` and `receives`: XML of a stream that begins in the middle.
import type { Element } from '../xml/element.ts'
import { XmlReader } from '../xml/xml.ts'
import { readingLimits } from './limits.ts'
import { firstColumn, type Report, type SourceLine } from './lines.ts'
import { clientNamespace, scansionNamespace, streamNamespace, strictAttribute } from './names.ts'

const header = `<stream:stream xmlns='${clientNamespace}' xmlns:stream='${streamNamespace}' xmlns:scansion='${scansionNamespace}'>`

/** The elements in a block of at least one line, or `undefined` after reporting what is wrong with it. */
export function readStanzas(block: readonly SourceLine[], report: Report): readonly Element[] | undefined {
  const elements: Element[] = []
  let closedEarly = false
  const reader = new XmlReader(
    {
      onOpen: () => {},
      onElement: (element) => void elements.push(element),
      onClose: () => (closedEarly = true),
    },
    readingLimits,
  )
  const text = block.map((line) => line.text).join('\n')
  const [first] = block as [SourceLine]
  const last = block.at(-1) as SourceLine
  reader.push(Buffer.from(header))
  const fault = reader.push(Buffer.from(text))
  if (fault) {
    const place = placeOf(block, text, fault.offset - header.length)
    report(place.line, place.column, `expected well-formed XML: ${fault.text}`)
    return undefined
  }
  if (closedEarly)
    return void report(first.number, firstColumn(first.text), 'expected a stanza, not the end of the stream')
  if (reader.push(Buffer.from('</stream:stream>')) || !closedEarly) {
    report(
      last.number,
      last.text.trimEnd().length + 1,
      'expected the end of the stanza: an element is not closed',
    )
    return undefined
  }
  if (elements.length === 0) {
    return void report(first.number, firstColumn(first.text), 'expected one element')
  }
  return elements.every((element) => checkInstructions(element, first, report)) ? elements : undefined
}

/** `scansion:strict` says true or false, nothing else. */
function checkInstructions(element: Element, first: SourceLine, report: Report): boolean {
  const strict = element.attribute(strictAttribute)
  if (strict !== undefined && strict !== 'true' && strict !== 'false') {
    report(
      first.number,
      firstColumn(first.text),
      `expected scansion:strict to be true or false, not “${strict}”`,
    )
    return false
  }
  return element.elements().every((child) => checkInstructions(child, first, report))
}

/** Line and column of a byte in the joined lines of a block. */
function placeOf(
  block: readonly SourceLine[],
  text: string,
  offset: number,
): { line: number; column: number } {
  const before = Buffer.from(text).subarray(0, Math.max(0, offset)).toString().split('\n')
  const line = block[Math.min(before.length, block.length) - 1] as SourceLine
  return { line: line.number, column: Math.min((before.at(-1) ?? '').length, line.text.length) + 1 }
}
