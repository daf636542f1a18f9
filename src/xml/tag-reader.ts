// XML §3.1 and Namespaces in XML §3, §4: start tags.
import {
  ampersand,
  beyondAscii,
  carriageReturn,
  colonClass,
  isLocalName,
  lessThan,
  lineOrTab,
  mayBeginName,
  nameClasses,
  quotation,
  skip,
  skipSpace,
  valueClasses,
} from './characters.ts'
import { attributeNames, elementNames } from './names.ts'
import type { Source } from './source.ts'
import { hasRepeatedName, repeatedAttribute, type Tokens } from './tag.ts'
import { decode, holdsBeyondAscii, holdsLine, holdsReference, holdsReturn } from './text.ts'
import { characterEnd } from './utf8.ts'

const none: string[] = []
Object.freeze(none)
const space = 0x20
const slash = 0x2f
const equals = 0x3d
const gt = 0x3e
const apostrophe = 0x27
const quotes = 0x22

/** What a tag holds that has to do with prefixes. */
interface Prefixed {
  readonly prefix: string
  /** Prefix, local name, value… */
  readonly attributes: string[]
  /** Prefix, namespace… */
  readonly declared: string[]
}

/**
 * Reads start tags. What XMPP sends all day, known names and values of ordinary characters, is read straight on;
 * what is not, by methods of its own. What answers an index answers -1 if the tag is not whole or is wrong.
 */
export class TagReader {
  readonly #source: Source
  readonly #tokens: Tokens
  /** Index behind the value that was read last. */
  #next = 0
  // Of the name that was read last.
  #prefix = ''
  #localName = ''

  constructor(source: Source, tokens: Tokens) {
    this.#source = source
    this.#tokens = tokens
  }

  /** Reads the tag that begins at `source.at` and tells it; false if it is not whole, or is wrong. */
  read(): boolean {
    const { bytes, at, end } = this.#source
    const known = elementNames.match(bytes, at + 1, end)
    if (known !== undefined) return this.#readRest(known, undefined, at + 1 + known.length)
    const nameEnd = this.#readName(at + 1)
    if (nameEnd < 0) return false
    const name = this.#localName
    const isPlain = name.length === nameEnd - at - 1
    return this.#readRest(name, isPlain ? undefined : newPrefixed(this.#prefix), nameEnd)
  }

  /** Reads attributes and the end of the tag. One function, so that what it gathers stays in registers. */
  #readRest(name: string, prefixedName: Prefixed | undefined, nameEnd: number): boolean {
    const source = this.#source
    const { bytes, end, limits } = source
    let prefixed = prefixedName
    let attributes: string[] = none
    let defaultNamespace: string | undefined
    // One bit for each name so far; a second time the same bit may be the same name.
    let seen = 0
    let mayRepeat = false
    let at = nameEnd
    for (let count = 0; ; count += 1) {
      const before = at
      const byte = bytes[at]
      if ((byte === gt || byte === slash) && at < end) break
      if (byte === space) at += 1
      let attribute = attributeNames.match(bytes, at, end)
      let prefix = ''
      if (attribute !== undefined && at > before && bytes[at + attribute.length] === equals)
        at += attribute.length + 1
      else {
        at = this.#readAttributeName(before)
        if (at < 0) return false
        attribute = this.#localName
        prefix = this.#prefix
        if (attribute === '') break
      }
      if (count >= limits.attributes) return source.refuse('policy-violation', 'too many attributes', at)
      const value = this.#readValue(at)
      if (value === undefined) return false
      at = this.#next
      if (prefix !== '') {
        prefixed ??= newPrefixed('')
        if (prefix === 'xmlns') prefixed.declared.push(attribute, value)
        else prefixed.attributes.push(prefix, attribute, value)
      } else if (attribute === 'xmlns') {
        if (defaultNamespace !== undefined) return source.refuse('not-well-formed', repeatedAttribute, at)
        defaultNamespace = value
      } else {
        const bit = 1 << (attribute.charCodeAt(0) + attribute.length)
        mayRepeat ||= (seen & bit) !== 0
        seen |= bit
        if (attributes === none) attributes = [attribute, value]
        else attributes.push(attribute, value)
      }
    }
    if (mayRepeat && hasRepeatedName(attributes))
      return source.refuse('not-well-formed', repeatedAttribute, at)
    const isEmpty = bytes[at] === slash
    if (isEmpty && at + 1 >= end) return source.waitForTag()
    if (isEmpty && bytes[at + 1] !== gt) return source.refuse('not-well-formed', 'a tag with a stray /', at)
    return prefixed === undefined
      ? this.#tell(name, attributes, defaultNamespace, isEmpty, at)
      : this.#tellPrefixed(name, attributes, defaultNamespace, isEmpty, at, nameEnd, prefixed)
  }

  #tell(
    name: string,
    attributes: string[],
    defaultNamespace: string | undefined,
    isEmpty: boolean,
    at: number,
  ): boolean {
    this.#source.finish(isEmpty ? at + 2 : at + 1)
    return this.#tokens.start(name, attributes, defaultNamespace, isEmpty)
  }

  #tellPrefixed(
    localName: string,
    attributes: string[],
    defaultNamespace: string | undefined,
    isEmpty: boolean,
    at: number,
    nameEnd: number,
    { prefix, attributes: prefixed, declared }: Prefixed,
  ): boolean {
    const source = this.#source
    const writtenName = source.bytes.latin1Slice(source.at + 1, nameEnd)
    source.finish(isEmpty ? at + 2 : at + 1)
    return this.#tokens.startPrefixed({
      writtenName,
      prefix,
      localName,
      attributes,
      prefixed,
      defaultNamespace,
      declared,
      isEmpty,
    })
  }

  /**
   * Reads white space, the name of an attribute and `=`; answers the index behind. Where the tag ends instead,
   * `#localName` is `''` and the index that of `>` or `/`.
   */
  #readAttributeName(from: number): number {
    const { bytes, end } = this.#source
    let at = skipSpace(bytes, from, end)
    if (at >= end) return this.#wait()
    if (bytes[at] === gt || bytes[at] === slash) {
      this.#localName = ''
      return at
    }
    if (at === from) return this.#refuse('no white space before an attribute', at)
    at = this.#readName(at)
    if (at < 0) return -1
    if (this.#prefix === 'xml') {
      this.#localName = `xml:${this.#localName}`
      this.#prefix = ''
    }
    at = skipSpace(bytes, at, end)
    if (at >= end) return this.#wait()
    return bytes[at] === equals ? at + 1 : this.#refuse('an attribute without =', at)
  }

  /** Reads a value in quotes; `#next` is the index behind it. `undefined` if it is not whole, or is wrong. */
  #readValue(from: number): string | undefined {
    const source = this.#source
    const { bytes, end, limits } = source
    const quote = bytes[from]
    if (quote === apostrophe || quote === quotes) {
      const at = skip(valueClasses, bytes, from + 1, end)
      if (at < end && bytes[at] === quote && at - from <= limits.valueLength) {
        this.#next = at + 1
        return source.ascii(from + 1, at)
      }
    }
    return this.#readSpecialValue(skipSpace(bytes, from, end))
  }

  #readSpecialValue(from: number): string | undefined {
    const source = this.#source
    const { bytes, end } = source
    const quote = bytes[from]
    const start = from + 1
    let holds = 0
    let at = skip(valueClasses, bytes, start, end)
    if (from < end && quote !== apostrophe && quote !== quotes)
      at = this.#refuse('a value without quotes', from)
    while (at >= 0 && at < end && bytes[at] !== quote) {
      const special = this.#special(at)
      if (special < 0) return undefined
      holds |= special
      at = special === holdsBeyondAscii ? characterEnd(bytes, at, end) : at + 1
      at = skip(valueClasses, bytes, at, end)
    }
    if (at >= end) this.#wait()
    else if (at - start > source.limits.valueLength)
      source.refuse('policy-violation', 'a value that is too long', start)
    this.#next = at + 1
    return source.fault === undefined && at < end ? decode(source, start, at, holds, ' ') : undefined
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

  /** Reads a name into `#prefix` and `#localName`; answers the index behind it. */
  #readName(start: number): number {
    const source = this.#source
    const { bytes, end } = source
    const first = skip(nameClasses, bytes, start, end)
    let at = first
    if (at < end && nameClasses[bytes[at] as number] === colonClass)
      at = skip(nameClasses, bytes, first + 1, end)
    if (at >= end) return this.#wait()
    if (at - start > source.limits.nameLength) {
      source.refuse('policy-violation', 'a name that is too long', start)
      return -1
    }
    this.#prefix = at === first ? '' : this.#name(start, first)
    this.#localName = this.#name(at === first ? start : first + 1, at)
    return source.fault === undefined ? at : -1
  }

  /** The name without colon that these bytes are; refuses them if they are none. */
  #name(start: number, end: number): string {
    const source = this.#source
    if (start < end && mayBeginName(source.bytes[start] as number)) {
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

  #wait(): -1 {
    this.#source.waitForTag()
    return -1
  }

  #refuse(text: string, at: number): -1 {
    this.#source.refuse('not-well-formed', text, at)
    return -1
  }
}

function newPrefixed(prefix: string): Prefixed {
  return { prefix, attributes: [], declared: [] }
}

function isUtf8(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start
  while (at > 0 && at < end) at = (bytes[at] as number) < 0x80 ? at + 1 : characterEnd(bytes, at, end)
  return at === end
}
