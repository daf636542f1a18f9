// XML §3.1 and Namespaces in XML §3, §4: the inside of a start tag.
import {
  ampersand,
  beyondAscii,
  carriageReturn,
  isLocalName,
  isSpace,
  lessThan,
  lineOrTab,
  mayBegin,
  nameClasses,
  ordinary,
  quotation,
  valueClasses,
} from './characters.ts'
import type { XmlLimits } from './limits.ts'
import { knownNames } from './names.ts'
import type { Source } from './source.ts'
import { StartTag } from './tag.ts'
import { decode, holdsBeyondAscii, holdsLine, holdsReference, holdsReturn } from './text.ts'
import { characterEnd } from './utf8.ts'

const none: readonly never[] = Object.freeze([])
const slash = 0x2f
const colonSign = 0x3a
const equals = 0x3d
const gt = 0x3e
const apostrophe = 0x27
const quotes = 0x22

/** Reads start tags. What answers an index answers -1 if the tag is not whole or is wrong. */
export class TagReader {
  readonly tag = new StartTag()
  /** The name of the tag as it was written, byte for byte. */
  writtenName = ''
  readonly #source: Source
  /** Where the colon of the name that was read last is; 0 for none. */
  #colon = 0
  #value = ''
  readonly #attributes: string[] = []
  #attributesLength = 0

  constructor(source: Source) {
    this.#source = source
  }

  /** Reads the tag that begins at `source.at` into `tag`; answers the index behind it. */
  read(limits: XmlLimits): number {
    const source = this.#source
    const start = source.at + 1
    const nameEnd = this.#readName(start, limits)
    if (nameEnd < 0) return -1
    const { tag } = this
    tag.clear()
    this.#nameTag(start, nameEnd)
    if (source.fault !== undefined) return -1
    this.#attributesLength = 0
    const at = this.#readAttributes(nameEnd, limits)
    if (at < 0) return -1
    tag.attributes = this.#attributesLength === 0 ? none : this.#attributes.slice(0, this.#attributesLength)
    tag.isEmpty = source.bytes[at] === slash
    return tag.isEmpty ? at + 2 : at + 1
  }

  /** Lets go of the last tag. */
  clear(): void {
    this.tag.clear()
    this.writtenName = ''
    this.#value = ''
    this.#attributes.length = 0
  }

  #nameTag(start: number, end: number): void {
    const { tag } = this
    const colon = this.#colon
    if (colon === 0) {
      tag.localName = this.#name(start, end)
      this.writtenName = tag.localName.length === end - start ? tag.localName : this.#source.ascii(start, end)
    } else {
      tag.prefix = this.#name(start, colon)
      tag.localName = this.#name(colon + 1, end)
      this.writtenName = this.#source.ascii(start, end)
    }
  }

  /** Reads ` name='value'` as often as it comes; answers where `>` or `/>` is. */
  #readAttributes(from: number, limits: XmlLimits): number {
    const { bytes, end } = this.#source
    let at = from
    for (let count = 0; ; count += 1) {
      const before = at
      at = this.#skipSpace(at)
      if (at >= end) return this.#wait()
      const byte = bytes[at]
      if (byte === gt) return at
      if (byte === slash) {
        if (at + 1 >= end) return this.#wait()
        return bytes[at + 1] === gt ? at : this.#refuse('a tag with a stray /', at)
      }
      if (at === before) return this.#refuse('no white space before an attribute', at)
      if (count >= limits.attributes) return this.#refuseLimit('too many attributes', at)
      at = this.#readAttribute(at, limits)
      if (at < 0) return -1
    }
  }

  #readAttribute(start: number, limits: XmlLimits): number {
    const { bytes, end } = this.#source
    const nameEnd = this.#readName(start, limits)
    if (nameEnd < 0) return -1
    const colon = this.#colon
    let at = this.#skipSpace(nameEnd)
    if (at >= end) return this.#wait()
    if (bytes[at] !== equals) return this.#refuse('an attribute without =', at)
    at = this.#skipSpace(at + 1)
    if (at >= end) return this.#wait()
    at = this.#readValue(at, limits)
    if (at < 0) return -1
    if (colon === 0) this.#add(this.#name(start, nameEnd))
    else this.#addPrefixed(start, colon, nameEnd)
    return this.#source.fault === undefined ? at : -1
  }

  #add(name: string): void {
    if (name !== 'xmlns') {
      this.#attributes[this.#attributesLength] = name
      this.#attributes[this.#attributesLength + 1] = this.#value
      this.#attributesLength += 2
    } else if (this.tag.defaultNamespace === undefined) this.tag.defaultNamespace = this.#value
    else this.#refuse('an attribute that is there twice', this.#source.at)
  }

  #addPrefixed(start: number, colon: number, end: number): void {
    const { tag } = this
    if (knownNames.find(this.#source.bytes, start, end) === 'xml:lang') {
      this.#add('xml:lang')
      return
    }
    const prefix = this.#name(start, colon)
    const name = this.#name(colon + 1, end)
    if (prefix === 'xml') this.#add(`xml:${name}`)
    else if (prefix === 'xmlns') {
      tag.declared ??= []
      tag.declared.push(name, this.#value)
    } else {
      tag.prefixed ??= []
      tag.prefixed.push(prefix, name, this.#value)
    }
  }

  /** Reads a value in quotes into `#value`; answers the index behind it. */
  #readValue(from: number, limits: XmlLimits): number {
    const source = this.#source
    const { bytes, end } = source
    const quote = bytes[from]
    if (quote !== apostrophe && quote !== quotes) return this.#refuse('a value without quotes', from)
    const start = from + 1
    let at = start
    let holds = 0
    for (;;) {
      while (at < end && valueClasses[bytes[at] as number] === ordinary) at += 1
      if (at >= end) return this.#wait()
      if (bytes[at] === quote) break
      const special = this.#special(at)
      if (special < 0) return -1
      holds |= special
      at = special === holdsBeyondAscii ? characterEnd(bytes, at, end) : at + 1
    }
    if (at - start > limits.valueLength) return this.#refuseLimit('a value that is too long', start)
    const value = decode(source, start, at, holds, ' ')
    if (value === undefined) return -1
    this.#value = value
    return at + 1
  }

  /** What the value holds with the byte at `at`, which is not ordinary; -1 if it may not stand there or goes on. */
  #special(at: number): number {
    const source = this.#source
    switch (valueClasses[source.bytes[at] as number]) {
      case quotation:
        return 0
      case ampersand:
        return holdsReference
      case carriageReturn:
        return holdsReturn
      case lineOrTab:
        return holdsLine
      case lessThan:
        return this.#refuse('a < within a value', at)
      case beyondAscii: {
        const next = characterEnd(source.bytes, at, source.end)
        if (next > 0) return holdsBeyondAscii
        if (next === 0) return this.#wait()
      }
    }
    source.refuseCharacter(at)
    return -1
  }

  /** Finds the end of a name, with a prefix or without, and its `#colon`; `#name` looks at what it is made of. */
  #readName(start: number, limits: XmlLimits): number {
    const { bytes, end } = this.#source
    let at = start
    while (at < end && nameClasses[bytes[at] as number] !== 0) at += 1
    this.#colon = 0
    if (at < end && bytes[at] === colonSign) {
      this.#colon = at
      at += 1
      while (at < end && nameClasses[bytes[at] as number] !== 0) at += 1
    }
    if (at >= end) return this.#wait()
    return at - start > limits.nameLength ? this.#refuseLimit('a name that is too long', start) : at
  }

  /** The name without colon that these bytes are, `''` if they are none. */
  #name(start: number, end: number): string {
    const source = this.#source
    const known = knownNames.find(source.bytes, start, end)
    if (known !== undefined) return known
    if (start < end && (nameClasses[source.bytes[start] as number] as number) & mayBegin) {
      let at = start
      while (at < end && (source.bytes[at] as number) < 0x80) at += 1
      if (at === end) return source.ascii(start, end)
      if (isUtf8(source.bytes, at, end)) {
        const name = source.bytes.toString('utf8', start, end)
        if (isLocalName(name)) return name
      }
    }
    source.refuse('not-well-formed', 'something that is no name', start)
    return ''
  }

  #skipSpace(from: number): number {
    const { bytes, end } = this.#source
    let at = from
    while (at < end && isSpace(bytes[at])) at += 1
    return at
  }

  #wait(): -1 {
    this.#source.waitForTag()
    return -1
  }

  #refuse(text: string, at: number): -1 {
    this.#source.refuse('not-well-formed', text, at)
    return -1
  }

  #refuseLimit(text: string, at: number): -1 {
    this.#source.refuse('policy-violation', text, at)
    return -1
  }
}

function isUtf8(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start
  while (at > 0 && at < end) at = (bytes[at] as number) < 0x80 ? at + 1 : characterEnd(bytes, at, end)
  return at === end
}
