// XML 1.0 (fifth edition) §2.2, §2.3: which bytes and characters may stand where.

/** What a byte means within text, CDATA and values; 0 is an ordinary character. */
export const ordinary = 0
export const lessThan = 1
export const ampersand = 2
export const carriageReturn = 3
export const greaterThan = 4
export const beyondAscii = 5
export const forbidden = 6
export const lineOrTab = 7
export const singleQuote = 8
export const doubleQuote = 9

function table(special: Readonly<Record<string, number>>): Uint8Array {
  const classes = new Uint8Array(256)
  classes.fill(forbidden, 0, 32)
  classes.fill(beyondAscii, 128)
  for (const character of '\t\n\r') classes[character.charCodeAt(0)] = ordinary
  for (const [character, meaning] of Object.entries(special)) classes[character.charCodeAt(0)] = meaning
  return classes
}

/** Bytes in text between tags. */
export const textClasses: Uint8Array = table({
  '<': lessThan,
  '&': ampersand,
  '>': greaterThan,
  '\r': carriageReturn,
})

/** Bytes in a CDATA section. */
export const cdataClasses: Uint8Array = table({ '>': greaterThan, '\r': carriageReturn })

/** Bytes in an attribute's value, whichever quotes it is in. */
export const valueClasses: Uint8Array = table({
  '<': lessThan,
  '&': ampersand,
  '\r': carriageReturn,
  '\n': lineOrTab,
  '\t': lineOrTab,
  "'": singleQuote,
  '"': doubleQuote,
})

/** Bytes that may stand in a name (1), and be its first (3). The colon may not; bytes beyond ASCII are to be looked at. */
export const nameClasses: Uint8Array = nameTable()

function nameTable(): Uint8Array {
  const classes = new Uint8Array(256)
  classes.fill(3, 128)
  for (let byte = 0; byte < 128; byte += 1) {
    const character = String.fromCharCode(byte)
    if (/[A-Za-z_]/.test(character)) classes[byte] = 3
    else if (/[-.0-9]/.test(character)) classes[byte] = 1
  }
  return classes
}

const nameStart =
  'A-Z_a-z\\u{C0}-\\u{D6}\\u{D8}-\\u{F6}\\u{F8}-\\u{2FF}\\u{370}-\\u{37D}\\u{37F}-\\u{1FFF}\\u{200C}-\\u{200D}' +
  '\\u{2070}-\\u{218F}\\u{2C00}-\\u{2FEF}\\u{3001}-\\u{D7FF}\\u{F900}-\\u{FDCF}\\u{FDF0}-\\u{FFFD}\\u{10000}-\\u{EFFFF}'
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
export function isSpace(byte: number): boolean {
  return byte === 32 || byte === 10 || byte === 9 || byte === 13
}
