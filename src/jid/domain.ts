// RFC 7622 §3.2: domainparts — names in IDNA, IPv4 and IPv6 literals.
import { isIPv6 } from 'node:net'
import { domainToASCII, domainToUnicode } from 'node:url'
import { hasRightToLeft, meetsBidiRule } from './bidi.ts'
import { inIdentifierClass } from './precis.ts'
import { fits, MAX_PART_OCTETS } from './prepare.ts'

const MAX_LABEL_OCTETS = 63

// RFC 5895 §2.4, with the wide and the half-wide form.
const DOT_AT_END = /[.\u3002\uFF0E\uFF61]$/
const IDEOGRAPHIC_STOP = /\u3002/g
const UPPERCASE = /\p{Lu}/gu

/**
 * A domainpart in the form in which it is compared: lower case, U-labels, no dot at the end, an IPv6 literal in its
 * shortest form. `undefined` if it is none. A name past the 253 octets of DNS is left to the resolver to refuse.
 */
export function prepareDomain(text: string): string | undefined {
  if (text.length > MAX_PART_OCTETS + 1) return undefined
  if (text.charCodeAt(0) === 0x5b) return ipv6Literal(text)
  // §3.2: the dot of the root is taken off before anything else happens.
  const name = DOT_AT_END.test(text.slice(-1)) ? text.slice(0, -1) : text
  return asciiName(name) ?? internationalName(name)
}

/** The form of a domainpart that DNS, TLS and certificates know: A-labels; literals as they are. */
export function asciiDomain(domain: string): string {
  // Names of ASCII only are left alone, for the runtime would read `127.1` as a number.
  return asciiName(domain) ?? (domain.startsWith('[') ? domain : domainToASCII(domain))
}

function ipv6Literal(text: string): string | undefined {
  const address = text.slice(1, -1)
  // A zone means something on one machine only (RFC 6874), so it is no part of an address that travels.
  if (!text.endsWith(']') || address.includes('%') || !isIPv6(address)) return undefined
  return domainToASCII(text)
}

/** `name` in lower case if it is made of NR-LDH labels only (RFC 5890 §2.3.1), an IPv4 literal among them. */
function asciiName(name: string): string | undefined {
  let hasUppercase = false
  let start = 0
  for (let index = 0; index <= name.length; index += 1) {
    const unit = index < name.length ? name.charCodeAt(index) : DOT
    if (unit === DOT) {
      if (index - start > MAX_LABEL_OCTETS || !hyphensAllowed(name, start, index)) return undefined
      start = index + 1
    } else if (unit >= 0x41 && unit <= 0x5a) hasUppercase = true
    else if (!isLetterDigitHyphen(unit)) return undefined
  }
  if (name.length > MAX_PART_OCTETS) return undefined
  return hasUppercase ? name.toLowerCase() : name
}

const DOT = 0x2e
const HYPHEN = 0x2d

function isLetterDigitHyphen(unit: number): boolean {
  return (unit >= 0x61 && unit <= 0x7a) || (unit >= 0x30 && unit <= 0x39) || unit === HYPHEN
}

// RFC 5891 §4.2.3.1: no hyphen first or last; those in third and fourth place are reserved for A-labels and their like.
function hyphensAllowed(name: string, start: number, end: number): boolean {
  if (end === start || name.charCodeAt(start) === HYPHEN || name.charCodeAt(end - 1) === HYPHEN) return false
  return end - start < 4 || name.charCodeAt(start + 2) !== HYPHEN || name.charCodeAt(start + 3) !== HYPHEN
}

function internationalName(name: string): string | undefined {
  const mapped = mapName(name)
  const plain = asciiName(mapped)
  if (plain !== undefined) return plain
  // Before the runtime's IDNA sees it, so that its URL rules (percent, numbers as hosts) find nothing to do.
  if (!mapped.split('.').every(isLabel)) return undefined
  const ascii = domainToASCII(mapped)
  const unicode = domainToUnicode(ascii)
  // An A-label that encodes no U-label comes back as it was, with its reserved hyphens, or encodes something else.
  if (domainToASCII(unicode) !== ascii) return undefined
  const labels = unicode.split('.')
  if (!labels.every(isULabel) || (hasRightToLeft(unicode) && !labels.every(meetsBidiRule))) return undefined
  if (!ascii.split('.').every(hasLabelLength)) return undefined
  return fits(unicode) ? unicode : undefined
}

// Compatibility and case as browsers map them (UTS 46), sigma not by its place in the word. The runtime composes.
function mapName(name: string): string {
  return name
    .normalize('NFKC')
    .replace(IDEOGRAPHIC_STOP, '.')
    .replace(UPPERCASE, (char) => char.toLowerCase())
}

function isLabel(label: string): boolean {
  // An A-label has at most 63 octets, and no U-label is longer than its A-label.
  if (label === '' || label.length > MAX_LABEL_OCTETS * 2) return false
  for (let index = 0; index < label.length; index += 1) {
    const unit = label.charCodeAt(index)
    if (unit < 0x80 && !isLetterDigitHyphen(unit)) return false
  }
  return inIdentifierClass(label)
}

function isULabel(label: string): boolean {
  return isLabel(label) && hyphensAllowed(label, 0, label.length)
}

function hasLabelLength(label: string): boolean {
  return label.length <= MAX_LABEL_OCTETS
}
