// Expected and received side by side, tag by tag, as lines a terminal can show.
import type { Element } from '../xml/element.ts'
import { escapeAttribute, escapeText } from '../xml/serialize.ts'
import { align } from './align.ts'
import { attributesOf } from './instructions.ts'
import { isStrict, matchText, matchValue } from './match.ts'

/** What a line of a comparison is: in both, only expected, only received, or received and not asked about. */
export type LineKind = 'same' | 'missing' | 'unexpected' | 'ignored'

/** A piece of a line; `differs` where it is what makes the line differ. */
export interface Piece {
  readonly text: string
  readonly differs: boolean
}

/** A line of a comparison. */
export interface DiffLine {
  readonly kind: LineKind
  readonly depth: number
  readonly pieces: readonly Piece[]
}

/** Aligns what came with what was expected: each expected tag with the received one that is most like it. */
export function compare(expected: Element, received: Element): DiffLine[] {
  const lines: DiffLine[] = []
  if (expected.is(received.name, received.namespace)) comparePair(expected, received, 0, '', lines)
  else {
    addWhole(expected, 'missing', 0, '', lines)
    addWhole(received, 'unexpected', 0, '', lines)
  }
  return lines
}

/** An element as lines of one kind. */
export function outline(element: Element, kind: LineKind): DiffLine[] {
  const lines: DiffLine[] = []
  addWhole(element, kind, 0, '', lines)
  return lines
}

function comparePair(
  expected: Element,
  received: Element,
  depth: number,
  outer: string,
  lines: DiffLine[],
): void {
  const textsAgree = matchText(expected, received)
  const pairs = align(expected, received)
  const isEmpty = pairs.length === 0
  const tags = compareTags(expected, received, outer)
  const shown = expected.text.trim()
  const end = `</${expected.name}>`
  if (isEmpty && tags.agree && textsAgree) {
    lines.push(line('same', depth, tags.received, closing(received.text.trim(), end)))
    return
  }
  if (isEmpty) {
    lines.push(line('missing', depth, tags.expected, closing(shown, end), !textsAgree))
    lines.push(line('unexpected', depth, tags.received, closing(received.text.trim(), end), !textsAgree))
    return
  }
  if (tags.agree) lines.push(line('same', depth, tags.received, '>'))
  else {
    lines.push(line('missing', depth, tags.expected, '>'))
    lines.push(line('unexpected', depth, tags.received, '>'))
  }
  if (!textsAgree) {
    lines.push(line('missing', depth + 1, [], escapeText(shown), true))
    lines.push(line('unexpected', depth + 1, [], escapeText(received.text.trim()), true))
  }
  for (const [one, other] of pairs) addPair(expected, one, other, depth + 1, lines)
  lines.push(line('same', depth, [], end))
}

function addPair(
  parent: Element,
  expected: Element | undefined,
  received: Element | undefined,
  depth: number,
  lines: DiffLine[],
): void {
  if (expected && received) comparePair(expected, received, depth, parent.namespace, lines)
  else if (expected) addWhole(expected, 'missing', depth, parent.namespace, lines)
  else if (received) {
    addWhole(received, isStrict(parent) ? 'unexpected' : 'ignored', depth, parent.namespace, lines)
  }
}

/** The start tags of both, without their ends; attributes stand in the order of the script. */
function compareTags(expected: Element, received: Element, outer: string) {
  const start = plain(startOf(expected, outer))
  const wanted: Piece[] = [start]
  const given: Piece[] = [start]
  const seen = new Set<string>()
  for (const [name, value] of attributesOf(expected)) {
    seen.add(name)
    const other = received.attribute(name)
    const agrees = other !== undefined && matchValue(value, other)
    wanted.push({ text: attributeText(name, value), differs: !agrees })
    if (other !== undefined) given.push({ text: attributeText(name, other), differs: !agrees })
  }
  for (const [name, value] of attributesOf(received)) {
    if (!seen.has(name)) given.push({ text: attributeText(name, value), differs: isStrict(expected) })
  }
  const agree = ![...wanted, ...given].some((piece) => piece.differs)
  return { expected: wanted, received: given, agree }
}

function addWhole(element: Element, kind: LineKind, depth: number, outer: string, lines: DiffLine[]): void {
  const tag = [plain(startOf(element, outer))]
  for (const [name, value] of attributesOf(element)) tag.push(plain(attributeText(name, value)))
  const children = element.elements()
  const text = element.text.trim()
  const end = `</${element.name}>`
  if (children.length === 0) {
    lines.push(line(kind, depth, tag, closing(text, end)))
    return
  }
  lines.push(line(kind, depth, tag, '>'))
  if (text !== '') lines.push(line(kind, depth + 1, [], escapeText(text)))
  for (const child of children) addWhole(child, kind, depth + 1, element.namespace, lines)
  lines.push(line(kind, depth, [], end))
}

function line(kind: LineKind, depth: number, tag: readonly Piece[], rest: string, differs = false): DiffLine {
  return { kind, depth, pieces: [...tag, { text: rest, differs }] }
}

function plain(text: string): Piece {
  return { text, differs: false }
}

function startOf(element: Element, outer: string): string {
  const isInherited = element.namespace === outer || (outer === '' && element.namespace === 'jabber:client')
  return isInherited ? `<${element.name}` : `<${element.name} xmlns='${escapeAttribute(element.namespace)}'`
}

function closing(text: string, end: string): string {
  return text === '' ? '/>' : `>${escapeText(text)}${end}`
}

function attributeText(name: string, value: string): string {
  return ` ${name}='${escapeAttribute(value)}'`
}
