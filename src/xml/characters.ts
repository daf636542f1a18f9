// XML 1.0 (fifth edition) §2.2, §2.3: which bytes and characters may stand where.

// What a byte means within text, a CDATA section or a value.
export const ordinary = 0
export const lessThan = 1
export const ampersand = 2
export const carriageReturn = 3
export const greaterThan = 4
export const beyondAscii = 5
export const forbidden = 6
export const lineOrTab = 7
export const quotation = 8
export const colonClass = 9

/** Bytes in text between tags. */
export const textClasses: Uint8Array = classesWith({
  '<': lessThan,
  '&': ampersand,
  '>': greaterThan,
  '\r': carriageReturn,
})

/** Bytes in a CDATA section. */
export const sectionClasses: Uint8Array = classesWith({ '>': greaterThan, '\r': carriageReturn })

/** Bytes in an attribute's value, whichever quotes it is in. */
export const valueClasses: Uint8Array = classesWith({
  '<': lessThan,
  '&': ampersand,
  '\r': carriageReturn,
  '\n': lineOrTab,
  '\t': lineOrTab,
  "'": quotation,
  '"': quotation,
})

function classesWith(special: Readonly<Record<string, number>>): Uint8Array {
  const classes = new Uint8Array(256)
  classes.fill(forbidden, 0, 32)
  classes.fill(beyondAscii, 128)
  for (const character of '\t\n\r') classes[character.charCodeAt(0)] = ordinary
  for (const [character, meaning] of Object.entries(special)) classes[character.charCodeAt(0)] = meaning
  return classes
}

/** Bytes that a name is made of, but for its colon; of those beyond ASCII `isLocalName` decides. */
export const nameClasses: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte === 0x3a) return colonClass
  return byte >= 128 || /[-.0-9A-Za-z_]/.test(String.fromCharCode(byte)) ? ordinary : forbidden
})

/** Whether a name may begin with this byte; of those beyond ASCII `isLocalName` decides. */
export function mayBeginName(byte: number): boolean {
  const letter = byte | 0x20
  return (letter >= 0x61 && letter <= 0x7a) || byte === 0x5f || byte >= 0x80
}

/**
 * Index of the first byte from `from` on that is not ordinary, or `end`. The one loop that goes over every byte:
 * apart and with the table as an argument, it is compiled to a few instructions.
 */
export function skip(classes: Uint8Array, bytes: Uint8Array, from: number, end: number): number {
  let at = from
  while (at < end && classes[bytes[at] as number] === 0) at += 1
  return at
}

const nameStart =
  'A-Z_a-z\\u{C0}-\\u{D6}\\u{D8}-\\u{F6}\\u{F8}-\\u{2FF}\\u{370}-\\u{37D}\\u{37F}-\\u{1FFF}' +
  '\\u{200C}-\\u{200D}\\u{2070}-\\u{218F}\\u{2C00}-\\u{2FEF}\\u{3001}-\\u{D7FF}\\u{F900}-\\u{FDCF}' +
  '\\u{FDF0}-\\u{FFFD}\\u{10000}-\\u{EFFFF}'
const localName = new RegExp(
  `^[${nameStart}][-.0-9\\u{B7}\\u{300}-\\u{36F}\\u{203F}-\\u{2040}${nameStart}]*$`,
  'u',
)

/** Whether text is a name without a colon (Namespaces in XML §3, NCName). */
export function isLocalName(text: string): boolean {
  return localName.test(text)
}

/** Whether a code point may stand in XML at all (XML §2.2). */
export function isCharacter(code: number): boolean {
  if (code < 0x20) return code === 9 || code === 10 || code === 13
  return code < 0xd800 || (code > 0xdfff && code < 0xfffe) || (code > 0xffff && code < 0x110000)
}

/** Whether a byte is white space (XML §2.3). */
export function isSpace(byte: number | undefined): boolean {
  return byte === 32 || byte === 10 || byte === 9 || byte === 13
}

/** Index of the first byte from `from` on that is no white space, or `end`. */
export function skipSpace(bytes: Uint8Array, from: number, end: number): number {
  let at = from
  while (at < end && isSpace(bytes[at])) at += 1
  return at
}
