// RFC 3629: UTF-8, one character at a time, so that what is cut off can wait.

/**
 * Where the character that begins at `at` with a byte beyond ASCII ends; 0 if it may go on past `end`;
 * -1 if these bytes are no character of XML: overlong, a surrogate, past U+10FFFF, U+FFFE, U+FFFF or no UTF-8 at all.
 */
export function characterEnd(bytes: Uint8Array, at: number, end: number): number {
  const first = bytes[at] as number
  if (first < 0xc2 || first > 0xf4) return -1
  if (at + 1 >= end) return 0
  const second = bytes[at + 1] as number
  if (second < lowestSecond(first) || second > highestSecond(first)) return -1
  if (first < 0xe0) return at + 2
  if (at + 2 >= end) return 0
  const third = bytes[at + 2] as number
  if ((third & 0xc0) !== 0x80) return -1
  if (first < 0xf0) return first === 0xef && second === 0xbf && third >= 0xbe ? -1 : at + 3
  if (at + 3 >= end) return 0
  return ((bytes[at + 3] as number) & 0xc0) === 0x80 ? at + 4 : -1
}

// The bounds keep out what has a shorter form (E0, F0), the surrogates (ED) and what is past U+10FFFF (F4).
function lowestSecond(first: number): number {
  return first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80
}

function highestSecond(first: number): number {
  return first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf
}
