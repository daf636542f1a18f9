// Which received child stands beside which expected one when the two are shown together.
import type { Element } from '../xml/element.ts'
import { attributesOf } from './instructions.ts'
import { isStrict, match, matchText, matchValue } from './match.ts'

/** An expected child and the received one beside it; one of them may be missing. */
export type Pair = readonly [expected: Element | undefined, received: Element | undefined]

/** From here on two tags of one name are shown as one that differs rather than as two. */
const alike = 0.5
/** Children aligned at once; the work grows with the square. */
const alignedLimit = 300

/** Pairs the children of two tags such that as much as possible agrees, in order where the tag is strict. */
export function align(expected: Element, received: Element): Pair[] {
  const wanted = expected.elements()
  const given = received.elements()
  const isLarge = wanted.length > alignedLimit || given.length > alignedLimit
  return isStrict(expected) && !isLarge ? alignInOrder(wanted, given) : alignFreely(wanted, given)
}

/** How much of `expected` is in `received`: from 0, a tag of another name, to 1. */
export function likeness(expected: Element, received: Element): number {
  if (!received.is(expected.name, expected.namespace)) return 0
  // The name counts one, the text one, each attribute and child two.
  let score = matchText(expected, received) ? 2 : 1
  let most = 2
  for (const [name, value] of attributesOf(expected)) {
    const given = received.attribute(name)
    if (given !== undefined && matchValue(value, given)) score += 2
    most += 2
  }
  for (const child of expected.elements()) {
    score += 2 * Math.max(0, ...received.elements().map((other) => likeness(child, other)))
    most += 2
  }
  return score / most
}

function alignFreely(wanted: readonly Element[], given: readonly Element[]): Pair[] {
  const left = new Set(given)
  const partners = new Map<Element, Element>()
  const pairUp = (child: Element, other: Element | undefined) => {
    if (!other) return
    partners.set(child, other)
    left.delete(other)
  }
  for (const child of wanted)
    pairUp(
      child,
      [...left].find((other) => match(child, other)),
    )
  for (const child of wanted) if (!partners.has(child)) pairUp(child, mostAlike(child, left))
  const pairs: Pair[] = wanted.map((child) => [child, partners.get(child)])
  return [...pairs, ...[...left].map((extra): Pair => [undefined, extra])]
}

function mostAlike(child: Element, candidates: ReadonlySet<Element>): Element | undefined {
  const namesakes = [...candidates].filter((other) => other.is(child.name, child.namespace))
  if (namesakes.length < 2) return namesakes[0]
  const scores = namesakes.map((other) => likeness(child, other))
  const best = Math.max(...scores)
  return best > alike ? namesakes[scores.indexOf(best)] : undefined
}

/** The alignment of two lists with the greatest sum of likenesses, by dynamic programming from the end. */
function alignInOrder(wanted: readonly Element[], given: readonly Element[]): Pair[] {
  const gains = wanted.map((child) =>
    given.map((other) => Math.max(0, likeness(child, other) - alike + 0.05)),
  )
  const best = wanted.map(() => new Float64Array(given.length + 1))
  best.push(new Float64Array(given.length + 1))
  const bestAt = (row: number, column: number) => best[row]?.[column] ?? 0
  for (let row = wanted.length - 1; row >= 0; row -= 1) {
    for (let column = given.length - 1; column >= 0; column -= 1) {
      const paired = (gains[row]?.[column] ?? 0) + bestAt(row + 1, column + 1)
      const line = best[row] as Float64Array
      line[column] = Math.max(paired, bestAt(row + 1, column), bestAt(row, column + 1))
    }
  }
  const pairs: Pair[] = []
  let row = 0
  let column = 0
  while (row < wanted.length || column < given.length) {
    const gain = gains[row]?.[column] ?? 0
    if (gain > 0 && bestAt(row, column) === gain + bestAt(row + 1, column + 1)) {
      pairs.push([wanted[row++], given[column++]])
    } else if (
      row < wanted.length &&
      (column >= given.length || bestAt(row, column) === bestAt(row + 1, column))
    ) {
      pairs.push([wanted[row++], undefined])
    } else pairs.push([undefined, given[column++]])
  }
  return pairs
}
