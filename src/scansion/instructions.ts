// `scansion:` attributes and the others: the first are for the runner, only the others are part of a stanza.
import type { Element } from '../xml/element.ts'
import { isInstruction } from './names.ts'

/** An element's attributes as pairs, without instructions to the runner. */
export function attributesOf(element: Element): [name: string, value: string][] {
  const list = element.attributes
  const pairs: [string, string][] = []
  for (let index = 0; index < list.length; index += 2) {
    const name = list[index] as string
    if (!isInstruction(name)) pairs.push([name, list[index + 1] as string])
  }
  return pairs
}
