// RFC 5892 Appendix A: code points that are allowed only in some surroundings.
import { JOINS_NEXT, JOINS_PREVIOUS } from './joining.ts'

const GREEK = /^\p{Script=Greek}$/u
const HEBREW = /^\p{Script=Hebrew}$/u
const TRANSPARENT = /^[\p{Mn}\p{Me}\p{Cf}]$/u
const JAPANESE = /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/u
const ARABIC_INDIC_DIGIT = /[\u0660-\u0669]/
const EXTENDED_ARABIC_INDIC_DIGIT = /[\u06F0-\u06F9]/

const ZWNJ = 0x200c
const ZWJ = 0x200d
const MIDDLE_DOT = 0xb7
const GREEK_NUMERAL_SIGN = 0x375
const GERESH = 0x5f3
const GERSHAYIM = 0x5f4
const KATAKANA_MIDDLE_DOT = '\u30fb'

/** Whether the code point at `index` of `text` may stand between its neighbours (A.1 to A.6). */
export function neighboursAllow(text: string, index: number, codePoint: number): boolean {
  switch (codePoint) {
    case ZWNJ:
      return isVirama(before(text, index)) || breaksJoin(text, index)
    case ZWJ:
      return isVirama(before(text, index))
    case MIDDLE_DOT:
      return before(text, index) === 'l' && after(text, index) === 'l'
    case GREEK_NUMERAL_SIGN:
      return GREEK.test(after(text, index))
    case GERESH:
    case GERSHAYIM:
      return HEBREW.test(before(text, index))
    default:
      return true
  }
}

/** Whether the whole of `text` meets the rules that do not ask about neighbours (A.7 to A.9). */
export function wholeAllows(text: string): boolean {
  if (text.includes(KATAKANA_MIDDLE_DOT) && !JAPANESE.test(text)) return false
  return !(ARABIC_INDIC_DIGIT.test(text) && EXTENDED_ARABIC_INDIC_DIGIT.test(text))
}

/** The code point before `index`, or `''`. */
function before(text: string, index: number): string {
  if (index === 0) return ''
  const unit = text.charCodeAt(index - 1)
  const isLowSurrogate = unit >= 0xdc00 && unit <= 0xdfff
  return text.slice(isLowSurrogate ? index - 2 : index - 1, index)
}

/** The code point after the one (of the basic plane) at `index`, or `''`. */
function after(text: string, index: number): string {
  const next = text.codePointAt(index + 1)
  return next === undefined ? '' : String.fromCodePoint(next)
}

// Canonical_Combining_Class 9 is no property of regular expressions, but normalization sorts marks by class: a
// virama is put before U+05B0 (the only one of class 10) and after U+3099 (of class 8).
function isVirama(char: string): boolean {
  return char !== '' && isReordered('\u05b0', char) && isReordered(char, '\u3099')
}

function isReordered(first: string, second: string): boolean {
  return first !== second && `${first}${second}`.normalize('NFD') === `${second}${first}`
}

// A.1: (Joining_Type:{L,D})(Joining_Type:T)* ZWNJ (Joining_Type:T)*(Joining_Type:{R,D}).
// Another ZWNJ ends the walk, so that a text full of them costs linear time.
function breaksJoin(text: string, index: number): boolean {
  let start = index
  let previous = before(text, start)
  while (isTransparent(previous)) {
    start -= previous.length
    previous = before(text, start)
  }
  let end = index
  let next = after(text, end)
  while (isTransparent(next)) {
    end += next.length
    next = after(text, end)
  }
  return JOINS_NEXT.test(previous) && JOINS_PREVIOUS.test(next)
}

function isTransparent(char: string): boolean {
  return char !== '\u200c' && char !== '\u200d' && TRANSPARENT.test(char)
}
