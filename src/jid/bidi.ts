// RFC 5893 §2: the Bidi Rule, for text of PRECIS' IdentifierClass.

// Bidi classes are not among the properties a regular expression knows. For letters, marks and digits they follow
// from these few facts (held against the whole table of Unicode 14): everything in the right-to-left areas that is
// no mark and no Arabic digit is R or AL, which the rule does not tell apart.
const RIGHT_TO_LEFT = /[\u0590-\u08FF\uFB1D-\uFDFF\uFE70-\uFEFF\u{10800}-\u{10FFF}\u{1E800}-\u{1EFFF}]/u
const NONSPACING = /^[[\p{Mn}\p{Me}]--[\u0CBF\u0CC6\u{11A07}\u{11A08}\u{11C3F}]]$/v
const ARABIC_NUMBER = /^[\u0660-\u0669\u{10D30}-\u{10D39}]$/u
const EUROPEAN_NUMBER = /^[0-9\u06F0-\u06F9]$/
const NEUTRAL =
  /^[\x21-\x2f\x3a-\x40\x5b-\x60\x7b-\x7e\u00B7\u200C-\u200D\u02B9\u02BA\u02C6-\u02CF\u02EC\u0375\u2E2F\u30FB\uA67F\uA717-\uA71F\uA788]$/

// ON stands for ES, CS, ET and BN as well: where the rule allows one, it allows all.
type BidiClass = 'R' | 'L' | 'AN' | 'EN' | 'NSM' | 'ON'

/**
 * Whether `text` meets the Bidi Rule, or has no right-to-left code point, so that the rule does not apply to it
 * (RFC 8265 §3.3.2 step 5). `text` must be of the IdentifierClass.
 */
export function meetsBidiRule(text: string): boolean {
  if (!RIGHT_TO_LEFT.test(text)) return true
  let numbers: BidiClass | '' = ''
  let first: BidiClass | '' = ''
  let last: BidiClass | '' = ''
  for (const char of text) {
    const found = bidiClass(char)
    if (found === 'L') return false // a right-to-left text may not have it, a left-to-right one may not have R
    if (found === 'AN' || found === 'EN') {
      if (numbers !== '' && numbers !== found) return false
      numbers = found
    }
    if (first === '') first = found
    if (found !== 'NSM') last = found
  }
  return first === 'R' && last !== 'ON'
}

function bidiClass(char: string): BidiClass {
  if (NONSPACING.test(char)) return 'NSM'
  if (ARABIC_NUMBER.test(char)) return 'AN'
  if (EUROPEAN_NUMBER.test(char)) return 'EN'
  if (RIGHT_TO_LEFT.test(char)) return 'R'
  return NEUTRAL.test(char) ? 'ON' : 'L'
}
