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

/** Whether a code point of class R, AL or AN is in `text`, so that the Bidi Rule applies to it. */
export function hasRightToLeft(text: string): boolean {
  return RIGHT_TO_LEFT.test(text)
}

/**
 * Whether `text`, of the IdentifierClass, meets the six conditions. A username that has no right-to-left code point
 * need not (RFC 8265 §3.3.2), nor need a label in a domain name that has none (RFC 5893 §2).
 */
export function meetsBidiRule(text: string): boolean {
  let first: BidiClass = 'ON'
  let last: BidiClass = 'ON'
  let numbers: BidiClass = 'ON'
  let isFirst = true
  for (const char of text) {
    const found = bidiClass(char)
    if (isFirst) first = found
    isFirst = false
    if (found === 'AN' || found === 'EN') {
      if (first === 'R' && numbers !== 'ON' && numbers !== found) return false // condition 4
      numbers = found
    }
    if (first === 'R' ? found === 'L' : found === 'R' || found === 'AN') return false // conditions 2, 5
    if (found !== 'NSM') last = found
  }
  return (first === 'R' || first === 'L') && last !== 'ON' // conditions 1, 3, 6
}

function bidiClass(char: string): BidiClass {
  if (NONSPACING.test(char)) return 'NSM'
  if (ARABIC_NUMBER.test(char)) return 'AN'
  if (EUROPEAN_NUMBER.test(char)) return 'EN'
  if (RIGHT_TO_LEFT.test(char)) return 'R'
  return NEUTRAL.test(char) ? 'ON' : 'L'
}
