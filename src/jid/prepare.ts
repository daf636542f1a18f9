// RFC 7622 §3.3 and §3.4, RFC 8265: how texts are brought into the one form in which they are compared.
import { hasRightToLeft, meetsBidiRule } from './bidi.ts'
import { inFreeformClass, inIdentifierClass } from './precis.ts'

/** The most octets of UTF-8 that each part of an address may have (RFC 7622 §3.2 to §3.4). */
export const MAX_PART_OCTETS = 1023

// Mapping can make a text shorter; past this length (UTF-16 units) nobody looks whether it would be short enough.
const MAX_UNPREPARED_UNITS = 4 * MAX_PART_OCTETS
// As RFC 8266 §2.3 has it: apply the rules again until the output is stable, three more times at most.
const MAX_PASSES = 4

// What an ASCII text is, as bits.
const PRINTABLE = 0
const HAS_UPPERCASE = 1
const REFUSED = 2
const NOT_ASCII = 4

// RFC 7622 §3.3.1, and the space that the IdentifierClass has not either.
const FORBIDDEN_IN_LOCAL = /["&'/:<>@ ]/
const ASCII_LOCAL = asciiTable(FORBIDDEN_IN_LOCAL)

const FULL_OR_HALF_WIDTH = /[\u3000\uFF01-\uFFEE]/gu
const SPACES = /\p{Zs}/gu

/** A localpart in UsernameCaseMapped (RFC 8265 §3.3); `undefined` if it is not allowed in an address (RFC 7622 §3.3). */
export function prepareLocal(text: string): string | undefined {
  const kind = asciiKind(text)
  if (kind !== NOT_ASCII) {
    if ((kind & REFUSED) !== 0 || text.length > MAX_PART_OCTETS || text === '') return undefined
    return kind === HAS_UPPERCASE ? text.toLowerCase() : text
  }
  const prepared = stable(text, usernameCaseMapped)
  if (prepared === undefined || FORBIDDEN_IN_LOCAL.test(prepared)) return undefined
  return fits(prepared) ? prepared : undefined
}

/** A resourcepart in OpaqueString (RFC 7622 §3.4); `undefined` if it is not allowed in an address. */
export function prepareResource(text: string): string | undefined {
  const prepared = opaqueString(text)
  return prepared !== undefined && fits(prepared) ? prepared : undefined
}

/** Whether `text` has at most 1023 octets in UTF-8. */
export function fits(text: string): boolean {
  return text.length * 3 <= MAX_PART_OCTETS || Buffer.byteLength(text) <= MAX_PART_OCTETS
}

// Most addresses are ASCII; one walk over the units spares them regular expressions and normalization.
function asciiKind(text: string): number {
  let kind = PRINTABLE
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index)
    if (unit >= 0x80) return NOT_ASCII
    kind |= ASCII_LOCAL[unit] as number
  }
  return kind
}

function asciiTable(forbidden: RegExp): Uint8Array {
  const table = new Uint8Array(0x80).fill(REFUSED)
  for (let unit = 0x21; unit <= 0x7e; unit += 1) {
    if (!forbidden.test(String.fromCharCode(unit))) table[unit] = PRINTABLE
  }
  return table.fill(HAS_UPPERCASE, 0x41, 0x5b)
}

function isPrintableAscii(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index)
    if (unit < 0x20 || unit > 0x7e) return false
  }
  return true
}

// RFC 8265 §3.3.2: width, case, normalization, direction.
function usernameCaseMapped(text: string): string | undefined {
  // For code points of the IdentifierClass, the decompositions <wide> and <narrow> are those of NFKC.
  const mapped = text.replace(FULL_OR_HALF_WIDTH, (char) => char.normalize('NFKC'))
  if (!inIdentifierClass(mapped)) return undefined
  const prepared = mapped.toLowerCase().normalize('NFC')
  return !hasRightToLeft(prepared) || meetsBidiRule(prepared) ? prepared : undefined
}

function opaqueString(text: string): string | undefined {
  if (text === '' || text.length > MAX_UNPREPARED_UNITS) return undefined
  return isPrintableAscii(text) ? text : stable(text, opaquePass)
}

// RFC 8265 §4.2.2: no width mapping, spaces, no case mapping, normalization, no rule of direction.
function opaquePass(text: string): string | undefined {
  return inFreeformClass(text) ? text.replace(SPACES, ' ').normalize('NFC') : undefined
}

// A profile must give the same again for what it gave (RFC 8264 §7); what does not settle is refused.
function stable(text: string, pass: (text: string) => string | undefined): string | undefined {
  if (text.length > MAX_UNPREPARED_UNITS) return undefined
  let current = text
  for (let count = 0; count <= MAX_PASSES; count += 1) {
    const next = pass(current)
    if (next === undefined || next === '') return undefined
    if (next === current) return next
    current = next
  }
  return undefined
}
