// A failure in words and lines: what was expected, what came, and what had passed before.
import type { Element } from '../../xml/element.ts'
import { serialize } from '../../xml/serialize.ts'
import { likeness } from '../align.ts'
import { compare, type DiffLine, outline } from '../diff.ts'
import { clientNamespace } from '../names.ts'
import type { Failure } from '../runner.ts'
import type { Script } from '../script.ts'
import type { Paint } from './paint.ts'

/** Stanzas longer than this are cut in the account of what passed before, in characters. */
const shownLength = 400

/** The lines that tell why a script failed. */
export function explainFailure(script: Script, failure: Failure, paint: Paint): string[] {
  const step = script.steps[failure.step - 1]
  const action = step ? `${step.who} ${step.kind}` : 'before the first step'
  const lines = [`${script.file}:${failure.line}: ${paint.bad(`${action}: ${failure.message}`)}`]
  lines.push(...explainStanzas(failure, paint))
  for (const [who, exchanges] of failure.exchanges) {
    if (exchanges.length === 0) continue
    lines.push('', paint.faint(`Last stanzas of ${who} (→ sent, ← received):`))
    for (const { direction, stanza } of exchanges) {
      lines.push(paint.faint(`  ${direction === 'sent' ? '→' : '←'} ${shorten(stanza)}`))
    }
  }
  return lines
}

function explainStanzas(failure: Failure, paint: Paint): string[] {
  const { expected, unmatched } = failure
  if (!expected) return failure.received ? drawAll(outline(failure.received, 'unexpected'), paint) : []
  const nearest = failure.received ?? mostAlike(expected, unmatched)
  const legend = `  ${paint.missing('- expected')}  ${paint.unexpected('+ received')}`
  if (!nearest) return [legend, ...drawAll(outline(expected, 'missing'), paint)]
  const others = unmatched.filter((stanza) => stanza !== nearest)
  const lines = [legend, ...drawAll(compare(expected, nearest), paint)]
  if (others.length > 0) lines.push(paint.faint(`  ${others.length} more did not match either`))
  return lines
}

function mostAlike(expected: Element, candidates: readonly Element[]): Element | undefined {
  let best: Element | undefined
  let bestScore = -1
  for (const candidate of candidates) {
    const score = likeness(expected, candidate)
    if (score >= bestScore) [best, bestScore] = [candidate, score]
  }
  return best
}

const signs = { same: ' ', missing: '-', unexpected: '+', ignored: ' ' } as const
/** Lines in a row that the script does not ask about; of more only the number is told. */
const ignoredShown = 3

function drawAll(lines: readonly DiffLine[], paint: Paint): string[] {
  const drawn: string[] = []
  for (let index = 0; index < lines.length; ) {
    const line = lines[index] as DiffLine
    const ignored = countIgnored(lines, index)
    if (ignored > ignoredShown)
      drawn.push(paint.faint(`    ${indent(line)}… ${ignored} lines not asked about`))
    else drawn.push(draw(line, paint))
    index += ignored > ignoredShown ? ignored : 1
  }
  return drawn
}

function countIgnored(lines: readonly DiffLine[], from: number): number {
  const end = lines.findIndex((line, index) => index >= from && line.kind !== 'ignored')
  return (end < 0 ? lines.length : end) - from
}

function draw(line: DiffLine, paint: Paint): string {
  const inks = {
    same: paint.plain,
    missing: paint.missing,
    unexpected: paint.unexpected,
    ignored: paint.faint,
  }
  const ink = inks[line.kind]
  const pieces = line.pieces.map((piece) => (piece.differs ? paint.strong(ink(piece.text)) : ink(piece.text)))
  return `  ${ink(signs[line.kind])} ${indent(line)}${pieces.join('')}`
}

function indent(line: DiffLine): string {
  return '  '.repeat(line.depth)
}

function shorten(stanza: Element): string {
  const text = serialize(stanza, clientNamespace).replaceAll('\n', ' ')
  return text.length > shownLength ? `${text.slice(0, shownLength - 1)}…` : text
}
