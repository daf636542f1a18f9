// XML §4.1, §4.6: references to characters and to the five entities that XMPP knows (RFC 6120 §11.1).
import { isCharacter } from './characters.ts'
import type { XmlFaultCondition } from './fault.ts'

const entities: ReadonlyMap<string, string> = new Map([
  ['lt', '<'],
  ['gt', '>'],
  ['amp', '&'],
  ['apos', "'"],
  ['quot', '"'],
])

/** Text with its references replaced, or the condition under which it is refused. */
export type Resolved = { readonly text: string } | { readonly refused: XmlFaultCondition }

/** Replaces `&lt;`, `&#60;`, `&#x3C;` and their like. Other entities are `restricted-xml`. */
export function resolveReferences(text: string): Resolved {
  let resolved = ''
  let done = 0
  for (let start = text.indexOf('&'); start >= 0; start = text.indexOf('&', done)) {
    const end = text.indexOf(';', start)
    if (end < 0) return { refused: 'not-well-formed' }
    const name = text.slice(start + 1, end)
    const character = name.charCodeAt(0) === 35 ? numbered(name) : entities.get(name)
    if (character === undefined)
      return { refused: isEntityName.test(name) ? 'restricted-xml' : 'not-well-formed' }
    resolved += text.slice(done, start) + character
    done = end + 1
  }
  return { text: resolved + text.slice(done) }
}

const isEntityName = /^[A-Za-z_:\u0080-\uffff][-.0-9A-Za-z_:\u0080-\uffff]*$/

function numbered(name: string): string | undefined {
  const code = /^#[0-9]+$/.test(name)
    ? Number.parseInt(name.slice(1), 10)
    : /^#x[0-9A-Fa-f]+$/.test(name)
      ? Number.parseInt(name.slice(2), 16)
      : Number.NaN
  return isCharacter(code) ? String.fromCodePoint(code) : undefined
}
