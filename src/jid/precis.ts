// RFC 8264: the string classes of PRECIS, derived from the Unicode data of the runtime.
import { neighboursAllow, wholeAllows } from './context.ts'

const DISALLOWED = 0
const FREEFORM_ONLY = 1
const VALID = 2
const CONTEXTUAL = 3

// RFC 8264 §9.6 (F), which is RFC 5892 §2.6.
const EXCEPTION_VALID = /^[\u00DF\u03C2\u06FD\u06FE\u0F0B\u3007]$/u
const EXCEPTION_DISALLOWED = /^[\u0640\u07FA\u302E\u302F\u3031-\u3035\u303B]$/u
const CONTEXT = /^[\u00B7\u0375\u05F3\u05F4\u0660-\u0669\u06F0-\u06F9\u200C-\u200D\u30FB]$/u
// §9.9 (I), §9.13 (M)
const OLD_HANGUL_JAMO = /^[\u1100-\u11FF\uA960-\uA97C\uD7B0-\uD7FB]$/u
const IGNORABLE = /^[\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]$/u
// §9.1 (A); §9.14 (N), §9.15 (O), §9.16 (P), §9.18 (R)
const LETTER_DIGIT = /^[\p{Ll}\p{Lu}\p{Lo}\p{Nd}\p{Lm}\p{Mn}\p{Mc}]$/u
const FREEFORM = /^[\p{Lt}\p{Nl}\p{No}\p{Me}\p{Zs}\p{S}\p{P}]$/u

/** Whether every code point of `text` is allowed in the IdentifierClass (RFC 8264 §4.2), in its context. */
export function inIdentifierClass(text: string): boolean {
  return conforms(text, VALID)
}

/** Whether every code point of `text` is allowed in the FreeformClass (RFC 8264 §4.3), in its context. */
export function inFreeformClass(text: string): boolean {
  return conforms(text, FREEFORM_ONLY)
}

function conforms(text: string, least: number): boolean {
  let contextual = false
  for (let index = 0; index < text.length; ) {
    const codePoint = text.codePointAt(index) as number
    const property = derivedProperty(codePoint)
    if (property < least) return false
    if (property === CONTEXTUAL) {
      contextual = true
      if (!neighboursAllow(text, index, codePoint)) return false
    }
    index += codePoint > 0xffff ? 2 : 1
  }
  return !contextual || wholeAllows(text)
}

// RFC 8264 §8, in its order. What no rule names is disallowed: unassigned, private, control and lone surrogates.
function derivedProperty(codePoint: number): number {
  if (codePoint < 0x80) return codePoint === 0x20 ? FREEFORM_ONLY : isAscii7(codePoint) ? VALID : DISALLOWED
  const char = String.fromCodePoint(codePoint)
  if (CONTEXT.test(char)) return CONTEXTUAL
  if (EXCEPTION_VALID.test(char)) return VALID
  if (EXCEPTION_DISALLOWED.test(char)) return DISALLOWED
  if (OLD_HANGUL_JAMO.test(char) || IGNORABLE.test(char)) return DISALLOWED
  if (hasCompat(char)) return FREEFORM_ONLY
  if (LETTER_DIGIT.test(char)) return VALID
  return FREEFORM.test(char) ? FREEFORM_ONLY : DISALLOWED
}

// §9.11 (K)
function isAscii7(codePoint: number): boolean {
  return codePoint >= 0x21 && codePoint <= 0x7e
}

// §9.17 (Q)
function hasCompat(char: string): boolean {
  return char.normalize('NFKC') !== char
}
