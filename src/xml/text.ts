// Characters between tags and in values: XML §2.4, §2.7, §2.11, §3.3.3, §4.1.
import {
  ampersand,
  beyondAscii,
  carriageReturn,
  greaterThan,
  lessThan,
  sectionClasses,
  skip,
  textClasses,
} from './characters.ts'
import { resolveReferences } from './references.ts'
import type { Source } from './source.ts'
import type { Tokens } from './tag.ts'
import { characterEnd } from './utf8.ts'

// What characters hold besides ordinary ones.
export const holdsReference = 1
export const holdsReturn = 2
export const holdsBeyondAscii = 4
export const holdsLine = 8

const bracket = 0x5d

/** Reads what stands between tags. */
export class TextReader {
  readonly #source: Source
  readonly #tokens: Tokens

  constructor(source: Source, tokens: Tokens) {
    this.#source = source
    this.#tokens = tokens
  }

  /** Reads text up to the next `<`; false if that has not come, or something is wrong. */
  read(): boolean {
    const source = this.#source
    const { bytes, at: start, end } = source
    if (source.isUntouched) {
      const at = skip(textClasses, bytes, start, end)
      if (at < end && textClasses[bytes[at] as number] === lessThan) {
        this.#tokens.text(source.ascii(start, at))
        source.at = at
        return true
      }
    }
    const at = this.#find(textClasses)
    return at >= 0 && this.#give(at, at)
  }

  /** Reads the inside of a CDATA section and its `]]>`; false if that has not come, or something is wrong. */
  readSection(): boolean {
    const at = this.#find(sectionClasses)
    return at >= 0 && this.#give(at - 2, at + 1)
  }

  /** Where the text is over: at `<`, or at the `>` of `]]>` in a section; -1 if it is not, or is wrong. */
  #find(classes: Uint8Array): number {
    const source = this.#source
    const { bytes, end } = source
    let at = skip(classes, bytes, source.at + source.searched, end)
    while (at < end) {
      const meaning = classes[bytes[at] as number]
      if (meaning === lessThan) return at
      if (meaning === greaterThan && this.#isSectionEnd(at))
        return classes === sectionClasses ? at : this.#refuseSectionEnd(at)
      const next = this.#stepOver(meaning, at)
      if (next < 0) return -1
      if (next === 0) break
      at = skip(classes, bytes, next, end)
    }
    source.wait(at - source.at)
    return -1
  }

  /** Notes what is special at `at`; answers where to go on, 0 if that has not come, -1 if it is wrong. */
  #stepOver(meaning: number | undefined, at: number): number {
    const source = this.#source
    let next = at + 1
    if (meaning === ampersand) source.holds |= holdsReference
    else if (meaning === carriageReturn) source.holds |= holdsReturn
    else if (meaning !== greaterThan) {
      next = meaning === beyondAscii ? characterEnd(source.bytes, at, source.end) : -1
      if (next < 0) source.refuseCharacter(at)
      source.holds |= holdsBeyondAscii
    }
    return next
  }

  #isSectionEnd(at: number): boolean {
    const { bytes, at: start } = this.#source
    return at - start >= 2 && bytes[at - 1] === bracket && bytes[at - 2] === bracket
  }

  #refuseSectionEnd(at: number): -1 {
    this.#source.refuse('not-well-formed', ']]> in text', at)
    return -1
  }

  #give(end: number, next: number): boolean {
    const source = this.#source
    const text = decode(source, source.at, end, source.holds, '\n')
    if (text === undefined) return false
    source.finish(next)
    if (text !== '') this.#tokens.text(text)
    return true
  }
}

/**
 * Characters as they are meant, given what they hold. `line` is what stands for an end of line, and in
 * values, where it is a space, for tabs too. `undefined` if a reference among them was refused.
 */
export function decode(
  source: Source,
  start: number,
  end: number,
  holds: number,
  line: '\n' | ' ',
): string | undefined {
  if (holds === 0) return source.ascii(start, end)
  let text = source.bytes.toString((holds & holdsBeyondAscii) === 0 ? 'latin1' : 'utf8', start, end)
  if (holds & holdsReturn) text = text.replaceAll(/\r\n?/g, line)
  if (holds & holdsLine) text = text.replaceAll(/[\n\t]/g, line)
  if ((holds & holdsReference) === 0) return text
  const resolved = resolveReferences(text)
  if ('text' in resolved) return resolved.text
  source.refuse(resolved.refused, 'a reference to neither a character nor lt, gt, amp, apos or quot', start)
  return undefined
}
