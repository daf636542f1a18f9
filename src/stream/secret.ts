// RFC 4013 (SASLprep): passwords as SCRAM's clients prepare them before hashing.

/** The longest password that is looked at, in UTF-16 units; longer ones are refused. */
export const secretLengthLimit = 1024

// RFC 4013 §2.1: spaces become U+0020, and these vanish (RFC 3454 tables C.1.2 and B.1).
const spaces = /[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]/g
const nothings = /\u00ad|\u034f|\u1806|[\u180b-\u180d]|[\u200b-\u200d]|\u2060|[\ufe00-\ufe0f]|\ufeff/g
// RFC 4013 §2.3: control characters, private use, non-characters, surrogates, and those that are unfit for plain
// text, that change the display or are tags.
const prohibited =
  /\p{Cc}|\p{Co}|\p{Cs}|\p{Noncharacter_Code_Point}|[\u06dd\u070f\u180e\u2028\u2029\u2061-\u2063\u206a-\u206f\ufff9-\ufffd\u2ff0-\u2ffb\u200e\u200f\u202a-\u202e]|[\u{1d173}-\u{1d17a}]|[\u{e0001}-\u{e007f}]/u

/**
 * Prepares a password; `undefined` if it is empty, too long or has characters that no password may have.
 * The check of mixed writing directions (RFC 4013 §2.4) is left out: refusing what a client was able to send helps nobody.
 */
export function prepareSecret(secret: string): string | undefined {
  if (secret.length > secretLengthLimit) return undefined
  const prepared = secret.replace(spaces, ' ').replace(nothings, '').normalize('NFKC')
  return prepared === '' || prohibited.test(prepared) ? undefined : prepared
}
