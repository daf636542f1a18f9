// Whether a received stanza is what the script expects.
import type { Element } from '../xml/element.ts'
import { attributesOf } from './instructions.ts'
import { clientNamespace, strictAttribute } from './names.ts'

/** What `{scansion:capture:NAME}` caught: name and value, in the order of the script. */
export type Captures = readonly (readonly [name: string, value: string])[]

type Caught = [name: string, value: string][]

/** What the match caught, or `undefined` if `received` is not what `expected` asks for. */
export function match(expected: Element, received: Element): Captures | undefined {
  if (!received.is(expected.name, expected.namespace)) return undefined
  const caught: Caught = []
  if (!matchAttributes(expected, received, caught)) return undefined
  if (!matchText(expected, received, caught)) return undefined
  const inside = isStrict(expected)
    ? matchInOrder(expected.elements(), received.elements())
    : matchOneToOne(expected.elements(), received.elements())
  return inside && [...caught, ...inside]
}

/** Whether nothing but what is written may be in `expected`: outside jabber:client unless the tag says otherwise. */
export function isStrict(expected: Element): boolean {
  const said = expected.attribute(strictAttribute)
  return said === undefined ? expected.namespace !== clientNamespace : said === 'true'
}

/** Whether `value` satisfies what the script writes for it; remembers it if the script asks for that. */
export function matchValue(wanted: string, value: string, caught: Caught = []): boolean {
  if (wanted === '{scansion:any}') return true
  const name = /^\{scansion:capture:([^}]+)\}$/.exec(wanted)?.[1]
  if (name === undefined) return wanted === value
  caught.push([name, value])
  return true
}

/** Whether the text directly inside `received` is what `expected` asks for. */
export function matchText(expected: Element, received: Element, caught: Caught = []): boolean {
  const wanted = expected.text
  const trimmed = wanted.trim()
  if (trimmed === '') return true
  const text = received.text
  // A mark stands for some text, so there has to be some.
  if (isMark(trimmed) && text.trim() === '') return false
  return trimmed === wanted ? matchValue(wanted, text, caught) : matchValue(trimmed, text.trim(), caught)
}

function isMark(text: string): boolean {
  return /^\{scansion:(any|capture:[^}]+)\}$/.test(text)
}

function matchAttributes(expected: Element, received: Element, caught: Caught): boolean {
  const wanted = attributesOf(expected)
  for (const [name, value] of wanted) {
    const given = received.attribute(name)
    if (given === undefined || !matchValue(value, given, caught)) return false
  }
  return !isStrict(expected) || received.attributes.length === wanted.length * 2
}

function matchInOrder(expected: readonly Element[], received: readonly Element[]): Captures | undefined {
  if (expected.length !== received.length) return undefined
  const caught: Caught = []
  for (const [index, wanted] of expected.entries()) {
    const captures = match(wanted, received[index] as Element)
    if (!captures) return undefined
    caught.push(...(captures as Caught))
  }
  return caught
}

/** Each expected child needs a received one of its own: a bipartite matching by augmenting paths. */
function matchOneToOne(expected: readonly Element[], received: readonly Element[]): Captures | undefined {
  if (expected.length > received.length) return undefined
  const table = expected.map((wanted) => received.map((given) => match(wanted, given)))
  const takenBy = pairUp(table)
  if (!takenBy) return undefined
  const captures: Captures[] = []
  for (const [column, row] of takenBy.entries()) captures[row] = table[row]?.[column] ?? []
  return captures.flat()
}

/** For each column the row it serves, such that every row has a column; `undefined` if there is no such choice. */
function pairUp(table: readonly (readonly unknown[])[]): Map<number, number> | undefined {
  const rowByColumn = new Map<number, number>()
  const place = (row: number, tried: Set<number>): boolean => {
    for (const [column, fits] of (table[row] ?? []).entries()) {
      if (!fits || tried.has(column)) continue
      tried.add(column)
      const other = rowByColumn.get(column)
      if (other === undefined || place(other, tried)) {
        rowByColumn.set(column, row)
        return true
      }
    }
    return false
  }
  for (const row of table.keys()) if (!place(row, new Set())) return undefined
  return rowByColumn
}
